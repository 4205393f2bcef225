"""What the steps need of a store, and what every store promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Protocol

from aep_delivery.state.lock import Fence, Lock
from aep_delivery.state.records import Applied, Done, Intent, JournalEntry, JournalKey, Outcome
from aep_delivery.state.watch_store import WatchStore


class StateStore(WatchStore, Protocol):
    """What is remembered of deliveries. A delivery's id is ``sandbox/name``.

    Every write to the journal needs the delivery's lock, checked in the same transaction, and adds one to the
    delivery's serial. Whatever is read was complete when it was read: there are no stale reads.

    Besides what each method names, all of them raise ``TransientError`` where the storage is busy or out of reach
    (``state.throttled``, ``state.conflict``, ``state.unavailable``) and ``InternalError`` where it refuses
    (``state.table-missing``, ``state.access-denied``, ``state.request-refused``) or holds what it should not
    (``state.corrupt``).
    """

    def acquire_lock(self, delivery_id: str, owner: str, ttl: timedelta) -> Lock:
        """Take the lock, or get it back with the same token and a new expiry where `owner` is still its holder.

        Raises:
            LockHeldError: ``state.delivery-locked``; another holds it and has not let it expire.
        """

    def renew_lock(self, fence: Fence, ttl: timedelta) -> Lock:
        """Let the lock expire `ttl` from now. Works on an expired lock too, if nobody took it.

        Raises:
            LockLostError: ``state.lock-lost``.
        """

    def read_lock(self, delivery_id: str) -> Lock | None:
        """The lock as it is held, be it expired; None where nobody holds it. For telling people, not for deciding."""

    def check_lock(self, fence: Fence) -> Lock:
        """The lock as it stands, if `fence` may write now.

        Raises:
            LockLostError: ``state.lock-lost``.
        """

    def release_lock(self, delivery_id: str, owner: str) -> None:
        """Give the lock back. Changes nothing where `owner` does not hold it, so it may be repeated."""

    def read_journal(self, delivery_id: str) -> Mapping[JournalKey, JournalEntry]:
        """The entries there are; none of them is empty."""

    def read_serial(self, delivery_id: str) -> int:
        """How many writes the journal has seen; 0 where none. Read it before the journal to know that a journal is
        no older than its serial.
        """

    def write_intent(self, fence: Fence, key: JournalKey, intent: Intent) -> JournalEntry:
        """Record what is about to be sent, beside what was done before. Repeating the same intent is harmless.

        Returns:
            The entry as written.

        Raises:
            LockLostError: ``state.lock-lost``.
            InternalError: ``state.intent-pending``; an earlier intent is unresolved.
        """

    def write_done(self, fence: Fence, key: JournalKey, done: Done) -> JournalEntry:
        """Record what Adobe confirmed and resolve its intent. Repeating it is harmless.

        Returns:
            The entry as written; with the former resource among the superseded where the id changed.

        Raises:
            LockLostError: ``state.lock-lost``.
            InternalError: ``state.intent-pending`` or ``state.intent-unknown``; `done` names another intent.
        """

    def clear_intent(self, fence: Fence, key: JournalKey) -> None:
        """Give up an intent that certainly changed nothing in Adobe (it was refused, or a look-up found nothing).

        Raises:
            LockLostError: ``state.lock-lost``.
        """

    def forget_superseded(self, fence: Fence, key: JournalKey, resource_id: str) -> None:
        """Drop the id of a replaced resource that is gone from Adobe.

        Raises:
            LockLostError: ``state.lock-lost``.
        """

    def forget(self, fence: Fence, key: JournalKey) -> None:
        """Drop the entry of a resource that is gone from Adobe.

        Raises:
            LockLostError: ``state.lock-lost``.
            InternalError: ``state.superseded-remain``; replaced resources are still to be removed.
        """

    def record_applied(self, fence: Fence, applied: Applied) -> None:
        """Keep this as what was last applied. It is no write to the journal: the serial stays, so that applying
        without changes makes nobody's plan stale.

        Raises:
            LockLostError: ``state.lock-lost``.
        """

    def applied(self, delivery_id: str) -> Applied | None:
        """What was last applied; None where nothing was, or the delivery was removed since."""

    def forget_delivery(self, fence: Fence) -> None:
        """Drop what is known of a delivery that is gone from Adobe: what was applied, its ad-hoc run, its activation,
        and what the watches remember of it.

        What stays: the lock's token, so that a writer from before the removal is still turned away; the serial, which
        counts this as one more write, so that a plan from before is stale; and the latest outcome, so that a removed
        delivery can be told from one that never was. May be repeated.

        Raises:
            LockLostError: ``state.lock-lost``.
            InternalError: ``state.resources-remain``; the journal still has entries of resources.
        """

    def record_outcome(self, delivery_id: str, outcome: Outcome) -> None:
        """Keep this as the latest outcome, unless one that finished later is there. Needs no lock."""

    def latest_outcome(self, delivery_id: str) -> Outcome | None:
        """The outcome that finished last."""

    def deliveries(self) -> Iterator[str]:
        """The ids of all deliveries there are, each once, in no order: those with a journal entry, with something
        applied, or with an outcome other than ``REMOVED``.
        """
