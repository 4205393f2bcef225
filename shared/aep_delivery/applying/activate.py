"""Puts exactly the wanted audiences and attributes on a dataflow.

Adobe: Connect to batch destinations and activate audiences by API: a JSON Patch, then a look at what came back. The
patch is made from the dataflow whose tag it carries, so that its indices are right or it is refused.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection

from pydantic import BaseModel, ConfigDict

from aep_delivery.adobe.errors import EtagMismatchError, OutcomeUnknownError
from aep_delivery.applying.gateway import ResourceGateway
from aep_delivery.applying.mapping_sets import MappingSetKeeper
from aep_delivery.applying.staleness import refuse_stale_activation
from aep_delivery.planning.activation import ActivationDifference, WantedActivation, compare_activation
from aep_delivery.planning.activation_patch import activation_operations
from aep_delivery.planning.columns import MappingSets, live_columns
from aep_delivery.planning.live import LiveResource
from aep_delivery.planning.plan import ActivationAction, ActivationSubject, PlannedActivation
from aep_delivery.planning.plan_activation import activated
from aep_delivery.planning.transformation import Transformation
from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.state.lock import Fence
from aep_delivery.state.records import Action, ActivationKind, Done, Intent, JournalEntry
from aep_delivery.state.store import StateStore

PATCH_ATTEMPTS = 5


class ActivationOutcome(BaseModel):
    """What was done."""

    model_config = ConfigDict(frozen=True)

    added: int = 0
    """Audiences."""
    updated: int = 0
    """Audiences."""
    removed: int = 0
    """Audiences."""
    attributes: int = 0
    """Changes of attributes, mandatory fields and the deduplication key."""


class Activator:
    """Makes a dataflow have exactly the wanted activation.

    Args:
        gateway: The calls for dataflows.
        mapping_sets: Data Prep, to read; None for the first generation.
        keeper: Makes mapping sets; None for the first generation.
        store: The journal.
        fence: Proof that this execution holds the delivery's lock.
    """

    def __init__(
        self,
        *,
        gateway: ResourceGateway,
        mapping_sets: MappingSets | None,
        keeper: MappingSetKeeper | None,
        store: StateStore,
        fence: Fence,
    ) -> None:
        self._gateway = gateway
        self._mapping_sets = mapping_sets
        self._keeper = keeper
        self._store = store
        self._fence = fence

    def activate(self, flow_id: str, wanted: WantedActivation, planned: PlannedActivation) -> ActivationOutcome:
        """Add, change and remove what is not as wanted, and see that it is so. Safe to repeat after any failure.

        Args:
            flow_id: The dataflow.
            wanted: What shall be on it.
            planned: What the plan showed. Nothing beyond it is done.

        Raises:
            UserError: ``plan.stale`` where Adobe has changed since the plan was made; or Adobe refuses the change.
            InternalError: ``adobe.operation-failed``; Adobe took the change, but could not carry it out.
            TransientError: ``activation.unconfirmed``, or Adobe or the store asks to come back.
        """
        self._settle(flow_id)
        live = self._gateway.idle(flow_id)
        ours = self._ours(flow_id)
        first = needed = self._compare(wanted, live, ours)
        refuse_stale_activation(planned, needed.planned, flow_id)
        if not needed.changes:
            self._confirm(live, wanted, None)
            return ActivationOutcome()
        mapping = None
        if needed.attributes and self._keeper is not None:
            mapping = self._keeper.ensure(wanted)
        intent = self._announce(live, wanted)
        happened = False
        try:
            for _ in range(PATCH_ATTEMPTS):
                try:
                    self._gateway.patch(flow_id, activation_operations(needed, mapping), live.etag)
                    happened = True
                    live = self._gateway.settled(flow_id)
                except EtagMismatchError:
                    # Adobe changes tags by itself shortly after a write.
                    live = self._gateway.idle(flow_id)
                except OutcomeUnknownError:
                    happened = True
                    live = self._gateway.idle(flow_id)
                needed = self._compare(wanted, live, ours)
                if not needed.changes:
                    self._confirm(live, wanted, intent)
                    return _outcome(first)
                refuse_stale_activation(planned, needed.planned, flow_id)
                if needed.attributes and self._keeper is not None and mapping is None:
                    mapping = self._keeper.ensure(wanted)
        except UserError:
            if happened:
                self._settle(flow_id)
            else:
                self._store.clear_intent(self._fence, ActivationKind.ACTIVATION)
            raise
        raise TransientError(
            f"The dataflow {flow_id} does not show its audiences and attributes as they were sent, after "
            f"{PATCH_ATTEMPTS} attempts.",
            code="activation.unconfirmed",
            place=flow_id,
            details=[f"{change.action} {change.subject} {change.name}" for change in needed.changes],
            hint="Adobe says yes to a change before it has made it. Look at the dataflow in Experience Platform; the "
            "next delivery tries again.",
        )

    def _compare(self, wanted: WantedActivation, live: LiveResource, ours: Collection[str]) -> ActivationDifference:
        transformation = Transformation.of(live.body, first_generation=wanted.first_generation)
        columns = live_columns(transformation, self._mapping_sets)
        return compare_activation(wanted, transformation, ours=ours, columns=columns)

    def _entry(self) -> JournalEntry | None:
        return self._store.read_journal(self._fence.delivery_id).get(ActivationKind.ACTIVATION)

    def _ours(self, flow_id: str) -> frozenset[str]:
        return activated(self._store.read_journal(self._fence.delivery_id), flow_id)

    def _settle(self, flow_id: str) -> None:
        """Have what was announced without an outcome count as ours: if it is on the dataflow, we have put it there."""
        entry = self._entry()
        if entry is None or entry.intent is None:
            return
        intent = entry.intent
        if intent.resource_id is None or intent.resource_id != flow_id:
            self._store.clear_intent(self._fence, ActivationKind.ACTIVATION)
            return
        done = Done(
            intent_id=intent.intent_id,
            action=intent.action,
            resource_id=flow_id,
            fingerprint=intent.fingerprint,
            audience_ids=tuple(sorted(self._ours(flow_id))),
        )
        self._store.write_done(self._fence, ActivationKind.ACTIVATION, done)

    def _announce(self, live: LiveResource, wanted: WantedActivation) -> Intent:
        intent = Intent(
            intent_id=uuid.uuid4().hex,
            action=Action.UPDATE,
            fingerprint=wanted.fingerprint,
            resource_id=live.id,
            etag=live.etag,
            audience_ids=_ids(wanted),
        )
        self._store.write_intent(self._fence, ActivationKind.ACTIVATION, intent)
        return intent

    def _confirm(self, live: LiveResource, wanted: WantedActivation, intent: Intent | None) -> None:
        entry = self._entry()
        known = entry.done if entry is not None else None
        if (
            intent is None
            and known is not None
            and (known.resource_id, known.audience_ids, known.fingerprint)
            == (live.id, _ids(wanted), wanted.fingerprint)
        ):
            # A write would make every kept plan stale.
            return
        done = Done(
            intent_id=intent.intent_id if intent else None,
            action=Action.UPDATE if intent else Action.ADOPT,
            resource_id=live.id,
            etag=live.etag,
            fingerprint=wanted.fingerprint,
            audience_ids=_ids(wanted),
        )
        self._store.write_done(self._fence, ActivationKind.ACTIVATION, done)


def _ids(wanted: WantedActivation) -> tuple[str, ...]:
    return tuple(sorted(audience.id for audience in wanted.audiences))


def _outcome(difference: ActivationDifference) -> ActivationOutcome:
    audiences = [one.action for one in difference.changes if one.subject is ActivationSubject.AUDIENCE]
    return ActivationOutcome(
        added=audiences.count(ActivationAction.ADD),
        updated=audiences.count(ActivationAction.UPDATE),
        removed=audiences.count(ActivationAction.REMOVE),
        attributes=len(difference.changes) - len(audiences),
    )
