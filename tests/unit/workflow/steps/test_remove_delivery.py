from __future__ import annotations

import importlib.util
import json
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from aep_delivery.events.details import RemovedResource
from aep_delivery.runtime.errors import ErrorDocument, UserError
from aep_delivery.state.lock import LockHeldError
from aep_delivery.state.records import REMOVED
from aep_delivery.workflow.messages import AcquireLock, DeliveryName, ReleaseLock
from aep_delivery.workflow.removal_messages import DisableDataflow, HandleRemovalFailure, RecordRemoval
from aep_delivery.workflow.steps.handle_removal_failure import handle_removal_failure
from aep_delivery.workflow.steps.lock import acquire_lock, release_lock
from aep_delivery.workflow.steps.receive_removal import receive_removal
from aep_delivery.workflow.steps.record_removal import record_removal

ROOT = Path(__file__).parents[4]
DELIVERY = "prod/nyc-flights"
FLOW = RemovedResource(kind="dataflow", id="flow-1", name="nyc-flights")
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:remove"


def test_the_lock_is_taken_by_the_id_alone_and_stands_in_the_way_of_a_delivery(services):
    removal = DeliveryName(delivery_id=DELIVERY)
    acquire_lock(AcquireLock(execution="removal", delivery=removal), services)
    delivery = AcquireLock.model_validate(
        {"execution": "delivery", "delivery": {"deliveryId": DELIVERY, "config": "deliveries/x/config.json"}}
    )
    with pytest.raises(LockHeldError):
        acquire_lock(delivery, services)
    release_lock(ReleaseLock(execution="removal", delivery=removal), services)
    acquire_lock(delivery, services)


@pytest.mark.parametrize(
    "wrong", ["", "nyc-flights", "prod/", "/nyc-flights", "prod/nyc/flights", "prod/NYC", "a b/c-d"]
)
def test_only_the_id_of_a_delivery_gets_in(wrong):
    with pytest.raises(ValidationError):
        DisableDataflow.model_validate({"execution": "e", "deliveryId": wrong, "lock": {"token": 1}})


def test_a_removal_is_kept_remembered_and_told(services):
    removal = record_removal(RecordRemoval(execution="removal", delivery_id=DELIVERY, resources=[FLOW]), services)
    kept = json.loads(services.documents.get(f"deliveries/{DELIVERY}/removal/removal.json"))
    assert kept == {
        "schemaVersion": "1",
        "deliveryId": DELIVERY,
        "execution": "removal",
        "resources": [{"kind": "dataflow", "id": "flow-1", "name": "nyc-flights"}],
        "finishedAt": "2026-03-01T12:00:00Z",
    }
    latest = services.store.latest_outcome(DELIVERY)
    assert (latest.verdict, latest.execution, latest.receipt_uri) == (REMOVED, "removal", removal.record)
    (event,) = services.publisher.events
    assert event.detail_type == "Delivery Removed"
    assert (event.detail.record, event.detail.resources) == (removal.record, [FLOW])
    assert event.detail.reason == "1 resource is gone from Adobe with prod/nyc-flights; exported files stay."


def test_a_removal_of_nothing_says_so(services):
    removal = record_removal(RecordRemoval(execution="removal", delivery_id=DELIVERY, resources=[]), services)
    assert removal.reason == "Nothing of prod/nyc-flights was left in Adobe."


def failure(**request):
    document = ErrorDocument(
        error="UserError", code="remove.in-use", message="It is in use.", place="base-1", hint="Ask."
    )
    cause = {"errorType": "UserError", "errorMessage": document.model_dump_json()}
    return HandleRemovalFailure(
        execution="removal", request=request, failed_step="disable_dataflow", error="UserError", cause=json.dumps(cause)
    )


def test_a_failure_gives_the_lock_back_and_is_told(services):
    services.store.acquire_lock(DELIVERY, "removal", timedelta(minutes=1))
    failed = handle_removal_failure(failure(deliveryId=DELIVERY), services)
    services.store.acquire_lock(DELIVERY, "somebody", timedelta(minutes=1))
    assert failed.error == "remove.in-use"
    assert failed.cause == "base-1: It is in use. [remove.in-use]\n  hint: Ask."
    (event,) = services.publisher.events
    assert event.detail_type == "Delivery Removal Failed"
    assert (event.detail.delivery_id, event.detail.delivery, event.detail.sandbox) == (DELIVERY, "nyc-flights", "prod")
    assert event.detail.error.code == "remove.in-use"
    # How the last delivery ended is not forgotten over it.
    assert services.store.latest_outcome(DELIVERY) is None


@pytest.mark.parametrize("request_", [{}, {"deliveryId": 7}, {"deliveryId": "nonsense"}, {"deliveryId": None}])
def test_a_failure_is_told_whatever_was_asked(services, request_):
    handle_removal_failure(failure(**request_), services)
    (event,) = services.publisher.events
    assert (event.detail.delivery_id, event.detail.delivery, event.detail.sandbox) == (None, None, None)


@pytest.fixture
def sample():
    return json.loads((ROOT / "events" / "delivery-removal-requested.json").read_text())


@pytest.fixture
def stepfunctions(aws_account):
    client = aws_account("stepfunctions")
    definition = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
    client.create_state_machine(name="remove", definition=definition, roleArn="arn:aws:iam::123456789012:role/r")
    return client


def test_an_event_starts_one_removal_however_often_it_comes(stepfunctions, sample):
    name = receive_removal(sample, MACHINE)
    assert receive_removal(sample, MACHINE) == name
    (execution,) = stepfunctions.list_executions(stateMachineArn=MACHINE)["executions"]
    assert execution["name"] == name
    started = json.loads(stepfunctions.describe_execution(executionArn=execution["executionArn"])["input"])
    assert started["deliveryId"] == DELIVERY


def test_another_event_starts_another_removal(stepfunctions, sample):
    assert receive_removal(sample, MACHINE) != receive_removal({**sample, "id": "another"}, MACHINE)


def test_what_is_not_understood_starts_nothing(stepfunctions, sample):
    with pytest.raises(UserError):
        receive_removal({**sample, "detail": {"deliveryId": "nyc-flights"}}, MACHINE)
    assert stepfunctions.list_executions(stateMachineArn=MACHINE)["executions"] == []


def test_the_handler_knows_its_workflow_from_the_environment(stepfunctions, sample, context, monkeypatch):
    monkeypatch.setenv("REMOVE_STATE_MACHINE", MACHINE)
    path = ROOT / "functions" / "receive_removal" / "handler.py"
    spec = importlib.util.spec_from_file_location("receive_removal_handler", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    name = module.handler(sample, context)
    assert [e["name"] for e in stepfunctions.list_executions(stateMachineArn=MACHINE)["executions"]] == [name]
