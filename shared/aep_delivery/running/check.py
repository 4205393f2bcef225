"""Looks how the awaited run stands, and says when to look again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.models import Run
from aep_delivery.adobe.run_status import (
    ReportedStatus,
    audience_records,
    audiences_of,
    concerns,
    reported_status,
    run_figures,
)
from aep_delivery.running.models import AwaitedRun, RunOutcome, RunStatus, RunTrigger

LONGEST_WAIT = 600
"""Seconds between two looks at most: a run of thirty hours then costs some 200 looks."""
WAIT_GROWTH = 1.3
_POLLS_THAT_GROW = 50
"""From one second to the longest wait takes fewer; a power of hundreds of looks would not fit a float."""
_LONGEST_WAIT_FOR_SLOT = 30 * 24 * 3600


class Look(BaseModel):
    """What one look at a run showed."""

    model_config = ConfigDict(frozen=True)

    status: RunStatus
    wait_seconds: int = 0
    run_ids: list[str] = []
    """The runs that were seen, be they under way."""
    outcome: RunOutcome | None = None
    """Set when there is nothing more to wait for."""


def look_at_run(awaited: AwaitedRun, flow_service: FlowService, *, polls: int, first_wait: int) -> Look:
    """Find the runs of the awaited slot and see how they stand.

    Args:
        awaited: Which run.
        flow_service: Adobe, in the delivery's sandbox.
        polls: How many looks there were before this one.
        first_wait: Seconds to wait after the first look; later waits grow.

    Raises:
        TransientError: Adobe asks to come back.
    """
    # A dataflow may have thousands of runs: those before the slot are left alone.
    runs = _belonging(flow_service.runs(awaited.flow_id, created_after=awaited.slot), awaited)
    # After the answer above this is Adobe's clock, by which slots and deadlines count.
    now = flow_service.server_time()
    statuses = {reported_status(run) for run in runs}
    going = statuses & {ReportedStatus.RUNNING, ReportedStatus.UNKNOWN}
    # One merge policy's run may end before the next one's begins.
    complete = _is_complete(awaited, runs) or now >= awaited.deadline
    if runs and not going and complete:
        outcome = _outcome(awaited, runs, statuses, backfill=_is_backfill(awaited, flow_service))
        return Look(status=outcome.status, run_ids=outcome.run_ids, outcome=outcome)
    seen = [run.id for run in runs]
    if now >= awaited.deadline:
        return Look(status=RunStatus.NO_RUN, run_ids=seen, outcome=_without_run(awaited, runs))
    if not runs and now < awaited.slot:
        wait = (awaited.slot - now).total_seconds()
        return Look(status=RunStatus.NO_RUN, wait_seconds=min(int(wait) + 1, _LONGEST_WAIT_FOR_SLOT))
    wait = min(first_wait * WAIT_GROWTH ** min(polls, _POLLS_THAT_GROW), LONGEST_WAIT)
    wait = min(wait, (awaited.deadline - now).total_seconds() + 1)
    status = RunStatus.RUNNING if runs else RunStatus.NO_RUN
    return Look(status=status, run_ids=seen, wait_seconds=max(1, int(wait)))


def _belonging(found: list[Run], awaited: AwaitedRun) -> list[Run]:
    """Of the runs since the slot, newest first, those that are awaited."""
    if awaited.run_ids:
        return [run for run in found if run.id in awaited.run_ids]
    if awaited.audiences:
        return [run for run in found if concerns(run, awaited.audiences) and _in_slot(run, awaited)]
    if awaited.trigger is RunTrigger.NOW:
        # Adobe named none: the first one since it was asked is the one it started.
        return found[-1:]
    return [run for run in found if _before(run, awaited.next_slot)]


def _in_slot(run: Run, awaited: AwaitedRun) -> bool:
    """Whether a run of the right audiences, or one that does not say of which it is, was created for the slot."""
    # Another audience's slot may be close: a run that says nothing is then taken for one of that.
    known = bool(audiences_of(run))
    return _before(run, awaited.next_slot) and (known or _before(run, awaited.next_of_any))


def _before(run: Run, moment: datetime | None) -> bool:
    return moment is None or bool(run.created and run.created < moment)


def _is_complete(awaited: AwaitedRun, runs: list[Run]) -> bool:
    """Whether no run is to be expected beside these."""
    if not awaited.audiences:
        return True
    if awaited.run_ids:
        return {run.id for run in runs} >= set(awaited.run_ids)
    said = [audiences_of(run) for run in runs]
    # While one of them does not say which audiences it is of, nothing can be missed.
    return not all(said) or set().union(*said) >= set(awaited.audiences)


def _is_backfill(awaited: AwaitedRun, flow_service: FlowService) -> bool:
    """Whether no run of this dataflow, or of these audiences, came before the slot: the first carries all there is."""
    return awaited.trigger is RunTrigger.SCHEDULED and all(
        run.created and run.created >= awaited.slot
        for run in flow_service.runs(awaited.flow_id)
        if not awaited.audiences or concerns(run, awaited.audiences)
    )


def _outcome(awaited: AwaitedRun, runs: list[Run], statuses: set[ReportedStatus], *, backfill: bool) -> RunOutcome:
    figures = [run_figures(run) for run in runs]
    by_audience = _by_audience(awaited, runs)
    # A run may be of other people's audiences, too: those of its figures that do not tell them apart say nothing.
    mixed = any(not audiences_of(run) <= set(awaited.audiences) for run in runs) if awaited.audiences else False
    records = sum(by_audience.values()) if mixed else _sum(figure.records for figure in figures)
    files = None if mixed else _sum(figure.files for figure in figures)
    if ReportedStatus.FAILED in statuses:
        status = RunStatus.FAILED
    elif ReportedStatus.PARTIAL in statuses:
        status = RunStatus.PARTIAL
    else:
        status = RunStatus.EMPTY if records == 0 and not files else RunStatus.SUCCESS
    return RunOutcome(
        status=status,
        flow_id=awaited.flow_id,
        slot=awaited.slot,
        run_ids=[run.id for run in runs],
        started_at=min((f.started for f in figures if f.started), default=None),
        completed_at=max((f.completed for f in figures if f.completed), default=None),
        records=records,
        files=files,
        bytes=None if mixed else _sum(figure.bytes for figure in figures),
        skipped_records=_sum(figure.skipped for figure in figures),
        failed_records=_sum(figure.failed for figure in figures),
        errors=[line for figure in figures for line in (*figure.errors, *figure.skip_reasons)],
        audiences=awaited.audiences,
        audience_records=by_audience,
        slot_kind=awaited.slot_kind,
        backfill=backfill,
    )


def _without_run(awaited: AwaitedRun, runs: list[Run]) -> RunOutcome:
    waited = awaited.deadline - awaited.slot
    said = [f"Run {run.id} was still {reported_status(run)} at the deadline." for run in runs]
    return RunOutcome(
        status=RunStatus.NO_RUN,
        flow_id=awaited.flow_id,
        slot=awaited.slot,
        run_ids=[run.id for run in runs],
        audiences=awaited.audiences,
        slot_kind=awaited.slot_kind,
        errors=said or [f"No run appeared within {_hours(waited)} of its slot."],
    )


def _by_audience(awaited: AwaitedRun, runs: list[Run]) -> dict[str, int]:
    found: dict[str, int] = {}
    for run in runs:
        for audience_id, records in audience_records(run).items():
            if audience_id in awaited.audiences:
                found[audience_id] = found.get(audience_id, 0) + records
    return found


def _hours(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes / 60:g} hours"


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
