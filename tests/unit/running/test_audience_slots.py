from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.running.audience_slots import AudienceSlot, SlotKind, next_audience_slot
from aep_delivery.runtime.errors import UserError

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


@dataclass
class Audience:
    id: str
    schedule: dict[str, Any]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def schedule(frequency: str, start: str, end: str | None = None, *, after: bool = False) -> dict[str, Any]:
    day, _, hour = start.partition(" ")
    found: dict[str, Any] = {"frequency": frequency, "startDate": day}
    found |= {"triggerType": "AFTER_SEGMENT_EVAL"} if after else {"triggerType": "SCHEDULED", "startTime": hour}
    return {**found, "endDate": end} if end else found


def slot(now: str, *schedules: dict[str, Any]) -> AudienceSlot:
    audiences = [Audience(id=name, schedule=one) for name, one in zip("abcdef", schedules, strict=False)]
    return next_audience_slot(audiences, at(now))


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ("2027-01-01 00:00", "2027-01-04 17:00"),
        ("2027-01-04 17:00", "2027-01-04 17:00"),
        ("2027-01-04 17:01", "2027-01-05 17:00"),
        ("2027-01-09 18:00", "2027-01-10 17:00"),
    ],
)
def test_daily(now: str, wanted: str) -> None:
    found = slot(now, schedule("DAILY", "2027-01-04 17:00", "2027-01-11"))

    assert (found.kind, found.at, found.until, found.audiences) == (SlotKind.MOMENT, at(wanted), at(wanted), ["a"])


def test_the_end_day_is_not_exported() -> None:
    daily = schedule("DAILY", "2027-01-04 17:00", "2027-01-11")

    assert slot("2027-01-10 17:00", daily).next_slot is None
    with pytest.raises(UserError) as caught:
        slot("2027-01-10 17:01", daily)
    assert caught.value.code == "schedule.no-more-runs"


@pytest.mark.parametrize(
    ("frequency", "now", "wanted"),
    [
        ("EVERY_3_HOURS", "2027-01-04 19:00", "2027-01-04 20:00"),
        ("EVERY_6_HOURS", "2027-01-04 23:30", "2027-01-05 05:00"),
        ("EVERY_8_HOURS", "2027-01-05 01:00", "2027-01-05 01:00"),
        ("EVERY_12_HOURS", "2027-01-04 17:01", "2027-01-05 05:00"),
        ("WEEKLY", "2027-01-04 17:01", "2027-01-11 17:00"),
    ],
)
def test_intervals_begin_with_the_first_slot(frequency: str, now: str, wanted: str) -> None:
    assert slot(now, schedule(frequency, "2027-01-04 17:00", "2027-02-01")).at == at(wanted)


@pytest.mark.parametrize(
    ("start", "now", "wanted"),
    [
        ("2027-01-31 06:00", "2027-02-01 00:00", "2027-02-28 06:00"),
        ("2027-01-31 06:00", "2027-03-01 00:00", "2027-03-31 06:00"),
        ("2027-01-30 06:00", "2028-02-01 00:00", "2028-02-29 06:00"),
        ("2027-12-15 06:00", "2027-12-16 00:00", "2028-01-15 06:00"),
    ],
)
def test_monthly_falls_on_the_last_day_of_a_shorter_month(start: str, now: str, wanted: str) -> None:
    assert slot(now, schedule("MONTHLY", start, "2029-01-01")).at == at(wanted)


def test_once_counts_for_an_hour() -> None:
    once = schedule("ONCE", "2027-01-04 17:00")

    found = slot("2027-01-04 18:00", once)
    assert (found.at, found.next_slot, found.next_of_any) == (at("2027-01-04 17:00"), None, None)
    with pytest.raises(UserError):
        slot("2027-01-04 18:01", once)


@pytest.mark.parametrize("frequency", ["ONCE", "DAILY"])
def test_after_segmentation_the_slot_is_the_day(frequency: str) -> None:
    end = None if frequency == "ONCE" else "2027-01-06"
    following = schedule(frequency, "2027-01-04", end, after=True)

    for now in ("2027-01-03 09:00", "2027-01-04 00:00", "2027-01-04 23:59"):
        found = slot(now, following)
        assert (found.kind, found.at, found.until) == (SlotKind.DAY, at("2027-01-04"), at("2027-01-05"))
        assert found.next_slot == at("2027-01-05")


def test_after_segmentation_a_day_ends_with_it() -> None:
    with pytest.raises(UserError):
        slot("2027-01-05 00:00", schedule("ONCE", "2027-01-04", after=True))
    assert slot("2027-01-05 00:00", schedule("DAILY", "2027-01-04", "2027-01-06", after=True)).at == at("2027-01-05")


def test_the_earliest_slot_counts_with_all_audiences_that_are_due() -> None:
    six = schedule("DAILY", "2027-01-04 06:00", "2027-02-01")
    found = slot(
        "2027-01-04 05:00",
        schedule("DAILY", "2027-01-04 17:00", "2027-02-01"),
        six,
        schedule("EVERY_6_HOURS", "2027-01-04 00:00", "2027-02-01"),
        six,
        schedule("ONCE", "2027-01-01 06:00"),
    )

    assert (found.at, found.audiences) == (at("2027-01-04 06:00"), ["b", "c", "d"])
    assert found.next_slot == at("2027-01-04 12:00")
    assert found.next_of_any == at("2027-01-04 12:00")


def test_another_audiences_slot_ends_what_is_certain_and_not_what_belongs() -> None:
    found = slot(
        "2027-01-04 05:00",
        schedule("DAILY", "2027-01-04 06:00", "2027-02-01"),
        schedule("DAILY", "2027-01-04 07:00", "2027-02-01"),
    )

    assert (found.next_slot, found.next_of_any) == (at("2027-01-05 06:00"), at("2027-01-04 07:00"))


@pytest.mark.parametrize(
    ("now", "kind", "due"),
    [
        ("2027-01-04 16:00", SlotKind.MOMENT, ["a"]),
        ("2027-01-04 18:00", SlotKind.DAY, ["b"]),
    ],
)
def test_a_day_comes_after_the_moments_in_it(now: str, kind: SlotKind, due: list[str]) -> None:
    found = slot(
        now,
        schedule("DAILY", "2027-01-04 17:00", "2027-02-01"),
        schedule("DAILY", "2027-01-04", "2027-02-01", after=True),
    )

    assert (found.kind, found.audiences) == (kind, due)


FREQUENCIES = ["DAILY", "WEEKLY", "MONTHLY", "EVERY_3_HOURS", "EVERY_6_HOURS", "EVERY_8_HOURS", "EVERY_12_HOURS"]


@given(
    frequency=st.sampled_from(FREQUENCIES),
    start=st.dates(min_value=NOON.date() - timedelta(days=60), max_value=NOON.date()),
    hour=st.integers(0, 23),
    days=st.integers(1, 200),
)
def test_slots_follow_each_other_without_gaps_or_repeats(frequency: str, start: Any, hour: int, days: int) -> None:
    end = start + timedelta(days=days)
    one = Audience("a", schedule(frequency, f"{start} {hour:02}:00", str(end)))
    now = datetime.combine(start, datetime.min.time(), UTC)
    seen: list[datetime] = []
    for _ in range(12):
        try:
            found = next_audience_slot([one], now)
        except UserError:
            break
        assert not seen or found.at > seen[-1]
        assert found.at.date() < end
        assert found.at >= now
        seen.append(found.at)
        if found.next_slot is None:
            with pytest.raises(UserError):
                next_audience_slot([one], found.at + timedelta(seconds=1))
            break
        assert next_audience_slot([one], found.at + timedelta(seconds=1)).at == found.next_slot
        now = found.next_slot
    assert seen[0] == datetime(start.year, start.month, start.day, hour, tzinfo=UTC)
