"""Audiences with schedules of their own: the delivery waits for the earliest, and judges only those that are due."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflow.audiences.stage import DAY, Stage, at, by_audience, wait_until
from tests.workflow.bench import ONE_OF_EACH

pytestmark = pytest.mark.workflow


def test_t75_two_merge_policies_are_two_runs_of_one_slot_and_the_later_audience_is_not_judged(stage: Stage) -> None:
    config = stage.config(audiences=("Readers", "Spenders", "Nobody"), destination__includeFileManifest=True)
    config["audiences"].append(
        {
            "name": "Everyone",
            "exportMode": "DAILY_FULL_EXPORT",
            "schedule": {"frequency": "WEEKLY", "startTime": "14:00"},
            "filenameTemplate": "all_%DATETIME(YYYYMMdd_HHmmss)%",
        }
    )
    today = stage.adobe_time()
    stage.apply(config)

    noon = stage.deliver_at(at(today, 12), config)

    assert noon.verdict == "VERIFIED", noon.receipt["reason"]
    assert len(noon.receipt["run"]["runIds"]) == len(stage.runs(config)) == 2
    rows = {name: one["rows"] for name, one in by_audience(noon).items()}
    assert rows.pop("Everyone", 0) == 0
    assert rows == {"Readers": len(stage.people(_named(stage, config, "Readers"))), "Spenders": 10, "Nobody": 0}
    assert noon.event["detail"]["rows"] == sum(rows.values())

    afternoon = stage.deliver_at(at(today, 14), config)

    assert afternoon.verdict == "VERIFIED", afternoon.receipt["reason"]
    assert len(afternoon.receipt["run"]["runIds"]) == 1
    rows = {name: one["rows"] for name, one in by_audience(afternoon).items()}
    assert (rows.pop("Everyone"), set(rows.values())) == (60, {0})
    assert afternoon.event["detail"]["files"] == 3

    # The runs of yesterday's slots are none of today's.
    tomorrow = stage.deliver_at(at(today, 12) + DAY, config)

    assert tomorrow.verdict == "EMPTY", tomorrow.receipt["reason"]
    assert len(tomorrow.receipt["run"]["runIds"]) == 2
    assert set(tomorrow.receipt["run"]["runIds"]).isdisjoint(noon.receipt["run"]["runIds"])
    assert stage.counts(config) == ONE_OF_EACH


def test_a_delivery_waits_for_the_segmentation_of_the_day(stage: Stage) -> None:
    config = stage.config(
        audiences=("Spenders",),
        activation__exportMode="DAILY_FULL_EXPORT",
        activation__schedule={"frequency": "DAILY", "triggerType": "AFTER_SEGMENT_EVAL"},
    )
    stage.apply(config)

    arn = stage.drop(config)
    wait_until(lambda: "WaitForRun" in stage.states(arn), seconds=60)
    assert stage.runs(config) == []
    stage.control("POST", "segmentation")
    ended = stage.ended(arn)

    assert (ended.verdict, ended.event["detail"]["rows"]) == ("VERIFIED", 10), ended.receipt["reason"]
    assert ended.receipt["run"]["slotKind"] == "DAY"
    assert len(stage.runs(config)) == 1


def test_once_and_then_no_more_and_nobody_is_empty(stage: Stage) -> None:
    config = stage.config(
        audiences=("Nobody",),
        activation__exportMode="DAILY_FULL_EXPORT",
        activation__schedule={"frequency": "ONCE", "startTime": "12:00"},
    )
    slot = at(stage.adobe_time(), 12)
    stage.apply(config)

    ended = stage.deliver_at(slot, config)

    assert (ended.status, ended.verdict) == ("SUCCEEDED", "EMPTY")
    assert ended.receipt["run"]["records"] == 0
    assert stage.files(config) == []

    again = stage.deliver_at(slot + DAY, config)

    assert (again.status, again.error) == ("FAILED", "schedule.no-more-runs")
    assert "run.trigger: NOW" in again.receipt["failure"]["hint"]


def _named(stage: Stage, config: dict[str, Any], name: str) -> str:
    (key,) = [key for key in stage.files(config) if name in key and key.endswith(".csv")]
    return key
