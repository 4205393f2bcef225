"""Whether a delivery is as fresh as its own config says: schedule, trigger and deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from aep_delivery.status.records import LATE, StatusRecord
from aep_delivery.status.rhythm import endings, next_run

ENDS_SOON = timedelta(days=30)
"""As plans warn of it."""


class Freshness(StrEnum):
    """How what was last verified compares with what was due."""

    FRESH = "fresh"
    """The latest slot whose deadline has passed has a good verdict, or a later one has."""
    LATE = "late"
    """It has none."""
    WAITING = "waiting"
    """No deadline has passed yet."""
    ON_REQUEST = "on request"
    """The config asks for runs by hand: nothing is due."""
    UNKNOWN = "unknown"
    """The delivery never got far enough to say what it expects."""


@dataclass(frozen=True)
class Judged:
    """Attributes:
    freshness: The judgement.
    due: The slot it rests on.
    deadline: When that slot's files were due at the latest.
    next_run: The next slot; None where there is none left.
    next_run_all_day: True where it is a day, whose segmentation decides when.
    ends_at: When the first of its schedules that are still going ends, or else the last one did.
    ends_soon: True where that is less than 30 days away, and not past.
    has_ended: True where no slot is left of schedules that repeat.
    """

    freshness: Freshness
    due: datetime | None = None
    deadline: datetime | None = None
    next_run: datetime | None = None
    next_run_all_day: bool = False
    ends_at: datetime | None = None
    ends_soon: bool = False
    has_ended: bool = False


def judge(record: StatusRecord, now: datetime) -> Judged:
    """Compare a delivery with its own expectation.

    Args:
        record: What is known of it.
        now: The time it is judged at.
    """
    expected = record.known.expected
    if expected is None:
        return Judged(Freshness.UNKNOWN)
    patience = timedelta(minutes=expected.deadline_minutes)
    ends = sorted(endings(expected.rhythms))
    ends_at = next((end for end in ends if end > now), ends[-1] if ends else None)
    coming = next_run(expected.rhythms, now)
    scheduled = expected.trigger == "SCHEDULED"
    slots = (
        (slot, slot + rhythm.length + patience)
        for rhythm in expected.rhythms
        if (slot := rhythm.latest(now - rhythm.length - patience)) is not None
    )
    due, deadline = max((one for one in slots if one[1] > record.since), default=(None, None))
    # The watch asks Adobe; where it has spoken, its word counts.
    if any(finding.code == LATE for finding in record.findings):
        freshness = Freshness.LATE
    elif not scheduled:
        freshness = Freshness.ON_REQUEST
    elif due is None:
        freshness = Freshness.WAITING if record.latest_slot is None else Freshness.FRESH
    else:
        has_it = record.latest_slot is not None and record.latest_slot >= due
        freshness = Freshness.FRESH if has_it else Freshness.LATE
    return Judged(
        freshness,
        due=due if scheduled else None,
        deadline=deadline if scheduled else None,
        next_run=coming[0] if coming else None,
        next_run_all_day=bool(coming and coming[1]),
        ends_at=ends_at,
        ends_soon=ends_at is not None and now < ends_at < now + ENDS_SOON,
        has_ended=coming is None and bool(ends),
    )
