"""Whatever is repeated or lost on the way, Adobe has one of each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.workflow import sandboxes
from tests.workflow.bench import ONE_OF_EACH, Bench

pytestmark = pytest.mark.workflow

CREATIONS = ["connections", "sourceConnections", "targetConnections", "flows"]


def test_dropping_the_same_config_ten_times_creates_nothing_new(bench: Bench) -> None:
    config = bench.config()
    first = bench.deliver(config)
    assert first.verdict == "VERIFIED"
    before = _versions(bench, config)
    # All at once, so that they also wait for each other's lock.
    started = [bench.drop(config) for _ in range(9)]
    ended = [bench.ended(arn, seconds=110) for arn in started]
    assert len({end.arn for end in ended}) == 9
    assert {end.status for end in ended} == {"SUCCEEDED"}
    # Nothing is new in the lake, so that the later exports are rightly empty.
    assert {end.verdict for end in ended} == {"EMPTY"}
    assert _versions(bench, config) == before
    assert {r["action"] for end in ended for r in end.receipt["resources"]} == {"KEEP"}


def test_the_same_event_twice_is_one_execution(bench: Bench) -> None:
    config = bench.config()
    assert bench.deliver(config).verdict == "VERIFIED"
    event = bench.upload_event(f"deliveries/{config['name']}.yaml")
    bench.forget()
    sqs = bench.installation.cloud.client("sqs")
    for _ in range(2):
        sqs.send_message(QueueUrl=bench.installation.outputs["IntakeQueueUrl"], MessageBody=json.dumps(event))
    bench.nothing_starts()
    assert bench.installation.queue_depth("IntakeQueueUrl") == 0
    assert bench.installation.queue_depth("IntakeDeadLettersUrl") == 0
    assert len(bench.runs(config)) == 1


@pytest.mark.parametrize("kind", CREATIONS)
def test_a_post_whose_answer_is_lost_leaves_one_of_each(bench: Bench, kind: str) -> None:
    config = bench.config()
    with bench.fault("POST", f"/flowservice/{kind}$", type="lose-answer"):
        ended = bench.deliver(config)
    assert ended.verdict == "VERIFIED"
    assert bench.counts(config) == ONE_OF_EACH


def test_a_post_that_never_arrived_is_repeated_once_it_cannot_arrive_any_more(bench: Bench) -> None:
    config = bench.config()
    with bench.fault("POST", "/flowservice/targetConnections$", type="drop"):
        ended = bench.deliver(config)
        assert bench.hits() == 1
    assert ended.verdict == "VERIFIED"
    assert ended.attempts["ensure_target_connection"] > 1
    assert bench.counts(config) == ONE_OF_EACH


def test_a_request_for_a_run_whose_answer_is_lost_starts_one_run(bench: Bench) -> None:
    config = bench.config()
    with bench.fault("POST", "/adhocrun$", type="lose-answer"):
        ended = bench.deliver(config)
    assert ended.verdict == "VERIFIED"
    assert len(bench.runs(config)) == 1
    assert ended.attempts["start_run"] > 1


@pytest.mark.parametrize(
    ("function", "path"),
    [("EnsureSourceConnection", "/flowservice/sourceConnections$"), ("EnsureDataflow", "/flowservice/flows$")],
)
def test_a_crash_in_the_middle_of_a_step_is_resumed(bench: Bench, function: str, path: str) -> None:
    config = bench.config()
    with bench.fault("POST", path, type="delay", seconds=1.0):
        arn = bench.drop(config)
        _wait_until(lambda: bench.hits() == 1)
        sandboxes.kill(bench.installation.cloud.endpoint, function)
        ended = bench.ended(arn)
    assert ended.verdict == "VERIFIED"
    assert bench.counts(config) == ONE_OF_EACH
    errors = [json.dumps(event, default=str) for event in ended.history if "Failed" in event["type"]]
    assert any("Runtime.ExitError" in error for error in errors), errors


def test_a_crash_before_the_receipt_is_resumed(bench: Bench) -> None:
    config = bench.config()
    arn = bench.drop(config)
    endpoint = bench.installation.cloud.endpoint
    _wait_until(
        lambda: "VerifyDelivery" in _states(bench, arn) and bool(sandboxes.processes(endpoint, "VerifyDelivery"))
    )
    sandboxes.kill(endpoint, "VerifyDelivery")
    ended = bench.ended(arn)
    assert ended.verdict == "VERIFIED"
    assert bench.counts(config) == ONE_OF_EACH


def _versions(bench: Bench, config: dict[str, Any]) -> dict[str, list[tuple[str, int]]]:
    """Which entities there are, and when each was changed last."""
    return {kind: [(e["id"], e["updatedAt"]) for e in found] for kind, found in bench.entities(config).items()}


def _states(bench: Bench, arn: str) -> set[str]:
    return {
        event["stateEnteredEventDetails"]["name"]
        for event in bench.installation.history(arn)
        if "stateEnteredEventDetails" in event
    }


def _wait_until(true: Callable[[], bool], *, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)
