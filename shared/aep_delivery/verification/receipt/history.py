"""This delivery beside the earlier ones of its name: columns of rows and bytes, and what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from aep_delivery.verification.receipt.chart import round_top, slots
from aep_delivery.verification.receipt.models import EarlierRun, Receipt, ResourceAction, ResourceKind
from aep_delivery.verification.report import Verdict

_FIRST_FULL = "FIRST_FULL_THEN_INCREMENTAL"
_MANY_ENOUGH = 3
"""Fewer deliveries than these do not tell what is usual."""
MAX_EARLIER = 29
"""Earlier deliveries that a receipt tells of: with its own, a month of daily ones."""


class RunColumn(NamedTuple):
    """One delivery's bar; lengths in percent of the drawing."""

    x: float
    width: float
    height: float
    centre: float
    value: int | None
    """None where nothing could be counted."""
    run: EarlierRun
    good: bool
    cut: bool
    """True for a first full export that is taller than the drawing."""


class Series(NamedTuple):
    """One figure of all deliveries, the oldest first, under a round scale."""

    columns: list[RunColumn]
    top: int
    """What the full height stands for."""
    usual: int | None
    """The median of the earlier deliveries that were verified, without first full exports; None for too few."""
    change: float | None
    """This delivery's figure against `usual`, as a fraction of it; None for what cannot be compared, or is empty."""


class History(NamedTuple):
    """This delivery and those before it."""

    runs: list[EarlierRun]
    """The oldest first; the last is this one."""
    rows: Series
    bytes: Series
    compared: int
    """Earlier deliveries that tell what is usual."""


def this_run(receipt: Receipt) -> EarlierRun:
    """What later receipts will tell of this one."""
    found = receipt.verification
    # A report that judged no file says nothing of rows.
    counted = found is not None and not found.uncounted_files
    return EarlierRun(
        execution=receipt.request.execution,
        verdict=str(receipt.verdict),
        finished_at=receipt.finished_at,
        backfill=_is_first_full(receipt),
        files=found.file_count if found else None,
        rows=found.rows if found and counted else None,
        bytes=found.bytes if found else None,
    )


def of(receipt: Receipt) -> History | None:
    """The figures of a receipt and of those it tells of; None where it is the first."""
    if not receipt.earlier:
        return None
    runs = [*reversed(receipt.earlier), this_run(receipt)]
    usual = [run for run in runs[:-1] if _is_usual(run)]
    return History(
        runs=runs,
        rows=_series(runs, [run.rows for run in runs], [run.rows for run in usual], binary=False),
        bytes=_series(runs, [run.bytes for run in runs], [run.bytes for run in usual], binary=True),
        compared=len(usual),
    )


def _is_first_full(receipt: Receipt) -> bool:
    """True for the run of an incremental schedule that carries all there is: the dataflow's first that brings files."""
    if receipt.run is None or receipt.asked is None:
        return False
    asked = receipt.asked
    modes = {asked.schedule.export_mode if asked.schedule else None, *(each.export_mode for each in asked.audiences)}
    is_new = any(
        each.kind is ResourceKind.DATAFLOW and each.action in (ResourceAction.CREATE, ResourceAction.REPLACE)
        for each in receipt.resources
    )
    return _FIRST_FULL in modes and (receipt.run.backfill or is_new or not any(run.files for run in receipt.earlier))


def _is_usual(run: EarlierRun) -> bool:
    return run.verdict == Verdict.VERIFIED and not run.backfill and bool(run.bytes)


def _series(
    runs: Sequence[EarlierRun], values: Sequence[int | None], usual: Sequence[int | None], *, binary: bool
) -> Series:
    # The first full export is as large as all that came after it: on its scale nothing else would be seen.
    scaled = [value or 0 for run, value in zip(runs, values, strict=True) if not run.backfill]
    top = round_top(max(scaled) if any(scaled) else max((value or 0 for value in values), default=0), binary=binary)
    columns = [
        RunColumn(
            x=slot.x,
            width=slot.width,
            height=min(round(100 * (value or 0) / top, 2), 100.0) if top else 0.0,
            centre=slot.centre,
            value=value,
            run=run,
            good=run.verdict in (Verdict.VERIFIED, Verdict.EMPTY),
            cut=(value or 0) > top,
        )
        for slot, run, value in zip(slots(len(runs)), runs, values, strict=True)
    ]
    counted = [value for value in usual if value is not None]
    middle = round(median(counted)) if len(counted) >= _MANY_ENOUGH else None
    now = values[-1]
    comparable = not runs[-1].backfill and runs[-1].verdict != Verdict.EMPTY
    return Series(columns, top, middle, (now - middle) / middle if comparable and middle and now is not None else None)
