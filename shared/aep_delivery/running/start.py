"""Asks Adobe for a run, or names the one that is coming."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from aep_delivery.adobe.errors import AdobeTransientError
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.run_status import concerns
from aep_delivery.running.audience_slots import ScheduledAudience, next_audience_slot
from aep_delivery.running.models import AwaitedRun, RunTrigger
from aep_delivery.running.settling import SETTLING_TIME, wait_until_settled
from aep_delivery.running.slots import interval_of, next_slot
from aep_delivery.runtime.clock import Clock, from_epoch_millis
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.lock import Fence
from aep_delivery.state.records import Action, Done, Intent, IntentRecord, RunKind
from aep_delivery.state.store import StateStore


def await_scheduled_run(
    flow_id: str, schedule: dict[str, Any], flow_service: FlowService, deadline: timedelta
) -> AwaitedRun:
    """The next scheduled run of a dataflow, told from all others by its slot.

    Raises:
        UserError: ``schedule.no-more-runs``.
    """
    slot = next_slot(schedule, flow_service.server_time())
    step = interval_of(schedule)
    return AwaitedRun(
        flow_id=flow_id,
        trigger=RunTrigger.SCHEDULED,
        slot=slot,
        next_slot=slot + step if step else None,
        deadline=slot + deadline,
    )


def await_scheduled_audiences(
    flow_id: str, audiences: Sequence[ScheduledAudience], flow_service: FlowService, deadline: timedelta
) -> AwaitedRun:
    """The next scheduled runs of a dataflow's audiences, told from all others by their slot and by their audiences.

    Args:
        flow_id: The dataflow.
        audiences: All audiences of the delivery, with their schedules.
        flow_service: For Adobe's clock.
        deadline: How long after the slot the runs may take; where the slot is a day, after its end.

    Raises:
        UserError: ``schedule.no-more-runs``.
    """
    slot = next_audience_slot(audiences, flow_service.server_time())
    return AwaitedRun(
        flow_id=flow_id,
        trigger=RunTrigger.SCHEDULED,
        slot=slot.at,
        next_slot=slot.next_slot,
        next_of_any=slot.next_of_any,
        audiences=slot.audiences,
        slot_kind=slot.kind,
        deadline=slot.until + deadline,
    )


class AdHocRun:
    """Starts a run now: once per execution, even where Adobe's answer is lost.

    Args:
        flow_id: The dataflow.
        post: Makes the ad-hoc call and returns the ids of the runs Adobe names.
        flow_service: For Adobe's clock, and for the look-up after a lost answer.
        store: The journal.
        fence: The lock; its owner is the execution that asks.
        clock: Ours, for the age of a lost request.
        audiences: Ids of the audiences that are asked for; none for datasets.
    """

    def __init__(
        self,
        flow_id: str,
        *,
        post: Callable[[], list[str]],
        flow_service: FlowService,
        store: StateStore,
        fence: Fence,
        clock: Clock,
        settling: timedelta = SETTLING_TIME,
        audiences: Sequence[str] = (),
    ) -> None:
        self._flow_id = flow_id
        self._post = post
        self._flow_service = flow_service
        self._store = store
        self._fence = fence
        self._clock = clock
        self._settling = settling
        self._audiences = list(audiences)

    def start(self, deadline: timedelta) -> AwaitedRun:
        """Start the run, or find the one that this execution has started already.

        Args:
            deadline: How long after asking the run may take.

        Raises:
            TransientError: Not ready for export yet, or the answer was lost; ask again.
            UserError: Adobe refuses.
        """
        entry = self._store.read_journal(self._fence.delivery_id).get(RunKind.AD_HOC_RUN)
        if entry is not None and entry.intent is not None:
            done = self._settle(entry.intent)
        else:
            done = entry.done if entry is not None else None
        if done is None or not self._is_ours(done):
            done = self._ask()
        asked = _asked_at(done.intent_id or "")
        return AwaitedRun(
            flow_id=self._flow_id,
            trigger=RunTrigger.NOW,
            slot=asked,
            deadline=asked + deadline,
            run_ids=list(done.run_ids),
            audiences=self._audiences,
        )

    def _ask(self) -> Done:
        # Adobe's own time goes into the name of the request: it tells its run from those before.
        intent = Intent(
            intent_id=f"{self._fence.owner}@{_epoch_millis(self._after_all_runs())}",
            action=Action.CREATE,
            fingerprint=self._flow_id,
            resource_id=self._flow_id,
        )
        self._store.write_intent(self._fence, RunKind.AD_HOC_RUN, intent)
        try:
            run_ids = self._post()
        except (UserError, AdobeTransientError):
            # Refused, throttled or never sent: it is certain that nothing was started.
            self._store.clear_intent(self._fence, RunKind.AD_HOC_RUN)
            raise
        return self._confirm(intent.intent_id, run_ids)

    def _after_all_runs(self) -> datetime:
        """A moment by Adobe's clock after every run there is, and before any that is yet to be started."""
        # The clock is read from the last answer and may be a minute old: runs may have been created since.
        recent = self._flow_service.runs(self._flow_id, created_after=self._flow_service.server_time())
        moments = [run.created + timedelta(milliseconds=1) for run in recent if run.created]
        return max([self._flow_service.server_time(), *moments])

    def _settle(self, intent: IntentRecord) -> Done | None:
        """Find out what a request whose answer was lost has done; None where it started nothing."""
        flow_id = intent.resource_id or self._flow_id
        runs = self._flow_service.runs(flow_id, created_after=_asked_at(intent.intent_id))
        # The oldest run since the request is the one it started; of audiences there is one for each merge policy.
        started = [run for run in runs if concerns(run, self._audiences)] if self._audiences else runs[-1:]
        if started:
            return self._confirm(intent.intent_id, [run.id for run in started], flow_id)
        wait_until_settled(intent, self._clock, "start a run", self._settling)
        self._store.clear_intent(self._fence, RunKind.AD_HOC_RUN)
        return None

    def _confirm(self, intent_id: str, run_ids: list[str], flow_id: str | None = None) -> Done:
        done = Done(
            intent_id=intent_id,
            action=Action.CREATE,
            resource_id=flow_id or self._flow_id,
            fingerprint=flow_id or self._flow_id,
            run_ids=tuple(run_ids),
        )
        self._store.write_done(self._fence, RunKind.AD_HOC_RUN, done)
        return done

    def _is_ours(self, done: Done) -> bool:
        return done.resource_id == self._flow_id and (done.intent_id or "").rpartition("@")[0] == self._fence.owner


def _epoch_millis(moment: datetime) -> int:
    """Epoch milliseconds, rounded to the nearest: a float's last digits must not make a moment earlier."""
    return round(moment.timestamp() * 1000)


def _asked_at(intent_id: str) -> datetime:
    return from_epoch_millis(int(intent_id.rpartition("@")[2]))
