"""What was exported in a year against what the licence covers, and what it comes to if all goes on as it does.

Adobe: product descriptions of Real-Time CDP, which allow so many kilobytes a year for each profile licensed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aep_delivery.status.records import RECENT, StatusRecord

BYTES_A_KILOBYTE = 1_000
"""The product descriptions do not say 1,024: the lower figure warns earlier."""


@dataclass(frozen=True)
class Entitlement:
    """What the licence covers.

    Attributes:
        profiles: Licensed; 0 where nobody has said.
        kilobytes: A year for each: 500 or 700, as the package has it.
        month: In which the year of the contract begins, from 1 to 12.
    """

    profiles: int = 0
    kilobytes: int = 500
    month: int = 1

    @property
    def bytes(self) -> int | None:
        """A year, for all; None where nobody has said how many profiles there are."""
        return self.profiles * self.kilobytes * BYTES_A_KILOBYTE or None

    def year(self, now: datetime) -> tuple[datetime, datetime]:
        """The beginning and the end of the contract's year that `now` lies in."""
        first = now.year if now.month >= self.month else now.year - 1
        return datetime(first, self.month, 1, tzinfo=UTC), datetime(first + 1, self.month, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Weight:
    """Attributes:
    so_far: Bytes since the year began.
    forecast: Bytes by its end.
    """

    so_far: int
    forecast: int

    @classmethod
    def all(cls, weights: Iterable[Weight]) -> Weight:
        parts = list(weights)
        return cls(sum(one.so_far for one in parts), sum(one.forecast for one in parts))


def weigh(record: StatusRecord, entitlement: Entitlement, ends_at: datetime | None, now: datetime) -> Weight:
    """What a delivery has delivered and will have.

    It goes on at the pace of the last 28 days, or of the days since it was first heard of where they are fewer, until
    the year ends or its schedule does. First full exports count as delivered and not for the pace.

    Args:
        record: Of the delivery.
        entitlement: Says when the year begins.
        ends_at: When its schedule ends; None where nobody knows.
        now: Until now.
    """
    begins, ends = entitlement.year(now)
    so_far = sum(size for month, size in record.months.items() if f"{begins:%Y-%m}" <= month < f"{ends:%Y-%m}")
    if record.is_removed:
        return Weight(so_far, so_far)
    until = min(ends, ends_at) if ends_at else ends
    recent = sum(size for day, size in record.days.items() if day > f"{now - RECENT:%Y-%m-%d}")
    days = min(max(_days(now - record.since), 1.0), float(RECENT.days))
    left = max(_days(until - now), 0.0)
    return Weight(so_far, so_far + round(recent / days * left))


def _days(span: timedelta) -> float:
    return span / timedelta(days=1)
