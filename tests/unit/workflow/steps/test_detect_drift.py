from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from aep_delivery.config.changes import DriftPolicy
from aep_delivery.events.base import EventError
from aep_delivery.events.details import DriftedEntity
from aep_delivery.runtime.errors import TransientError
from aep_delivery.workflow.drift_messages import DetectDrift, DriftReport, ListDeliveries
from aep_delivery.workflow.services import LOCK_TTL
from aep_delivery.workflow.steps import detect_drift as step
from aep_delivery.workflow.steps.list_deliveries import list_deliveries

ROOT = Path(__file__).parents[4]
DELIVERY = "prod/nyc-flights"
GONE = DriftedEntity(kind="target-connection", id=None, name="t", drift="deleted")
DISABLED = DriftedEntity.model_validate(
    {
        "kind": "dataflow",
        "id": "flow-1",
        "name": "nyc-flights",
        "drift": "disabled",
        "changes": [{"path": "state", "before": "disabled", "after": "enabled"}],
    }
)


@pytest.fixture
def found(monkeypatch):
    """Sets what the look at Adobe finds, and keeps whether it was to be repaired."""

    class Found:
        report = DriftReport(delivery_id=DELIVERY, policy=DriftPolicy.REPORT)
        asked = None

    def check(delivery_id, execution, services, repair_if):
        Found.asked = repair_if(Found.report)
        return Found.report

    monkeypatch.setattr(step, "check_drift", check)
    return Found


def look(services):
    return step.detect_drift(DetectDrift(execution="watch", delivery_id=DELIVERY), services)


def test_no_drift_is_not_told(services, found):
    checked = look(services)
    assert (checked.drifted, checked.repaired, checked.skipped) == (0, False, None)
    assert services.publisher.events == []


@pytest.mark.parametrize(("policy", "repairs"), [(DriftPolicy.REPORT, False), (DriftPolicy.REPAIR, True)])
def test_the_config_decides_between_report_and_repair(services, found, policy, repairs):
    found.report = DriftReport(delivery_id=DELIVERY, policy=policy, resources=(GONE, DISABLED), repaired=repairs)
    checked = look(services)
    assert found.asked is repairs
    assert (checked.drifted, checked.repaired) == (2, repairs)
    (event,) = services.publisher.events
    assert event.detail_type == "Dataflow Drift Found"
    was = "was" if repairs else "is"
    assert json.loads(event.body) == {
        "schemaVersion": "1",
        "eventId": event.detail.event_id,
        "deliveryId": DELIVERY,
        "delivery": "nyc-flights",
        "sandbox": "prod",
        "execution": "watch",
        "reason": f"prod/nyc-flights {was} not as applied: target-connection deleted, dataflow disabled.",
        "policy": str(policy),
        "repaired": repairs,
        "resources": [
            {"kind": "target-connection", "id": None, "name": "t", "drift": "deleted", "changes": [], "moreChanges": 0},
            {
                "kind": "dataflow",
                "id": "flow-1",
                "name": "nyc-flights",
                "drift": "disabled",
                "changes": [{"path": "state", "before": "disabled", "after": "enabled"}],
                "moreChanges": 0,
            },
        ],
        "error": None,
        "detectedAt": "2026-03-01T12:00:00Z",
    }
    schema = json.loads((ROOT / "schemas" / "event-dataflow-drift-found.schema.json").read_text())
    Draft202012Validator(schema).validate(
        {"source": "aep-delivery", "detail-type": event.detail_type, "detail": json.loads(event.body)}
    )


def test_a_repair_is_told_although_the_event_bus_is_busy(services, found, monkeypatch):
    found.report = DriftReport(delivery_id=DELIVERY, policy=DriftPolicy.REPAIR, resources=(GONE,), repaired=True)
    attempts = []
    publish = services.publisher.publish

    def busy_at_first(event):
        attempts.append(event)
        if len(attempts) < 3:
            raise TransientError("Busy.", code="event.not-published")
        publish(event)

    monkeypatch.setattr(services.publisher, "publish", busy_at_first)
    assert look(services).repaired
    assert len(services.publisher.events) == 1


def test_a_repair_that_failed_is_told_with_its_reason(services, found):
    error = EventError(code="schedule.ended", message="The schedule ended.")
    found.report = DriftReport(delivery_id=DELIVERY, policy=DriftPolicy.REPAIR, resources=(GONE,), error=error)
    assert not look(services).repaired
    (event,) = services.publisher.events
    assert event.detail.error == error
    assert event.detail.reason.endswith("could not be repaired: The schedule ended.")


def test_a_delivery_that_is_worked_on_is_skipped_without_a_look(services):
    services.store.acquire_lock(DELIVERY, "delivery-7", LOCK_TTL)
    checked = look(services)
    assert "delivery-7" in checked.skipped
    assert services.publisher.events == []
    # And it still is the other's.
    assert services.store.acquire_lock(DELIVERY, "delivery-7", LOCK_TTL).token == 1


def test_what_was_never_applied_is_skipped_and_not_left_locked(services):
    assert "Nothing" in look(services).skipped
    assert services.store.acquire_lock(DELIVERY, "next", LOCK_TTL).owner == "next"


@pytest.mark.parametrize("wrong", ["", "nyc-flights", "prod/", "a b/c-d"])
def test_only_the_id_of_a_delivery_gets_in(wrong):
    with pytest.raises(ValidationError):
        DetectDrift.model_validate({"execution": "e", "deliveryId": wrong})


def test_no_deliveries_are_an_empty_list(services):
    assert list_deliveries(ListDeliveries(execution="watch"), services).deliveries == []


@pytest.mark.parametrize("name", ["list_deliveries", "detect_drift"])
def test_there_is_a_handler(name):
    spec = importlib.util.spec_from_file_location(f"{name}_handler", ROOT / "functions" / name / "handler.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert callable(module.handler)
