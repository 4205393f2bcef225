"""Figures, times and names as a person reads them."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


def count(number: int) -> str:
    """``336776`` -> ``336,776``: as the sentences of findings have it."""
    return f"{number:,}"


def signed(number: int) -> str:
    """`number` with its sign, a real minus for negative ones; zero has none."""
    sign = "" if number == 0 else "+" if number > 0 else "\N{MINUS SIGN}"
    return sign + count(abs(number))


def percent(fraction: float) -> str:
    """``0.123`` -> ``+12%``; what rounds to nothing is ``±0%``."""
    whole = round(fraction * 100)
    return f"{signed(whole)}%" if whole else "\N{PLUS-MINUS SIGN}0%"


def plural(number: int, noun: str) -> str:
    """``1 file``, ``1,200 files``."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def size(number: int) -> str:
    """Bytes in the binary unit that leaves one to four digits: ``1.5 KiB``, ``12 MiB``."""
    if abs(number) == 1:
        return f"{number} byte"
    value, unit = float(number), 0
    while abs(value) >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    # 1,023.96 KiB would otherwise read "1024 KiB".
    if unit and abs(round(value)) >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    digits = 1 if abs(value) < 99.95 and value != int(value) else 0
    return f"{value:,.{digits}f} {_UNITS[unit]}"


def duration(span: timedelta) -> str:
    """The two greatest units: ``0.4 s``, ``4 min 12 s``, ``3 h 5 min``, ``2 d 4 h``."""
    seconds = max(span.total_seconds(), 0.0)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for great, great_seconds, small, small_seconds in (
        ("d", 86400, "h", 3600),
        ("h", 3600, "min", 60),
        ("min", 60, "s", 1),
    ):
        if whole >= great_seconds:
            rest = whole % great_seconds // small_seconds
            return f"{whole // great_seconds} {great}" + (f" {rest} {small}" if rest else "")
    return f"{whole} s"


def moment(when: datetime) -> str:
    """``2027-01-01 03:04:05 UTC``."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def iso(when: datetime) -> str:
    """``2027-01-01T03:04:05Z``, for the ``datetime`` attribute of ``<time>``."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def within(key: str, folder: str) -> str:
    """`key` as seen from `folder`; the whole key where it lies elsewhere, or where `folder` names more than one."""
    return key.removeprefix(folder.rstrip("/") + "/")


def visible(text: str) -> str:
    """`text` with every character that acts instead of showing spelled out.

    Terminal escapes, line breaks and the Unicode controls that turn a name's direction around can make one name look
    like another, in a terminal and in HTML alike. Spaces of all kinds and the joiners that Persian, Hindi and emoji
    are written with stay as they are.
    """
    return "".join(char if _shows(char) else f"⟨U+{ord(char):04X}⟩" for char in text)


def _shows(char: str) -> bool:
    return char.isprintable() or char in _JOINERS or unicodedata.category(char) == "Zs"
