"""Points in time as a config writes them: ISO 8601 with an offset, or whole epoch seconds."""

from __future__ import annotations

import re
from calendar import month_name, monthrange
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from aep_delivery.config.base import Violation, refuse

_FIRST_MILLISECONDS = 100_000_000_000
"""From here on an integer is taken for milliseconds: as seconds it would be the year 5138, as millis it is 1973."""

_HINT = "Write 2027-01-01T00:00:00Z, or whole epoch seconds such as 1798761600."


def _from_seconds(seconds: int) -> datetime:
    if seconds >= _FIRST_MILLISECONDS:
        refuse(
            Violation(
                "config.time-in-milliseconds",
                "looks like epoch milliseconds, but Adobe's scheduleParams count seconds",
                "Drop the last three digits, or write the time as 2027-01-01T00:00:00Z.",
            )
        )
    if seconds < 0:
        refuse(Violation("config.time-invalid", "lies before 1970", _HINT))
    return datetime.fromtimestamp(seconds, UTC)


def _from_text(text: str) -> datetime:
    if text.isascii() and text.isdigit():
        refuse(
            Violation(
                "config.time-quoted-number",
                "is a number in quotes, which Adobe rejects",
                "Remove the quotes for epoch seconds, or write the time as 2027-01-01T00:00:00Z.",
            )
        )
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        refuse(Violation("config.time-invalid", _missing_day(text) or "is not a time in ISO 8601", _HINT))
    return _in_utc(moment)


def _missing_day(text: str) -> str | None:
    """What to say of a date that no calendar has: 30 February; None where something else is wrong."""
    date = re.match(r"([1-9][0-9]{3})-(0[1-9]|1[0-2])-(29|3[01])T", text)
    if date is None or int(date[3]) <= monthrange(int(date[1]), int(date[2]))[1]:
        return None
    year = f" in {date[1]}" if (date[2], date[3]) == ("02", "29") else ""
    return f"there is no {date[3]} {month_name[int(date[2])]}{year}"


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        refuse(
            Violation(
                "config.time-without-timezone",
                "has no timezone, so it could mean 24 different hours",
                "Add the offset: 2027-01-01T00:00:00Z for UTC, 2027-01-01T00:00:00+01:00 for CET.",
            )
        )
    if moment.microsecond:
        refuse(Violation("config.time-invalid", "has fractions of a second, but Adobe counts whole ones", _HINT))
    try:
        in_utc = moment.astimezone(UTC)
    except OverflowError:
        refuse(Violation("config.time-invalid", "is out of range", _HINT))
    return _from_seconds(int(in_utc.timestamp()))


def read_moment(value: object) -> datetime:
    """The time a config means, in UTC, whole seconds.

    Args:
        value: ISO 8601 text with an offset, an integer of epoch seconds, or an aware datetime.

    Raises:
        PydanticCustomError: For milliseconds, quoted numbers, a missing offset, fractions and everything else.
    """
    match value:
        case datetime():
            moment = _in_utc(value)
        case str():
            moment = _from_text(value)
        case int() if not isinstance(value, bool):
            moment = _from_seconds(value)
        case _:
            refuse(Violation("config.time-invalid", "is neither a time nor whole seconds", _HINT))
    return moment


Moment = Annotated[
    datetime,
    BeforeValidator(read_moment),
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "string",
                    "format": "date-time",
                    "pattern": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$",
                },
                {"type": "integer", "minimum": 0, "exclusiveMaximum": _FIRST_MILLISECONDS},
            ]
        }
    ),
]
