"""An event takes a delivery out of Adobe, and nothing else; the files it exported stay."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.workflow.bench import KINDS, NONE, ONE_OF_EACH, Bench, validate

pytestmark = pytest.mark.workflow

STEPS = ["AcquireLock", "DisableDataflow", "RemoveDataflow", "RemoveConnections", "ReleaseLock", "RecordRemoval"]


class Removed:
    """A removal that is over."""

    def __init__(self, bench: Bench, arn: str) -> None:
        installation = bench.installation
        self.state = installation.finished(arn, seconds=60)
        self.status = self.state["status"]
        self.name = arn.rpartition(":")[2]
        self.event = bench.event(self.name)
        self.states = [
            entry["stateEnteredEventDetails"]["name"]
            for entry in installation.history(arn)
            if entry["type"].endswith("StateEntered")
        ]


def executions(bench: Bench) -> set[str]:
    machine = bench.installation.outputs["RemoveStateMachineArn"]
    listed = bench.installation.cloud.client("stepfunctions").list_executions(stateMachineArn=machine)
    return {execution["executionArn"] for execution in listed["executions"]}


def request(bench: Bench, delivery_id: object) -> None:
    answer = bench.installation.cloud.client("events").put_events(
        Entries=[
            {
                "Source": "com.example.cleanup",
                "DetailType": "Delivery Removal Requested",
                "Detail": json.dumps({"deliveryId": delivery_id}),
            }
        ]
    )
    assert answer["FailedEntryCount"] == 0


def remove(bench: Bench, config: dict[str, Any]) -> Removed:
    known = executions(bench)
    request(bench, f"{config['sandbox']}/{config['name']}")
    end = time.monotonic() + 30
    while not (started := executions(bench) - known):
        assert time.monotonic() < end, "no removal started"
        time.sleep(0.1)
    (arn,) = started
    return Removed(bench, arn)


def state_items(bench: Bench, config: dict[str, Any]) -> set[str]:
    table = bench.installation.outputs["StateTableName"]
    answer = bench.installation.cloud.client("dynamodb").query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"delivery#{config['sandbox']}/{config['name']}"}},
    )
    # Who verified a run is remembered until the table's own time limit deletes it.
    return {key for item in answer["Items"] if not (key := item["sk"]["S"]).startswith("run#")}


def test_a_removed_delivery_is_gone_from_adobe_and_its_files_stay(bench: Bench) -> None:
    config, other = bench.config(), bench.config()
    assert bench.deliver(config).verdict == "VERIFIED"
    assert bench.deliver(other).verdict == "VERIFIED"
    owned, files, others = bench.entities(config), bench.files(config), bench.entities(other)

    removed = remove(bench, config)

    assert removed.status == "SUCCEEDED"
    assert removed.states == ["Begin", *STEPS, "Removed"]
    assert bench.counts(config) == NONE
    assert bench.files(config) == files
    assert files
    assert bench.entities(other) == others
    validate(removed.event, "event-delivery-removed")
    gone = {resource["id"]: resource["name"] for resource in removed.event["detail"]["resources"]}
    assert gone == {entity["id"]: entity["name"] for kind in KINDS for entity in owned[kind]}
    record = removed.event["detail"]["record"].removeprefix(f"s3://{bench.installation.outputs['WorkBucketName']}/")
    assert json.loads(bench.installation.document(record))["execution"] == removed.name
    assert state_items(bench, config) == {"lock", "state", "outcome#latest"}


def test_a_removed_delivery_may_be_removed_again_and_delivered_again(bench: Bench) -> None:
    config = bench.config()
    assert bench.deliver(config).verdict == "VERIFIED"
    remove(bench, config)

    again = remove(bench, config)

    assert (again.status, again.event["detail"]["resources"]) == ("SUCCEEDED", [])
    bench.forget()
    assert bench.deliver(config).verdict == "VERIFIED"
    assert bench.counts(config) == ONE_OF_EACH


def test_what_takes_its_time_or_loses_its_answer_is_come_back_for(bench: Bench) -> None:
    config = bench.config()
    assert bench.deliver(config).verdict == "VERIFIED"
    with bench.fault("DELETE", "/flowservice/", type="lose-answer", times=None, nth=1):
        removed = remove(bench, config)
    assert removed.status == "SUCCEEDED"
    assert bench.counts(config) == NONE


def test_a_refused_removal_touches_nothing_gives_the_lock_back_and_is_told(bench: Bench) -> None:
    config = bench.config()
    assert bench.deliver(config).verdict == "VERIFIED"
    flow = bench.entities(config)["flows"][0]
    patch = [{"op": "replace", "path": "/description", "value": "mine now"}]
    edit = {"sandbox": config["sandbox"], "kind": "flows", "id": flow["id"]}
    bench.control("POST", "entities/edit", {**edit, "patch": patch})

    refused = remove(bench, config)

    assert refused.status == "FAILED"
    assert refused.state["error"] == "ownership.marker-removed"
    assert "HandleFailure" in refused.states
    validate(refused.event, "event-delivery-removal-failed")
    assert refused.event["detail"]["error"]["place"] == flow["id"]
    assert bench.counts(config) == ONE_OF_EACH | {"flows": 0}
    bench.control(
        "POST",
        "entities/edit",
        {**edit, "patch": [{"op": "replace", "path": "/description", "value": flow["description"]}]},
    )
    assert remove(bench, config).status == "SUCCEEDED"
    assert bench.counts(config) == NONE


def test_an_event_that_is_not_understood_starts_nothing(bench: Bench) -> None:
    known = executions(bench)
    request(bench, "no-sandbox")
    time.sleep(1.5)
    assert executions(bench) == known


def test_an_execution_started_by_hand_without_a_delivery_says_so(bench: Bench) -> None:
    arn = bench.installation.cloud.client("stepfunctions").start_execution(
        stateMachineArn=bench.installation.outputs["RemoveStateMachineArn"], input="{}"
    )["executionArn"]
    ended = Removed(bench, arn)
    assert (ended.status, ended.state["error"]) == ("FAILED", "workflow.input-invalid")
    assert ended.event["detail"]["deliveryId"] is None
