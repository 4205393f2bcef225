"""Points in time as the store writes them: text whose order is the order of time, so that conditions can compare it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, PlainSerializer


def _to_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def as_text(moment: datetime) -> str:
    """ISO 8601 in UTC, always with microseconds: a fixed width, without which texts would not sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


Instant = Annotated[AwareDatetime, AfterValidator(_to_utc), PlainSerializer(as_text, when_used="json")]
"""A time with its zone, kept in UTC. Without a zone it is refused."""
