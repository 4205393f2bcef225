"""Judges how fresh one delivery is: against its own schedule, and against what Adobe shows of its dataflow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aep_delivery.adobe.errors import EntityNotFoundError
from aep_delivery.adobe.models import Dataflow, Run
from aep_delivery.events.base import MOST_RUNS, named, within
from aep_delivery.events.details import Detail
from aep_delivery.events.watches import DataflowDisabled, DeliveryLate, ScheduleEnding
from aep_delivery.running.past_runs import ended_well, keys_of
from aep_delivery.running.timetable import DATASETS, Due, next_due
from aep_delivery.runtime.clock import from_epoch_millis
from aep_delivery.state.records import Outcome
from aep_delivery.state.watching import Freshness, FreshnessFinding
from aep_delivery.verification.report import Verdict
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.watched import Watched

LATE, ENDING, DISABLED = "late", "ending", "disabled"
"""Kinds of findings: of each there is one at a time."""
_DISABLED_STATE = "disabled"
_SKEW = timedelta(minutes=5)
"""A run may be created a little before its slot, by a clock that is a little behind."""
LOOK_BACK = timedelta(days=14)
"""How much of what an earlier look has seen is seen again: a run may end, or be judged, long after it was created."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class FreshnessCheck:
    """One look at one delivery.

    Args:
        delivery_id: ``sandbox/name``.
        delivery: What was applied of it.
        execution: Who looks.
        services: The collaborators.
    """

    def __init__(self, delivery_id: str, delivery: Watched, execution: str, services: Services) -> None:
        self._id = delivery_id
        self._delivery = delivery
        self._execution = execution
        self._services = services
        self._flow_service = services.flow_service(delivery.config.sandbox)
        self._before = services.store.freshness(delivery_id)
        self._outcome = services.store.latest_outcome(delivery_id)
        self._timetables = delivery.timetables

    def look(self, since: datetime) -> tuple[Freshness, dict[str, Detail]]:
        """How it stands now, and what is wrong, by its kind.

        Args:
            since: Where nobody has looked before, since when its slots count.

        Raises:
            TransientError: Adobe or the store asks to come back.
        """
        flow = self._flow()
        since, served = self._expected_since(since), dict(self._served_before())
        oldest = min((served.get(timetable.key, since) for timetable in self._timetables), default=since)
        runs = self._flow_service.runs(self._delivery.flow_id, created_after=max(oldest - _SKEW, self._seen_until()))
        self._serve(runs, served)
        now = self._flow_service.server_time()
        tolerance = timedelta(minutes=self._delivery.config.run.deadline_minutes)
        # Somebody may look between a slot and the run for it, which is created a moment later.
        dues = next_due(self._timetables, {key: at + _SKEW for key, at in served.items()}, since, tolerance)
        ends_at = self._ends_at(flow, now)
        freshness = Freshness(
            version=self._before.version if self._before else 0,
            checked_at=self._services.clock.now(),
            flow_id=self._delivery.flow_id,
            config_fingerprint=self._delivery.applied.config_fingerprint,
            expected_since=since,
            served=served,
            last_run_at=max(served.values(), default=None),
            due_at=dues[0].at if dues else None,
            ends_at=ends_at,
            last_verified_at=self._last_verified_at(),
        )
        found: dict[str, Detail] = {}
        if flow is None or flow.state == _DISABLED_STATE:
            found[DISABLED] = self._disabled(flow)
        elif dues and dues[0].at < now:
            found[LATE] = self._late([due for due in dues if due.at < now], runs, now, tolerance)
        if ends_at is not None and ends_at - timedelta(days=self._services.settings.ending_within_days) <= now:
            found[ENDING] = self._ending(ends_at, now)
        findings = tuple(FreshnessFinding(code=code_of(one), reason=one.reason) for one in found.values())
        return freshness.model_copy(update={"findings": findings}), found

    def _flow(self) -> Dataflow | None:
        try:
            return self._flow_service.get_dataflow(self._delivery.flow_id)
        except EntityNotFoundError:
            return None

    def _expected_since(self, first: datetime) -> datetime:
        """No slot before is expected: the schedule was another, or nobody had applied it."""
        before, applied = self._before, self._delivery.applied
        if before is None:
            return first
        same = before.config_fingerprint == applied.config_fingerprint
        return before.expected_since if same else applied.applied_at

    def _seen_until(self) -> datetime:
        """What runs before have served is in the record of the last look."""
        if self._before is None:
            return _EVER
        return min(self._before.checked_at, self._flow_service.server_time()) - LOOK_BACK

    def _served_before(self) -> dict[str, datetime]:
        keys = {timetable.key for timetable in self._timetables}
        same = self._before is not None and self._before.flow_id == self._delivery.flow_id
        return {key: at for key, at in self._before.served.items() if key in keys} if self._before and same else {}

    def _serve(self, runs: Sequence[Run], served: dict[str, datetime]) -> None:
        """Take note of runs that ended well, and that nobody has found wanting."""
        for run in runs:
            created = run.created or _EVER
            new = [key for key in keys_of(run, self._timetables) if created > served.get(key, _EVER)]
            if new and ended_well(run) and self._may_be_good(run):
                served.update(dict.fromkeys(new, created))

    def _may_be_good(self, run: Run) -> bool:
        claim = self._services.store.run_claim(self._id, run.id)
        return claim is None or claim.verdict is None or Verdict(claim.verdict).is_good

    def _last_verified_at(self) -> datetime | None:
        if self._outcome is not None and _is_good(self._outcome):
            return self._outcome.finished_at
        return self._before.last_verified_at if self._before else None

    def _ends_at(self, flow: Dataflow | None, now: datetime) -> datetime | None:
        """When the first of the schedules ends that is yet to end; the last end where all have ended."""
        if not self._delivery.config.exports_audiences and flow is not None:
            live = (flow.schedule_params or {}).get("endTime")
            if isinstance(live, int) and self._timetables[0].ends_at is not None:
                return from_epoch_millis(live * 1000)
        ends = [end for timetable in self._timetables if (end := timetable.ends_at) is not None]
        going = [end for end in ends if end > now]
        over = max(ends) if len(ends) == len(self._timetables) and ends else None
        return min(going) if going else over

    def _late(self, dues: Sequence[Due], runs: Sequence[Run], now: datetime, tolerance: timedelta) -> DeliveryLate:
        first = dues[0]
        since = [run for run in runs if run.created and run.created >= first.slot.at - _SKEW]
        what = "" if first.timetable.key == DATASETS else " of " + ", ".join(due.timetable.name for due in dues)
        came = f"{len(since)} runs since have not ended well" if since else "Adobe has made no run since"
        reason = (
            f"{self._id} is late: the export{what} of {first.slot.at:%Y-%m-%d %H:%M} UTC was due by "
            f"{first.at:%Y-%m-%d %H:%M} UTC, and {came}."
        )
        return DeliveryLate(
            **self._who(),
            reason=within(reason),
            flow_id=self._delivery.flow_id,
            detected_at=self._services.clock.now(),
            due_at=first.at,
            slot=first.slot.at,
            late_seconds=int((now - first.at).total_seconds()),
            tolerance_minutes=int(tolerance.total_seconds() // 60),
            last_verified_at=self._last_verified_at(),
            last_verdict=self._outcome.verdict if self._outcome else None,
            last_receipt=self._outcome.receipt_uri if self._outcome else None,
            run_ids=[run.id for run in since][:MOST_RUNS],
        )

    def _ending(self, ends_at: datetime, now: datetime) -> ScheduleEnding:
        ended = ends_at <= now
        left = max(0, (ends_at - now).days)
        said = "has ended" if ended else f"ends in {left} days"
        return ScheduleEnding(
            **self._who(),
            reason=f"The schedule of {self._id} {said}, at {ends_at:%Y-%m-%d %H:%M} UTC.",
            flow_id=self._delivery.flow_id,
            detected_at=self._services.clock.now(),
            code="schedule-ended" if ended else "schedule-ending",
            ends_at=ends_at,
            days_left=left,
        )

    def _disabled(self, flow: Dataflow | None) -> DataflowDisabled:
        updated = flow.updated_at if flow is not None else None
        who = (flow.model_extra or {}).get("updatedBy") if flow is not None else None
        said = "is disabled in Adobe" if flow is not None else "is no more in Adobe"
        return DataflowDisabled(
            **self._who(),
            reason=f"The dataflow of {self._id} {said}: nothing is exported.",
            flow_id=self._delivery.flow_id,
            detected_at=self._services.clock.now(),
            changed_at=from_epoch_millis(updated) if updated is not None else None,
            changed_by=who if isinstance(who, str) else None,
        )

    def _who(self) -> dict[str, str]:
        return {**named(self._id), "execution": self._execution}


def code_of(detail: Detail) -> str:
    """The stable word for what is wrong."""
    return str(getattr(detail, "code", detail.DETAIL_TYPE))


def _is_good(outcome: Outcome) -> bool:
    return outcome.verdict in {verdict.value for verdict in Verdict if verdict.is_good}
