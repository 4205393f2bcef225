"""Exactly one of each resource, whatever is lost or repeated on the way.

Flow Service makes no POST safe to repeat. So every change is announced in the journal before it is sent and confirmed
after it is seen; and whoever finds an announcement without a confirmation first looks in Adobe for the owner marker.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from aep_delivery.adobe.errors import AdobeTransientError, EtagMismatchError, OutcomeUnknownError
from aep_delivery.applying.gateway import ResourceGateway, in_progress
from aep_delivery.applying.staleness import refuse_stale
from aep_delivery.planning.decide import decide
from aep_delivery.planning.declared import DeclaredResource
from aep_delivery.planning.diff import changed_fields, lacks_marker, marking_operation, patch_operations
from aep_delivery.planning.live import LiveResource, LiveResources
from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.planning.plan import PlannedAction, PlannedResource
from aep_delivery.running.settling import SETTLING_TIME, wait_until_settled
from aep_delivery.runtime.clock import Clock
from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.state.lock import Fence
from aep_delivery.state.records import Action, Done, Intent, JournalEntry
from aep_delivery.state.store import StateStore

PATCH_ATTEMPTS = 5


class ResourceKeeper:
    """Makes Adobe have exactly one entity of one kind for one delivery.

    Args:
        gateway: The kind's calls to Flow Service.
        store: The journal.
        fence: Proof that this execution holds the delivery's lock.
        marker: Whose entity it is.
        clock: For the age of announcements.
        settling: How old one must be before "not found" means "it never happened".
    """

    def __init__(
        self,
        *,
        gateway: ResourceGateway,
        store: StateStore,
        fence: Fence,
        marker: OwnerMarker,
        clock: Clock,
        settling: timedelta = SETTLING_TIME,
    ) -> None:
        self._gateway = gateway
        self._store = store
        self._fence = fence
        self._marker = marker
        self._clock = clock
        self._settling = settling

    def ensure(
        self, declared: DeclaredResource, planned: PlannedResource, credential_version: str | None = None
    ) -> tuple[LiveResource, PlannedAction]:
        """Create, adopt, update or keep the entity, as planned.

        Safe to repeat after any failure, and after a crash at any point.

        Args:
            declared: As it should be, with the ids of what it refers to.
            planned: What the plan showed. Nothing beyond it is done.
            credential_version: For the base connection, of the secret that would be sent.

        Returns:
            The entity, confirmed by reading it back, and what was done.

        Raises:
            UserError: ``plan.stale`` where Adobe has changed since the plan was made; ``ownership.marker-removed``.
            InternalError: ``ownership.ambiguous``, ``adobe.operation-failed``.
            TransientError: Come back later; nothing is lost by it.
        """
        entry = self._entry()
        live = self._find(declared, entry)
        entry = self._settle(declared, live, entry)
        needed = decide(declared, live, entry, credential_version)
        refuse_stale(planned, needed)
        current, action = live.current, needed.action
        if current is None:
            current = self._create(declared, credential_version)
        elif needed.changes or needed.rotates_credentials or needed.takes_ownership:
            current, action = self._update(declared, planned, needed, current, credential_version), PlannedAction.UPDATE
        elif action is PlannedAction.ADOPT:
            self._confirm(declared, current, Action.ADOPT, None, credential_version)
        elif entry is not None and entry.done is not None and entry.done.fencing_token == self._fence.token:
            # An earlier attempt of this very execution has done it.
            action = planned.action
        self._forget_gone()
        return current, action

    def remove_superseded(self) -> list[str]:
        """Remove what was replaced, once nothing refers to it. Returns the ids that are gone."""
        entry = self._entry()
        gone = []
        for old in entry.superseded if entry else ():
            live = self._gateway.get_surely(old)
            if live is not None and self._marker.marks(live.body.get("description")):
                self._gateway.delete(old)
            self._store.forget_superseded(self._fence, self._gateway.kind, old)
            gone.append(old)
        return gone

    def _entry(self) -> JournalEntry | None:
        return self._store.read_journal(self._fence.delivery_id).get(self._gateway.kind)

    def _find(self, declared: DeclaredResource, entry: JournalEntry | None) -> LiveResources:
        """What there is, once Adobe has ended what it is doing to it."""
        live = self._gateway.find(declared, self._marker, entry)
        if live.current is not None and in_progress(live.current):
            live = live.model_copy(update={"current": self._gateway.idle(live.current.id)})
        return live

    def _settle(
        self, declared: DeclaredResource, live: LiveResources, entry: JournalEntry | None
    ) -> JournalEntry | None:
        """Resolve an announcement whose outcome is unknown, by what is found in Adobe."""
        if entry is None or entry.intent is None:
            return entry
        intent = entry.intent
        unknown = live.unknown_to(entry)
        if intent.action is Action.CREATE and unknown:
            # It need not be what is wanted by now: the config may have changed since it was announced.
            made = self._gateway.settled(unknown[0].id)
            self._store.write_done(
                self._fence,
                self._gateway.kind,
                Done(
                    intent_id=intent.intent_id,
                    action=Action.CREATE,
                    resource_id=made.id,
                    etag=made.etag,
                    fingerprint=intent.fingerprint,
                    credential_version=intent.credential_version,
                ),
            )
        else:
            if intent.action is Action.CREATE:
                wait_until_settled(intent, self._clock, f"create the {declared.kind}", self._settling)
            # Of an update nothing need be known: what it has not changed is found different and changed again, and one
            # that comes late is refused for its ETag.
            self._store.clear_intent(self._fence, self._gateway.kind)
        return self._entry()

    def _create(self, declared: DeclaredResource, credential_version: str | None) -> LiveResource:
        intent = self._announce(declared, Action.CREATE, credential_version)
        try:
            created = self._gateway.create(declared)
        except OutcomeUnknownError:
            found = self._gateway.find(declared, self._marker, self._entry()).current
            if found is None:
                raise
            created = found.id
        except (UserError, AdobeTransientError):
            # Refused, throttled or never sent: it is certain that nothing was created.
            self._store.clear_intent(self._fence, self._gateway.kind)
            raise
        live = self._gateway.settled(created)
        self._confirm(declared, live, Action.CREATE, intent.intent_id, credential_version)
        return live

    def _update(
        self,
        declared: DeclaredResource,
        planned: PlannedResource,
        needed: PlannedResource,
        live: LiveResource,
        credential_version: str | None,
    ) -> LiveResource:
        intent = self._announce(declared, Action.UPDATE, credential_version, live)
        rotate = needed.rotates_credentials
        try:
            # Adobe changes ETags by itself shortly after a write, so each is read right before it is used.
            live = self._gateway.idle(live.id)
            for _ in range(PATCH_ATTEMPTS):
                changes = changed_fields(declared, live)
                marks = lacks_marker(declared, live)
                if not changes and not rotate and not marks:
                    self._confirm(declared, live, Action.UPDATE, intent.intent_id, credential_version)
                    return live
                refuse_stale(planned, needed.model_copy(update={"changes": changes}))
                operations = patch_operations(declared, live, changes)
                if marks and not any(operation["path"] == "/description" for operation in operations):
                    operations.append(marking_operation(declared, live))
                if rotate:
                    operations.append(self._gateway.rotation())
                try:
                    if operations:
                        self._gateway.patch(live.id, operations, live.etag)
                    elif changes:
                        self._gateway.enable(live.id)
                except (EtagMismatchError, OutcomeUnknownError):
                    # Look again. A rotation cannot be seen, but is harmless to repeat.
                    live = self._gateway.idle(live.id)
                    continue
                rotate = False
                live = self._gateway.settled(live.id)
        except UserError:
            # An announced update that is given up leaves nothing to be found out.
            self._store.clear_intent(self._fence, self._gateway.kind)
            raise
        raise TransientError(
            f"The {declared.kind} {live.id} would not take its changes in {PATCH_ATTEMPTS} attempts.",
            code="apply.update-unconfirmed",
            place=live.id,
            details=[change.path for change in changed_fields(declared, live)],
        )

    def _forget_gone(self) -> None:
        """Drop from the journal what was replaced because somebody had deleted it in Adobe."""
        entry = self._entry()
        for old in entry.superseded if entry else ():
            if self._gateway.get_surely(old) is None:
                self._store.forget_superseded(self._fence, self._gateway.kind, old)

    def _announce(
        self,
        declared: DeclaredResource,
        action: Action,
        credential_version: str | None,
        live: LiveResource | None = None,
    ) -> Intent:
        intent = Intent(
            intent_id=uuid.uuid4().hex,
            action=action,
            fingerprint=declared.fingerprint,
            resource_id=live.id if live else None,
            credential_version=credential_version,
        )
        self._store.write_intent(self._fence, self._gateway.kind, intent)
        return intent

    def _confirm(
        self,
        declared: DeclaredResource,
        live: LiveResource,
        action: Action,
        intent_id: str | None,
        credential_version: str | None,
    ) -> None:
        done = Done(
            intent_id=intent_id,
            action=action,
            resource_id=live.id,
            etag=live.etag,
            fingerprint=declared.fingerprint,
            credential_version=credential_version,
        )
        self._store.write_done(self._fence, self._gateway.kind, done)
