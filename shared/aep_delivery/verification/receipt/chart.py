"""Rows and bytes of a dataset's files as columns, in percent of the drawing, so that a page needs no arithmetic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from aep_delivery.verification.report import FileReport, FileState

MAX_COLUMNS = 60
"""Beyond this many files neighbours share a column."""
_MIN_SLOTS = 16
"""So few files as these still get columns and not walls."""
_GAP = 0.28
"""The part of a column's slot that stays free."""


class Slot(NamedTuple):
    """Where a bar stands; lengths in percent of the drawing."""

    x: float
    width: float
    centre: float


class Column(NamedTuple):
    """One bar; lengths in percent of the drawing."""

    x: float
    width: float
    height: float
    centre: float
    value: int
    first: FileReport
    last: FileReport
    files: int
    sigil: str | None
    """Set where at least one of the files is not whole."""


class Chart(NamedTuple):
    """One series of columns under a round scale."""

    columns: list[Column]
    top: int
    """What the full height stands for."""
    per_column: int
    """Files a column stands for, at most."""


def rows_chart(files: Sequence[FileReport]) -> Chart:
    """Counted rows; a file that could not be counted has a column of no height."""
    return _chart(files, [file.rows or 0 for file in files], binary=False)


def bytes_chart(files: Sequence[FileReport]) -> Chart:
    """Stored bytes."""
    return _chart(files, [file.size for file in files], binary=True)


def round_top(value: int, *, binary: bool) -> int:
    """The least "round" number not below `value`: 1, 2 or 5 times a power of ten, in the unit `value` reads in."""
    unit = 1024 ** ((value.bit_length() - 1) // 10) if binary and value else 1
    scaled = value / unit
    power = 10 ** math.floor(math.log10(scaled)) if scaled >= 1 else 1
    for step in (1, 2, 5, 10):
        if step * power * unit >= value:
            return int(step * power * unit)
    return value


def slots(count: int) -> list[Slot]:
    """Places for `count` bars from the left, with gaps between them."""
    slot = 100 / max(count, _MIN_SLOTS)
    return [
        Slot(
            x=round(slot * (place + _GAP / 2), 3),
            width=round(slot * (1 - _GAP), 3),
            centre=round(slot * (place + 0.5), 3),
        )
        for place in range(count)
    ]


def _chart(files: Sequence[FileReport], values: Sequence[int], *, binary: bool) -> Chart:
    per_column = math.ceil(len(files) / MAX_COLUMNS) or 1
    groups = [range(start, min(start + per_column, len(files))) for start in range(0, len(files), per_column)]
    totals = [sum(values[index] for index in group) for group in groups]
    top = round_top(max(totals, default=0), binary=binary)
    columns = [
        Column(
            x=slot.x,
            width=slot.width,
            height=round(100 * total / top, 2) if top else 0.0,
            centre=slot.centre,
            value=total,
            first=files[group[0]],
            last=files[group[-1]],
            files=len(group),
            sigil=_sigil([files[index] for index in group]),
        )
        for slot, group, total in zip(slots(len(groups)), groups, totals, strict=True)
    ]
    return Chart(columns=columns, top=top, per_column=per_column)


def _sigil(files: Sequence[FileReport]) -> str | None:
    return next((file.state.sigil for file in files if file.state is not FileState.WHOLE), None)
