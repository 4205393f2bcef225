"""Freshness of audiences, of which each has a schedule of its own; that of datasets is shown against the emulator."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from aep_delivery.adobe.models import Dataflow
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.state.records import Applied, Outcome
from aep_delivery.workflow.freshness_check import ENDING, LATE, FreshnessCheck, code_of
from tests.unit.running.runs import FakeRuns
from tests.unit.running.test_past_runs import metrics
from tests.unit.running.test_timetable import audience

DELIVERY = "prod/nyc-flights"
START = datetime(2027, 1, 1, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class FakeFlow(FakeRuns):
    def get_dataflow(self, flow_id):
        return Dataflow.model_validate({"id": flow_id, "state": "enabled"})


@dataclass
class Stage:
    services: object
    clock: FixedClock
    adobe: FakeFlow
    timetables: list = field(default_factory=list)

    def look(self, now):
        self.clock.sleep((now - self.clock.now()).total_seconds())
        applied = Applied(config_key="c", plan_key="p", execution="e", config_fingerprint="f", applied_at=START - DAY)
        config = SimpleNamespace(sandbox="prod", exports_audiences=True, run=SimpleNamespace(deadline_minutes=240))
        delivery = SimpleNamespace(applied=applied, flow_id="flow", config=config, timetables=self.timetables)
        freshness, found = FreshnessCheck(DELIVERY, delivery, "watch", self.services).look(START - DAY)
        assert self.services.store.write_freshness(DELIVERY, freshness)
        return freshness, found


@pytest.fixture
def stage(services):
    clock = FixedClock(START - HOUR)
    adobe = FakeFlow(clock)
    services.clock = clock
    services.flow_service = lambda sandbox: adobe
    return Stage(services, clock, adobe)


def test_one_audience_that_does_not_come_is_late_alone(stage):
    stage.timetables = [audience("gold"), audience("silver")]
    stage.adobe.add("run", START + timedelta(seconds=2), **metrics(START + HOUR, "gold"))

    assert stage.look(START + 4 * HOUR)[1] == {}
    freshness, found = stage.look(START + 4 * HOUR + timedelta(minutes=1))

    assert freshness.served.keys() == {"gold"}
    assert "of Silver of 2027-01-01 02:00 UTC" in found[LATE].reason
    assert (found[LATE].slot, found[LATE].run_ids) == (START, ["run"])


def test_a_run_that_names_no_audience_serves_them_all(stage):
    stage.timetables = [audience("gold"), audience("silver")]
    stage.adobe.add("run", START + timedelta(seconds=2))

    freshness, found = stage.look(START + 5 * HOUR)

    assert found == {}
    assert freshness.due_at == START + DAY + 4 * HOUR


def test_an_export_after_segmentation_is_late_after_its_day(stage):
    stage.timetables = [audience("gold", triggerType="AFTER_SEGMENT_EVAL", startTime="")]
    over = datetime(2027, 1, 2, tzinfo=UTC) + 4 * HOUR

    assert LATE not in stage.look(over)[1]
    assert LATE in stage.look(over + HOUR)[1]


def test_the_first_audience_to_end_is_told_and_then_the_last(stage):
    stage.timetables = [audience("gold", endDate="2027-02-01"), audience("silver", endDate="2027-03-01")]
    stage.adobe.add("run", START + timedelta(seconds=2))
    told = {}
    for day in (1, 20, 33, 50, 60):
        found = stage.look(START + day * DAY)[1].get(ENDING)
        told[day] = (code_of(found), found.ends_at.date().isoformat()) if found else None

    assert told == {
        1: None,
        20: ("schedule-ending", "2027-02-01"),
        33: None,
        50: ("schedule-ending", "2027-03-01"),
        60: ("schedule-ended", "2027-03-01"),
    }


def test_an_audience_without_an_end_keeps_the_delivery_going(stage):
    stage.timetables = [audience("gold", endDate="2027-01-20"), audience("silver")]

    freshness, found = stage.look(START + 30 * DAY)

    assert ENDING not in found
    assert freshness.ends_at is None


def test_the_last_good_delivery_is_remembered_beyond_a_bad_one(stage):
    stage.timetables = [audience("gold")]
    stage.services.store.record_outcome(
        DELIVERY, Outcome(execution="e", verdict="VERIFIED", finished_at=START + HOUR, receipt_uri="s3://w/r.json")
    )
    stage.look(START + 2 * HOUR)
    stage.services.store.record_outcome(
        DELIVERY, Outcome(execution="f", verdict="CORRUPT", finished_at=START + DAY, receipt_uri="s3://w/s.json")
    )

    late = stage.look(START + 2 * DAY)[1][LATE]

    assert (late.last_verified_at, late.last_verdict, late.last_receipt) == (START + HOUR, "CORRUPT", "s3://w/s.json")
