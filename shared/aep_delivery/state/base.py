"""The part of a store that does not depend on where it stores: every change is a rule applied to what is there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import timedelta

from aep_delivery.runtime.clock import Clock
from aep_delivery.runtime.errors import InternalError
from aep_delivery.state.lock import Fence, Lock, LockRecord
from aep_delivery.state.records import Done, Intent, JournalEntry, JournalKey, ResourceKind


class RuleBasedStore(ABC):
    """Base of the stores: they differ in how they make a change atomic, not in which changes there are.

    Args:
        clock: Decides what has expired.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @abstractmethod
    def _read_lock(self, delivery_id: str) -> LockRecord:
        """The lock's record; a fresh one where there is none."""

    @abstractmethod
    def _change_lock(self, delivery_id: str, rule: Callable[[LockRecord], LockRecord]) -> LockRecord:
        """Replace the lock's record by what `rule` makes of it, unless it was changed in between."""

    @abstractmethod
    def _change_entry(
        self, fence: Fence, key: JournalKey, rule: Callable[[JournalEntry], JournalEntry]
    ) -> JournalEntry:
        """Check the lock, replace the entry by what `rule` makes of it and count the write; all of it or nothing.

        An entry that comes out empty is removed.
        """

    def acquire_lock(self, delivery_id: str, owner: str, ttl: timedelta) -> Lock:
        now = self._clock.now()
        return _holder(self._change_lock(delivery_id, lambda it: it.acquire(delivery_id, owner, ttl=ttl, now=now)))

    def renew_lock(self, fence: Fence, ttl: timedelta) -> Lock:
        now = self._clock.now()
        return _holder(self._change_lock(fence.delivery_id, lambda it: it.renew(fence, ttl=ttl, now=now)))

    def read_lock(self, delivery_id: str) -> Lock | None:
        return self._read_lock(delivery_id).holder

    def check_lock(self, fence: Fence) -> Lock:
        return self._read_lock(fence.delivery_id).check(fence, now=self._clock.now())

    def release_lock(self, delivery_id: str, owner: str) -> None:
        self._change_lock(delivery_id, lambda it: it.release(owner))

    def write_intent(self, fence: Fence, key: JournalKey, intent: Intent) -> JournalEntry:
        now = self._clock.now()
        return self._change_entry(
            fence, key, lambda it: it.with_intent(intent, written_at=now, fencing_token=fence.token)
        )

    def write_done(self, fence: Fence, key: JournalKey, done: Done) -> JournalEntry:
        now = self._clock.now()
        return self._change_entry(fence, key, lambda it: it.with_done(done, written_at=now, fencing_token=fence.token))

    def clear_intent(self, fence: Fence, key: JournalKey) -> None:
        self._change_entry(fence, key, JournalEntry.without_intent)

    def forget_superseded(self, fence: Fence, key: JournalKey, resource_id: str) -> None:
        self._change_entry(fence, key, lambda it: it.without_superseded(resource_id))

    def forget(self, fence: Fence, key: JournalKey) -> None:
        self._change_entry(fence, key, JournalEntry.forgotten)


def refuse_remaining(journal: Mapping[JournalKey, JournalEntry]) -> None:
    """A delivery whose resources are still in the journal cannot be forgotten.

    Raises:
        InternalError: ``state.resources-remain``.
    """
    remaining = [kind.value for kind in ResourceKind if kind in journal]
    if remaining:
        raise InternalError(
            f"The delivery cannot be forgotten: its journal still has {len(remaining)} of its resources.",
            code="state.resources-remain",
            details=remaining,
        )


def _holder(record: LockRecord) -> Lock:
    assert record.holder is not None
    return record.holder
