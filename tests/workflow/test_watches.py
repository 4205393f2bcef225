"""The watches: what Adobe does by itself is verified once for each run, and what is wrong is told once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.workflow import sandboxes
from tests.workflow.bench import Bench, validate

pytestmark = [pytest.mark.workflow, pytest.mark.timeout(300)]

FINDINGS = ["Delivery Late", "Schedule Ending", "Dataflow Disabled", "Credential Expiring"]
SPEED = 60
EVERY = timedelta(hours=3)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def told(bench: Bench) -> Callable[[], list[tuple[str, str]]]:
    """What the watches have told since the last question: kind and delivery, in no order."""
    url = bench._queue("watches", {"source": ["aep-delivery"], "detail-type": FINDINGS})

    def received() -> list[tuple[str, str]]:
        found = []
        while events := bench._received(url):
            for event in events:
                validate(event, f"event-{event['detail-type'].lower().replace(' ', '-')}")
                found.append((event["detail-type"], event["detail"]["deliveryId"]))
        return sorted(found)

    return received


def start(bench: Bench, machine: str) -> str:
    arn = bench.installation.outputs[f"{machine}StateMachineArn"]
    return str(
        bench.installation.cloud.client("stepfunctions").start_execution(stateMachineArn=arn, input="{}")[
            "executionArn"
        ]
    )


def look(bench: Bench, machine: str) -> dict[str, dict[str, Any]]:
    """Run a watch once: what it found, by delivery."""
    forget_the_time(bench)
    return ended(bench, start(bench, machine))


def ended(bench: Bench, arn: str) -> dict[str, dict[str, Any]]:
    state = bench.installation.finished(arn, seconds=240)
    assert state["status"] == "SUCCEEDED", state
    return {one["deliveryId"]: one for one in json.loads(state["output"])["deliveries"]}


def verifications(bench: Bench, delivery_id: str) -> list[dict[str, Any]]:
    """The executions that verify runs of a delivery, once they have ended."""
    client = bench.installation.cloud.client("stepfunctions")
    arn = bench.installation.outputs["VerifyRunStateMachineArn"]
    listed = client.list_executions(stateMachineArn=arn)["executions"]
    mine = [
        one["executionArn"]
        for one in listed
        if json.loads(bench.installation.describe(one["executionArn"])["input"])["deliveryId"] == delivery_id
    ]
    return [bench.installation.finished(one, seconds=120) for one in mine]


def forget_the_time(bench: Bench) -> None:
    """A function that is warm may trust a reading of Adobe's clock for a minute, in which this one leaps."""
    endpoint = bench.installation.cloud.endpoint
    for function in ("FindRuns", "LoadRun", "CheckRun", "WatchFreshness"):
        if sandboxes.processes(endpoint, function):
            sandboxes.kill(endpoint, function)


def travel(bench: Bench, to: datetime) -> None:
    # As slow as the wall's from here on, so that no further slot comes while the watches look.
    bench.control("POST", "clock", {"set": to.isoformat(), "speed": 1})
    end = time.monotonic() + 20
    while bench.installation.adobe.scheduler.busy and time.monotonic() < end:
        time.sleep(0.05)


Scheduled = Callable[..., tuple[dict[str, Any], str, datetime]]


@pytest.fixture
def scheduled(bench: Bench) -> Iterator[Scheduled]:
    """Makes a delivery that has come once, by hand: its config, its id, and its first slot."""
    made: list[dict[str, Any]] = []

    def make(**changes: Any) -> tuple[dict[str, Any], str, datetime]:
        first = bench.adobe_time().replace(minute=0, second=0) + timedelta(hours=12)
        config = bench.config(
            scheduleParams__interval=3,
            scheduleParams__startTime=first.isoformat(),
            destination__includeFileManifest=True,
            **changes,
        )
        made.append(config)
        delivered = bench.deliver(config)
        assert delivered.verdict == "VERIFIED", delivered.cause
        return config, f"{config['sandbox']}/{config['name']}", first

    yield make
    bench.control("POST", "clock", {"speed": SPEED})
    for config in made:
        # Its runs are no concern of the next test's.
        set_state(bench, config, "disabled")


def test_every_run_of_the_schedule_is_verified_once_without_a_config_dropped_again(
    bench: Bench, scheduled: Scheduled
) -> None:
    config, delivery_id, first = scheduled()
    assert look(bench, "FindRuns")[delivery_id]["waiting"] == 0, "the run by hand was verified by its delivery"

    travel(bench, first + EVERY + 30 * MINUTE)
    forget_the_time(bench)
    # Two watches at the same moment.
    both = [start(bench, "FindRuns") for _ in range(2)]
    found = [ended(bench, arn)[delivery_id]["waiting"] for arn in both]

    assert max(found) == 2
    done = verifications(bench, delivery_id)
    assert len(done) == 2
    verdicts = {one["executionArn"]: bench.ended(one["executionArn"]) for one in done}
    by_run = {tuple(one.receipt["run"]["runIds"]): one for one in verdicts.values()}
    scheduled_runs = sorted(bench.runs(config), key=lambda run: run["createdAt"])[1:]
    assert set(by_run) == {(run["id"],) for run in scheduled_runs}
    for one in verdicts.values():
        # Nothing is new in the lake since the run by hand.
        assert (one.verdict, one.status) == ("EMPTY", "SUCCEEDED"), one.receipt["reason"]
        assert one.receipt["request"]["trigger"] == "schedule"
        assert one.receipt["request"]["key"] == f"deliveries/{config['name']}.yaml"
        assert {resource["action"] for resource in one.receipt["resources"]} == {"KEEP"}

    again = look(bench, "FindRuns")[delivery_id]
    assert (again["waiting"], len(verifications(bench, delivery_id))) == (0, 2)
    bench.nothing_starts()


def test_a_run_that_failed_at_adobe_is_told_with_a_receipt(bench: Bench, scheduled: Scheduled) -> None:
    _, delivery_id, first = scheduled()
    # Other tests' dataflows have a schedule, too: whichever run comes first must not be the only one that fails.
    bench.control("POST", "run-faults", {"outcome": "fail", "times": 50})
    travel(bench, first + 30 * MINUTE)

    look(bench, "FindRuns")

    (done,) = verifications(bench, delivery_id)
    end = bench.ended(done["executionArn"])
    assert (end.status, end.error, end.verdict) == ("FAILED", "RUN_FAILED", "RUN_FAILED")
    assert end.event["detail-type"] == "Delivery Failed"


def test_what_is_late_ends_or_is_disabled_is_told_once(
    bench: Bench, scheduled: Scheduled, told: Callable[[], list[tuple[str, str]]]
) -> None:
    late, late_id, first = scheduled()
    disabled, disabled_id, _ = scheduled()
    _, ending_id, _ = scheduled(scheduleParams__endTime=(bench.adobe_time() + timedelta(days=5)).isoformat())
    look(bench, "WatchFreshness")
    assert [one for one in told() if one[1] in {late_id, disabled_id}] == []
    for config in (late, disabled):
        set_state(bench, config, "disabled")
    travel(bench, first + timedelta(hours=5))
    set_state(bench, late, "enabled")

    found = look(bench, "WatchFreshness")
    again = look(bench, "WatchFreshness")

    mine = {late_id: ["delivery-late"], disabled_id: ["dataflow-disabled"], ending_id: ["schedule-ending"]}
    assert {one: found[one]["findings"] for one in mine} == mine
    assert {one: again[one]["findings"] for one in mine} == mine
    assert [one for one in told() if one[1] in {late_id, disabled_id}] == [
        ("Dataflow Disabled", disabled_id),
        ("Delivery Late", late_id),
    ]

    travel(bench, first + timedelta(hours=7))
    assert look(bench, "WatchFreshness")[late_id]["findings"] == []
    assert [one for one in told() if one[1] == late_id] == []


def set_state(bench: Bench, config: dict[str, Any], state: str) -> None:
    flow = bench.entities(config)["flows"][0]
    edit = {"sandbox": config["sandbox"], "kind": "flows", "id": flow["id"], "state": state}
    bench.control("POST", "entities/edit", edit)
