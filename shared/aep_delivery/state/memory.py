"""The store in memory: for tests, dry runs and the command line without AWS. Lives and dies with its process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from aep_delivery.runtime.clock import Clock
from aep_delivery.state.base import RuleBasedStore, refuse_remaining
from aep_delivery.state.lock import Fence, LockRecord
from aep_delivery.state.records import REMOVED, Applied, JournalEntry, JournalKey, Outcome
from aep_delivery.state.watching import Announcements, Freshness, RunClaim, RunCursor, Versioned

K = TypeVar("K")
V = TypeVar("V", bound=Versioned)


class MemoryStateStore(RuleBasedStore):
    """A ``StateStore`` of dictionaries. For one thread.

    Args:
        clock: Decides what has expired.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._locks: dict[str, LockRecord] = {}
        self._journals: defaultdict[str, dict[JournalKey, JournalEntry]] = defaultdict(dict)
        self._serials: dict[str, int] = {}
        self._applied: dict[str, Applied] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._claims: dict[tuple[str, str], RunClaim] = {}
        self._cursors: dict[str, RunCursor] = {}
        self._freshness: dict[str, Freshness] = {}
        self._announcements: dict[str, Announcements] = {}

    def read_journal(self, delivery_id: str) -> Mapping[JournalKey, JournalEntry]:
        return dict(self._journals[delivery_id])

    def read_serial(self, delivery_id: str) -> int:
        return self._serials.get(delivery_id, 0)

    def record_applied(self, fence: Fence, applied: Applied) -> None:
        self.check_lock(fence)
        self._applied[fence.delivery_id] = applied

    def applied(self, delivery_id: str) -> Applied | None:
        return self._applied.get(delivery_id)

    def forget_delivery(self, fence: Fence) -> None:
        self.check_lock(fence)
        journal = self._journals[fence.delivery_id]
        refuse_remaining(journal)
        journal.clear()
        for kept in (self._applied, self._cursors, self._freshness, self._announcements):
            kept.pop(fence.delivery_id, None)
        self._count_write(fence.delivery_id)

    def record_outcome(self, delivery_id: str, outcome: Outcome) -> None:
        latest = self._outcomes.get(delivery_id)
        if latest is None or latest.finished_at <= outcome.finished_at:
            self._outcomes[delivery_id] = outcome

    def latest_outcome(self, delivery_id: str) -> Outcome | None:
        return self._outcomes.get(delivery_id)

    def deliveries(self) -> Iterator[str]:
        with_journal = {delivery_id for delivery_id, entries in self._journals.items() if entries}
        with_outcome = {delivery_id for delivery_id, latest in self._outcomes.items() if latest.verdict != REMOVED}
        yield from with_journal | with_outcome | self._applied.keys()

    def run_claim(self, delivery_id: str, run_id: str) -> RunClaim | None:
        return self._claims.get((delivery_id, run_id))

    def write_run_claim(self, delivery_id: str, claim: RunClaim) -> bool:
        return _replace(self._claims, (delivery_id, claim.run_id), claim)

    def run_cursor(self, delivery_id: str) -> RunCursor | None:
        return self._cursors.get(delivery_id)

    def write_run_cursor(self, delivery_id: str, cursor: RunCursor) -> bool:
        return _replace(self._cursors, delivery_id, cursor)

    def freshness(self, delivery_id: str) -> Freshness | None:
        return self._freshness.get(delivery_id)

    def write_freshness(self, delivery_id: str, freshness: Freshness) -> bool:
        return _replace(self._freshness, delivery_id, freshness)

    def announcements(self, subject: str) -> Announcements:
        return self._announcements.get(subject, Announcements())

    def write_announcements(self, subject: str, announcements: Announcements) -> bool:
        return _replace(self._announcements, subject, announcements)

    def _read_lock(self, delivery_id: str) -> LockRecord:
        return self._locks.get(delivery_id, LockRecord())

    def _change_lock(self, delivery_id: str, rule: Callable[[LockRecord], LockRecord]) -> LockRecord:
        record = rule(self._read_lock(delivery_id))
        self._locks[delivery_id] = record
        return record

    def _change_entry(
        self, fence: Fence, key: JournalKey, rule: Callable[[JournalEntry], JournalEntry]
    ) -> JournalEntry:
        self.check_lock(fence)
        journal = self._journals[fence.delivery_id]
        entry = rule(journal.get(key, JournalEntry(key=key)))
        if entry.is_empty:
            journal.pop(key, None)
        else:
            journal[key] = entry
        self._count_write(fence.delivery_id)
        return entry

    def _count_write(self, delivery_id: str) -> None:
        self._serials[delivery_id] = self.read_serial(delivery_id) + 1


def _replace(kept: dict[K, V], key: K, record: V) -> bool:
    there = kept.get(key)
    if (there.version if there else 0) != record.version:
        return False
    kept[key] = record.written()
    return True
