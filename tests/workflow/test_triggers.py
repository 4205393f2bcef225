"""The other ways to start a delivery, and the run that Adobe starts by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.workflow.bench import ONE_OF_EACH, Bench

pytestmark = pytest.mark.workflow


def test_an_event_of_ones_own_starts_a_delivery(bench: Bench) -> None:
    config = bench.config()
    assert bench.deliver(config).receipt["request"]["trigger"] == "upload"
    for _ in range(2):
        # Each is wanted: an event is told from its repetition by its id.
        ended = bench.ended(bench.request(key=f"deliveries/{config['name']}.yaml"))
        assert (ended.status, ended.receipt["request"]["trigger"]) == ("SUCCEEDED", "event")
    assert bench.counts(config) == ONE_OF_EACH


def test_an_event_that_says_nothing_starts_nothing(bench: Bench) -> None:
    queue, letters = "IntakeQueueUrl", "IntakeDeadLettersUrl"
    sqs, urls = bench.installation.cloud.client("sqs"), bench.installation.outputs
    sqs.send_message(QueueUrl=urls[queue], MessageBody='{"source": "x", "detail-type": "Delivery Requested"}')
    bench.nothing_starts()
    # It waits for its next attempt, on the way to the dead letters; those behind it went through.
    assert bench.installation.queue_depth(queue) == 1
    assert bench.installation.queue_depth(letters) == 0
    assert bench.deliver(bench.config()).verdict == "VERIFIED"
    sqs.purge_queue(QueueUrl=urls[queue])


def test_a_schedule_starts_every_config_below_its_prefix(bench: Bench) -> None:
    configs = [bench.config(), bench.config()]
    folder = f"batch-{configs[0]['name']}"
    for config in configs:
        assert bench.deliver(config, f"{folder}/{config['name']}.json").verdict == "VERIFIED"
    bench.forget()
    scheduler = bench.installation.cloud.client("scheduler")
    (schedule,) = [s["Name"] for s in scheduler.list_schedules()["Schedules"] if "DeliverySchedule" in s["Name"]]
    target = scheduler.get_schedule(Name=schedule)["Target"]
    message = json.loads(target["Input"])
    assert message["detail"]["keys"] == "deliveries/"
    message["detail"]["keys"] = f"deliveries/{folder}/"
    at = datetime.now(UTC) + timedelta(seconds=2)
    scheduler.create_schedule(
        Name=folder,
        ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={**target, "Input": json.dumps(message)},
    )
    ended = [bench.ended(bench.started()) for _ in configs]
    assert {end.receipt["request"]["trigger"] for end in ended} == {"schedule"}
    assert {end.receipt["delivery"]["name"] for end in ended} == {config["name"] for config in configs}
    assert {end.status for end in ended} == {"SUCCEEDED"}


def test_the_next_scheduled_run_is_awaited_and_only_what_is_new_is_in_it(bench: Bench) -> None:
    slot = (bench.adobe_time() + timedelta(hours=4)).replace(minute=0, second=0)
    arrivals = bench.lake / "arrivals"
    arrivals.mkdir()
    (arrivals / "first.json").write_text('{"n": 1}\n' * 5)
    config = bench.config(
        datasets=("arrivals",), scheduleParams__startTime=slot.isoformat(), scheduleParams__interval=3
    )
    assert bench.deliver(config).event["detail"]["rows"] == 5
    (arrivals / "second.json").write_text('{"n": 2}\n' * 7)
    bench.control("POST", "clock", {"set": (slot - timedelta(minutes=4)).isoformat()})
    config["run"]["trigger"] = "SCHEDULED"
    ended = bench.deliver(config)
    assert (ended.status, ended.verdict) == ("SUCCEEDED", "VERIFIED")
    assert ended.event["detail"]["rows"] == 7
    assert datetime.fromisoformat(ended.receipt["run"]["slot"]) == slot
    assert "WaitForRun" in ended.states
    assert bench.counts(config) == ONE_OF_EACH
