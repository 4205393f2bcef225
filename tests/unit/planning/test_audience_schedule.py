from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from aep_delivery.planning.audience_schedule import check_audience_schedules, live_schedules, schedule_warnings
from aep_delivery.planning.audiences import audiences_to_export
from aep_delivery.planning.plan import Severity
from aep_delivery.runtime.errors import UserError
from tests.unit.planning.activations import GOLD, INCREMENTAL, SILVER, audience_config

NOW = datetime(2027, 1, 22, 16, tzinfo=UTC)
DAILY_FULL = {"exportMode": "DAILY_FULL_EXPORT"}
AFTER = {"frequency": "ONCE", "triggerType": "AFTER_SEGMENT_EVAL", "startDate": "2027-01-22"}


def check(now: datetime = NOW, live: dict[str, dict[str, Any]] | None = None, **audience: Any) -> None:
    config = audience_config({"id": GOLD.id, **audience})
    check_audience_schedules(config, audiences_to_export(config, [GOLD]), live or {}, now)


def refusal(now: datetime = NOW, live: dict[str, dict[str, Any]] | None = None, **audience: Any) -> tuple[str, str]:
    with pytest.raises(UserError) as caught:
        check(now, live, **audience)
    return caught.value.code, str(caught.value.place)


def test_an_hour_ahead_is_enough() -> None:
    check()
    check(schedule=INCREMENTAL)


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (datetime(2027, 1, 22, 16, 0, 1, tzinfo=UTC), "schedule.too-soon"),
        (datetime(2027, 1, 22, 16, 30, tzinfo=UTC), "schedule.too-soon"),
        (datetime(2027, 1, 22, 17, tzinfo=UTC), "schedule.in-the-past"),
        (datetime(2027, 1, 23, tzinfo=UTC), "schedule.in-the-past"),
    ],
)
def test_t47_a_start_that_adobe_would_miss_is_refused(now: datetime, code: str) -> None:
    assert refusal(now)[0] == code


def test_the_place_is_where_the_schedule_stands() -> None:
    later = datetime(2027, 1, 23, tzinfo=UTC)
    assert refusal(later)[1] == "activation.schedule.startDate"
    assert refusal(later, schedule=INCREMENTAL)[1] == "audiences[0].schedule.startDate"


def test_a_schedule_that_is_there_already_is_not_judged() -> None:
    check(datetime(2028, 6, 1, tzinfo=UTC), {GOLD.id: INCREMENTAL})


def test_a_change_of_the_end_alone_sets_no_start_anew() -> None:
    check(datetime(2027, 6, 1, tzinfo=UTC), {GOLD.id: {**INCREMENTAL, "endDate": "2027-07-01"}})


def test_an_end_that_has_passed_is_refused_where_it_is_new() -> None:
    live = {GOLD.id: {**INCREMENTAL, "endDate": "2028-12-31"}}
    assert refusal(datetime(2027, 12, 31, tzinfo=UTC), live) == ("schedule.ended", "activation.schedule.endDate")


def test_after_segmentation_today_may_be_yet_to_come() -> None:
    check(datetime(2027, 1, 22, 23, tzinfo=UTC), schedule=AFTER, **DAILY_FULL)
    assert refusal(datetime(2027, 1, 23, tzinfo=UTC), schedule=AFTER, **DAILY_FULL)[0] == "schedule.in-the-past"


def test_schedules_of_a_dataflow_are_read_by_audience() -> None:
    selectors = [{"value": {"id": GOLD.id, "schedule": INCREMENTAL}}, {"value": {"id": SILVER.id}}, "strange"]
    assert live_schedules(selectors) == {GOLD.id: INCREMENTAL, SILVER.id: {}}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2027, 12, 1, tzinfo=UTC), []),
        (datetime(2027, 12, 1, 0, 0, 1, tzinfo=UTC), [("activation.ends-soon", Severity.WARNING)]),
        (
            datetime(2027, 12, 26, tzinfo=UTC),
            [("activation.ends-soon", Severity.WARNING), ("activation.end-day-not-exported", Severity.INFO)],
        ),
        (datetime(2027, 12, 31, tzinfo=UTC), [("activation.ended", Severity.WARNING)]),
    ],
)
def test_ends_are_told(now: datetime, expected: list[tuple[str, Severity]]) -> None:
    config = audience_config({"id": GOLD.id}, {"id": SILVER.id})
    told = list(schedule_warnings(config, audiences_to_export(config, [GOLD, SILVER]), now))

    assert [(one.code, one.severity) for one in told] == expected
    assert all("2 audiences" in one.message for one in told)


def test_the_last_day_is_the_one_before_the_end() -> None:
    config = audience_config()
    *_, last = schedule_warnings(config, audiences_to_export(config, [GOLD]), datetime(2027, 12, 30, tzinfo=UTC))

    assert last.message.startswith("The last day on which Loyalty gold is exported is 2027-12-30")
