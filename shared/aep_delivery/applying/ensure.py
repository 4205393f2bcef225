"""Exactly one of each resource, whatever is lost or repeated on the way.

Flow Service makes no POST safe to repeat. So every change is announced in the journal before it is sent and confirmed
after it is seen; and whoever finds an announcement without a confirmation first looks in Adobe for the owner marker.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from aep_delivery.adobe.errors import EtagMismatchError, OutcomeUnknownError
from aep_delivery.applying.gateway import ResourceGateway
from aep_delivery.planning.decide import decide
from aep_delivery.planning.declared import DeclaredResource
from aep_delivery.planning.diff import FieldChange, changed_fields, patch_operations
from aep_delivery.planning.live import LiveResource, LiveResources
from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.planning.plan import PlannedAction, PlannedResource
from aep_delivery.runtime.clock import Clock
from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.state.lock import Fence
from aep_delivery.state.records import Action, Done, Intent, IntentRecord, JournalEntry
from aep_delivery.state.store import StateStore

SETTLING_TIME = timedelta(seconds=3)
"""How old a lost request must be before "not found" means "it never happened"."""
PATCH_ATTEMPTS = 5


class ResourceKeeper:
    """Makes Adobe have exactly one entity of one kind for one delivery.

    Args:
        gateway: The kind's calls to Flow Service.
        store: The journal.
        fence: Proof that this execution holds the delivery's lock.
        marker: Whose entity it is.
        clock: For the age of announcements.
    """

    def __init__(
        self, *, gateway: ResourceGateway, store: StateStore, fence: Fence, marker: OwnerMarker, clock: Clock
    ) -> None:
        self._gateway = gateway
        self._store = store
        self._fence = fence
        self._marker = marker
        self._clock = clock

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
            UserError: ``plan.stale`` where Adobe has changed since the plan was made.
            InternalError: ``ownership.ambiguous``.
            TransientError: Come back later; nothing is lost by it.
        """
        entry = self._entry()
        live = self._gateway.find(declared, self._marker, entry)
        entry = self._settle(declared, live, entry, credential_version)
        needed = decide(declared, live, entry, credential_version)
        self._refuse_stale(planned, needed)
        if live.current is None:
            return self._create(declared, credential_version), needed.action
        if needed.changes or needed.rotates_credentials:
            return self._update(declared, live.current, credential_version), PlannedAction.UPDATE
        if needed.action is PlannedAction.ADOPT:
            self._confirm(declared, live.current, Action.ADOPT, None, credential_version)
        return live.current, needed.action

    def remove_superseded(self) -> list[str]:
        """Remove what was replaced, once nothing refers to it. Returns the ids that are gone."""
        entry = self._entry()
        gone = []
        for old in entry.superseded if entry else ():
            live = self._gateway.get(old)
            if live is not None and self._marker.marks(live.body.get("description")):
                self._gateway.delete(old)
            self._store.forget_superseded(self._fence, self._gateway.kind, old)
            gone.append(old)
        return gone

    def _entry(self) -> JournalEntry | None:
        return self._store.read_journal(self._fence.delivery_id).get(self._gateway.kind)

    def _settle(
        self,
        declared: DeclaredResource,
        live: LiveResources,
        entry: JournalEntry | None,
        credential_version: str | None,
    ) -> JournalEntry | None:
        """Resolve an announcement whose outcome is unknown, by what is found in Adobe."""
        if entry is None or entry.intent is None:
            return entry
        intent = entry.intent
        if live.current is not None and self._shows(intent, declared, live.current, credential_version):
            self._confirm(declared, live.current, intent.action, intent.intent_id, intent.credential_version)
        elif self._clock.now() - intent.written_at < SETTLING_TIME:
            raise TransientError(
                f"An earlier attempt to {intent.action} the {declared.kind} may still be on its way.",
                code="apply.outcome-unknown",
                retry_after_seconds=SETTLING_TIME.total_seconds(),
            )
        else:
            self._store.clear_intent(self._fence, self._gateway.kind)
        return self._entry()

    def _shows(
        self, intent: IntentRecord, declared: DeclaredResource, live: LiveResource, credential_version: str | None
    ) -> bool:
        """Whether the entity shows that the announced change has happened."""
        if intent.action is Action.CREATE:
            return True
        # A rotation cannot be seen from outside: repeating it is harmless, believing in it is not.
        same_secret = intent.credential_version is None and credential_version is None
        return same_secret and not changed_fields(declared, live)

    def _refuse_stale(self, planned: PlannedResource, needed: PlannedResource) -> None:
        changing = bool(needed.changes or needed.rotates_credentials) or needed.id is None
        if not changing or needed.action is planned.action:
            return
        if planned.does_something and needed.id is not None:
            # A part of what was planned, left over from an attempt that ended half-way.
            return
        raise UserError(
            f"The plan says {planned.action} for the {needed.kind}, but now it would have to be {needed.action}.",
            code="plan.stale",
            place=needed.id,
            details=[f"{change.path}: {change.before!r} -> {change.after!r}" for change in needed.changes],
            hint="Somebody changed it in Adobe since the plan was made: start the delivery again for a new plan.",
        )

    def _create(self, declared: DeclaredResource, credential_version: str | None) -> LiveResource:
        intent = self._announce(declared, Action.CREATE, credential_version)
        try:
            created = self._gateway.create(declared)
        except OutcomeUnknownError:
            found = self._gateway.find(declared, self._marker, self._entry()).current
            if found is None:
                raise
            created = found.id
        except UserError:
            # Adobe refused: it is certain that nothing was created.
            self._store.clear_intent(self._fence, self._gateway.kind)
            raise
        live = self._gateway.settled(created)
        self._confirm(declared, live, Action.CREATE, intent.intent_id, credential_version)
        return live

    def _update(self, declared: DeclaredResource, live: LiveResource, credential_version: str | None) -> LiveResource:
        intent = self._announce(declared, Action.UPDATE, credential_version, live)
        rotate = credential_version is not None
        for _ in range(PATCH_ATTEMPTS):
            # Adobe changes ETags by itself shortly after a write, so each is read right before it is used.
            live = self._gateway.settled(live.id)
            changes = changed_fields(declared, live)
            if not changes and not rotate:
                self._confirm(declared, live, Action.UPDATE, intent.intent_id, credential_version)
                return live
            try:
                self._patch(declared, live, changes, rotate=rotate)
            except (EtagMismatchError, OutcomeUnknownError):
                continue
            rotate = False
        raise TransientError(
            f"The {declared.kind} {live.id} would not take its changes in {PATCH_ATTEMPTS} attempts.",
            code="apply.update-unconfirmed",
            place=live.id,
            details=[change.path for change in changed_fields(declared, live)],
        )

    def _patch(
        self, declared: DeclaredResource, live: LiveResource, changes: list[FieldChange], *, rotate: bool
    ) -> None:
        operations = patch_operations(declared, live, changes)
        if rotate:
            operations.append(self._gateway.rotation())
        self._gateway.patch(live.id, operations, live.etag)

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
