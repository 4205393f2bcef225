"""Runs that Adobe has made by itself: which of them are over, and what each is to be verified as."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from aep_delivery.adobe.models import Run
from aep_delivery.adobe.run_status import ReportedStatus, audiences_of, concerns, reported_status, run_figures
from aep_delivery.running.audience_slots import SlotKind
from aep_delivery.running.models import AwaitedRun, RunTrigger
from aep_delivery.running.timetable import DATASETS, Slot, Timetable
from aep_delivery.runtime.errors import InternalError

SETTLED_AFTER = timedelta(minutes=15)
"""How long a run must be over before the watch takes it: files may trail it, and an execution that awaits it looks
every ten minutes at the most."""
GIVE_UP_AFTER = timedelta(days=7)
"""A run that is still going by then is judged as it stands."""


def is_ripe(run: Run, now: datetime) -> bool:
    """Whether a run may be verified.

    Args:
        run: The run.
        now: By Adobe's clock.
    """
    if run.created is None:
        return False
    if reported_status(run) in (ReportedStatus.RUNNING, ReportedStatus.UNKNOWN):
        return now >= run.created + GIVE_UP_AFTER
    return now >= (run_figures(run).completed or run.created) + SETTLED_AFTER


def ended_well(run: Run) -> bool:
    """Whether a run is over, and exported what it could."""
    return reported_status(run) in (ReportedStatus.SUCCESS, ReportedStatus.PARTIAL)


def keys_of(run: Run, timetables: Sequence[Timetable]) -> set[str]:
    """Of which timetables a run is; all of them where it does not say."""
    keys = {timetable.key for timetable in timetables}
    return keys & audiences_of(run) or (keys if concerns(run, keys) or DATASETS in keys else set())


def as_awaited(
    run: Run, flow_id: str, timetables: Sequence[Timetable], runs_since: Callable[[datetime], list[Run]]
) -> AwaitedRun:
    """A run as an execution would have awaited it.

    Args:
        run: The run.
        flow_id: Of its dataflow.
        timetables: Of the delivery.
        runs_since: Lists the dataflow's runs that were created at a moment or later, newest first.

    Raises:
        InternalError: ``run.without-time``; Adobe does not say when the run was created.
    """
    created = run.created
    if created is None:
        raise InternalError(f"Adobe does not say when run {run.id} was created.", code="run.without-time")
    slots = {timetable.key: timetable.last(created) for timetable in timetables}
    keys = keys_of(run, timetables)
    if not audiences_of(run):
        latest = max((slot.at for slot in slots.values() if slot), default=None)
        keys = {key for key in keys if (slot := slots[key]) is not None and slot.at == latest} or keys
    slot = max((found for key in keys if (found := slots[key]) is not None), key=lambda one: one.at, default=None)
    if slot is None or not _opens(run, slot, keys, runs_since):
        # A run by hand: its own beginning says more than a slot that another run has served.
        slot = Slot(created, created)
    return AwaitedRun(
        flow_id=flow_id,
        trigger=RunTrigger.SCHEDULED,
        slot=slot.at,
        slot_kind=SlotKind.DAY if slot.until > slot.at else SlotKind.MOMENT,
        deadline=created + GIVE_UP_AFTER,
        audiences=[timetable.key for timetable in timetables if timetable.key in keys - {DATASETS}],
        run_ids=[run.id],
    )


def _opens(run: Run, slot: Slot, keys: set[str], runs_since: Callable[[datetime], list[Run]]) -> bool:
    """Whether a run is the first of its slot; in a day there is no telling."""
    if slot.until > slot.at:
        return bool(run.created and run.created < slot.until)
    rivals = [one for one in runs_since(slot.at) if DATASETS in keys or concerns(one, keys)]
    return bool(rivals) and rivals[-1].id == run.id
