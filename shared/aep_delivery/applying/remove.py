"""Removes what a delivery owns in Adobe: dataflow, target, source and base connections, in this order.

What was activated goes with the dataflow; a mapping set that no dataflow refers to does nothing, and stays.

Only what carries the owner marker and stands in the journal is touched. Each deletion is announced in the journal
before it is sent and forgotten once Adobe no longer finds the entity, so that a removal may end anywhere and be
repeated.
"""

from __future__ import annotations

from aep_delivery.adobe.errors import AdobeTransientError, AdobeUserError, EntityNotFoundError
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.applying.gateway import ResourceGateway
from aep_delivery.applying.owned import (
    REMOVAL_ORDER,
    OwnedResource,
    Sandbox,
    known_ids,
    refuse_unmarked,
    refuse_used,
)
from aep_delivery.planning.live import LiveResource
from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.running.settling import wait_until_settled
from aep_delivery.runtime.clock import Clock
from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.state.lock import Fence
from aep_delivery.state.records import Action, Done, Intent, JournalEntry, ResourceKind
from aep_delivery.state.store import StateStore

POLLS = 10
POLL_SECONDS = 2.0
_CONNECTIONS = tuple(kind for kind in REMOVAL_ORDER if kind is not ResourceKind.DATAFLOW)


class Remover:
    """Removes one delivery. Call the methods in their order; each may be repeated.

    Args:
        flow_service: Adobe, in the delivery's sandbox.
        store: The journal.
        fence: Proof that this execution holds the delivery's lock.
        owner: The installation.
        clock: For the waits between two looks.
    """

    def __init__(self, *, flow_service: FlowService, store: StateStore, fence: Fence, owner: str, clock: Clock) -> None:
        self._flow_service = flow_service
        self._store = store
        self._fence = fence
        self._owner = owner
        self._clock = clock

    def check(self) -> list[OwnedResource]:
        """What will be removed. Everything that speaks against it is said here, before anything is touched.

        Raises:
            UserError: ``remove.unknown-delivery``, ``ownership.not-in-journal``, ``ownership.marker-removed`` or
                ``remove.in-use``.
            TransientError: ``adobe.outcome-unknown``; a request to create may still be on its way.
        """
        sandbox = self._sandbox()
        sandbox.refuse_foreign()
        self._refuse_unknown(sandbox)
        if not [kind for kind in REMOVAL_ORDER if self._settle(kind, sandbox)]:
            return sandbox.owned()
        settled = self._sandbox()
        settled.refuse_foreign()
        return settled.owned()

    def disable_dataflow(self) -> None:
        """Have nothing exported any more while the rest is removed. A dataflow that is disabled or gone is fine.

        Raises:
            UserError: ``ownership.marker-removed``.
            TransientError: ``remove.not-disabled-yet``.
        """
        for flow_id in known_ids(self._entry(ResourceKind.DATAFLOW)):
            live = self._ours(ResourceKind.DATAFLOW, flow_id)
            if live is None or live.body.get("state") == "disabled":
                continue
            self._store.check_lock(self._fence)
            try:
                self._flow_service.set_dataflow_state(flow_id, enable=False)
            except EntityNotFoundError:
                continue
            except AdobeTransientError as error:
                if error.code != "adobe.being-deleted":
                    raise
                continue
            self._await_disabled(flow_id)

    def remove_dataflow(self) -> None:
        """Delete the dataflow and wait until it is gone.

        Raises:
            UserError: ``ownership.marker-removed``.
            TransientError: ``remove.not-gone-yet``.
        """
        self._remove(ResourceKind.DATAFLOW)

    def remove_connections(self) -> None:
        """Delete target, source and base connection, replaced ones too, and forget the delivery.

        Raises:
            UserError: ``ownership.marker-removed``; ``remove.in-use``.
            TransientError: ``remove.not-gone-yet``, ``remove.in-use-still``.
        """
        for kind in _CONNECTIONS:
            self._remove(kind)
        self._store.forget_delivery(self._fence)

    def _sandbox(self) -> Sandbox:
        delivery_id = self._fence.delivery_id
        return Sandbox(
            self._flow_service, self._store.read_journal(delivery_id), owner=self._owner, delivery_id=delivery_id
        )

    def _entry(self, kind: ResourceKind) -> JournalEntry | None:
        return self._store.read_journal(self._fence.delivery_id).get(kind)

    def _marker(self, kind: ResourceKind) -> OwnerMarker:
        return OwnerMarker(owner=self._owner, delivery_id=self._fence.delivery_id, kind=kind)

    def _gateway(self, kind: ResourceKind) -> ResourceGateway:
        return ResourceGateway(kind, self._flow_service, self._clock)

    def _refuse_unknown(self, sandbox: Sandbox) -> None:
        delivery_id, store = self._fence.delivery_id, self._store
        if sandbox.owned() or store.read_serial(delivery_id) or store.latest_outcome(delivery_id):
            return
        raise UserError(
            f"Nothing is known of a delivery {delivery_id}.",
            code="remove.unknown-delivery",
            place=delivery_id,
            hint="A delivery is called sandbox/name, both as in its config.",
        )

    def _settle(self, kind: ResourceKind, sandbox: Sandbox) -> bool:
        """Resolve an announcement whose outcome is unknown. Returns whether the journal was changed."""
        entry = self._entry(kind)
        if entry is None or entry.intent is None or entry.intent.action is Action.DELETE:
            return False
        intent, found = entry.intent, sandbox.announced(kind)
        if found is not None:
            done = Done(
                intent_id=intent.intent_id,
                action=intent.action,
                resource_id=found.id,
                etag=found.etag,
                fingerprint=intent.fingerprint,
                credential_version=intent.credential_version,
            )
            self._store.write_done(self._fence, kind, done)
            return True
        if intent.action is Action.CREATE:
            wait_until_settled(intent, self._clock, f"create the {kind}")
        # Whether a change to what is about to go has happened does not matter any more.
        self._store.clear_intent(self._fence, kind)
        return True

    def _ours(self, kind: ResourceKind, entity_id: str) -> LiveResource | None:
        live = self._gateway(kind).get_surely(entity_id)
        if live is not None:
            refuse_unmarked(self._marker(kind), live.id, live.body.get("description"))
        return live

    def _await_disabled(self, flow_id: str) -> None:
        for _ in range(POLLS):
            live = self._gateway(ResourceKind.DATAFLOW).get(flow_id)
            if live is None or live.body.get("state") == "disabled":
                return
            self._clock.sleep(POLL_SECONDS)
        raise TransientError(
            f"Adobe has not disabled the dataflow {flow_id} yet.", code="remove.not-disabled-yet", place=flow_id
        )

    def _remove(self, kind: ResourceKind) -> None:
        """Delete all of a kind, replaced ones first: what is forgotten last must leave nothing behind."""
        entry = self._entry(kind)
        if entry is None:
            return
        for entity_id in entry.superseded:
            self._delete(kind, entity_id)
            self._store.forget_superseded(self._fence, kind, entity_id)
        if entry.done is not None:
            self._delete(kind, entry.done.resource_id)
        self._store.forget(self._fence, kind)

    def _delete(self, kind: ResourceKind, entity_id: str) -> None:
        if self._ours(kind, entity_id) is None:
            return
        self._announce(kind, entity_id)
        self._send_delete(kind, entity_id)
        for _ in range(POLLS):
            if self._gateway(kind).get(entity_id) is None:
                return
            self._clock.sleep(POLL_SECONDS)
        raise TransientError(
            f"Adobe has not finished deleting the {kind} {entity_id} yet.", code="remove.not-gone-yet", place=entity_id
        )

    def _announce(self, kind: ResourceKind, entity_id: str) -> None:
        # Its own name makes the announcement repeatable: it is the same in each attempt and each execution.
        intent = Intent(intent_id=f"delete-{entity_id}", action=Action.DELETE, fingerprint="", resource_id=entity_id)
        entry = self._entry(kind)
        pending = entry.intent if entry else None
        if pending is not None and pending.action is Action.DELETE and pending.intent_id != intent.intent_id:
            self._store.clear_intent(self._fence, kind)
        self._store.write_intent(self._fence, kind, intent)

    def _send_delete(self, kind: ResourceKind, entity_id: str) -> None:
        """DELETE, again for a while where Adobe still counts users that are gone (Adobe: FLOW-1418, FLOW-1447)."""
        for _ in range(POLLS):
            try:
                self._gateway(kind).delete(entity_id)
            except AdobeUserError as error:
                if error.code != "adobe.connection-in-use":
                    raise
            else:
                return
            refuse_used(kind, entity_id, self._sandbox().foreign_users(kind, entity_id))
            self._clock.sleep(POLL_SECONDS)
        raise TransientError(
            f"Adobe still counts the {kind} {entity_id} as in use, although nothing refers to it.",
            code="remove.in-use-still",
            place=entity_id,
        )
