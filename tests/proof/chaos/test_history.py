"""The checker of histories finds what must not be in one; each planted fault is one that a broken lock would leave."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from aep_delivery.runtime.clock import FixedClock
from aep_delivery.state.items import JOURNAL, LOCK, entry_to_item, key_of, to_item
from aep_delivery.state.lock import Lock, LockHeldError, LockRecord
from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.state.records import Action, Intent, JournalEntry, ResourceKind
from tests.proof.chaos.history import Change, Section, counted, faults_of_changes, faults_of_sections

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
DELIVERY = "prod/planes"
FREE = LockRecord()


def held(owner: str, token: int, *, since: int = 0, minutes: int = 120) -> LockRecord:
    taken = NOON + timedelta(minutes=since)
    lock = Lock(
        delivery_id=DELIVERY,
        owner=owner,
        token=token,
        acquired_at=taken,
        expires_at=taken + timedelta(minutes=minutes),
    )
    return LockRecord(token=token, holder=lock)


def given_back(token: int) -> LockRecord:
    return LockRecord(token=token)


def of_locks(*records: LockRecord) -> list[Change]:
    """Each record as what became of the one before."""
    images = [None, *(to_item(key_of(DELIVERY, LOCK), record) for record in records)]
    return [Change(before, after) for before, after in pairwise(images)]


def written(token: int) -> Change:
    """An intent in the journal."""
    intent = Intent(intent_id="i-1", action=Action.CREATE, fingerprint="f")
    entry = JournalEntry(key=ResourceKind.DATAFLOW).with_intent(intent, written_at=NOON, fencing_token=token)
    return Change(None, entry_to_item(key_of(DELIVERY, JOURNAL + ResourceKind.DATAFLOW), entry))


GOOD = of_locks(held("a", 1), held("a", 1, minutes=180), given_back(1), held("b", 2, since=10), given_back(2))
TAKEN_OVER = of_locks(held("a", 1), held("b", 2, since=121), given_back(2))
BAD = {
    "taken while another has it": of_locks(held("a", 1), held("b", 2, since=119)),
    "the same token twice": of_locks(held("a", 1), given_back(1), held("b", 1, since=10)),
    "a token that went back": of_locks(held("a", 2), given_back(1)),
    "a token left out": of_locks(held("a", 1), given_back(1), held("b", 3, since=10)),
    "a token changed by giving back": of_locks(held("a", 1), given_back(2)),
    "a token that is not the lock's": of_locks(held("a", 1), LockRecord(token=2, holder=held("b", 1).holder)),
    "another token for what it has": of_locks(held("a", 1), held("a", 2, since=10)),
    "a change nobody told of": [GOOD[0], GOOD[-1]],
    "the journal written by nobody": [written(1)],
    "the journal written by an earlier holder": [*GOOD[:-1], written(1)],
    "the journal written after giving back": [*GOOD, written(2)],
}


def test_a_good_history_has_no_faults() -> None:
    assert faults_of_changes([GOOD[0], written(1), *GOOD[1:]]) == []
    assert counted([GOOD[0], written(1), *GOOD[1:]]) == (5, 2, 0, 1)


def test_who_let_it_expire_may_lose_it() -> None:
    assert faults_of_changes(TAKEN_OVER) == []
    assert counted(TAKEN_OVER).takeovers == 1


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD)
def test_a_bad_history_is_found(changes: list[Change]) -> None:
    assert faults_of_changes(changes) != []


def section(execution: str, token: int, taken: float, given: float | None, *wrote: float) -> Section:
    return Section(DELIVERY, execution, token, taken, given, wrote)


SEEN = [section("a", 1, 1, 4, 2, 3), section("b", 2, 5, 9, 6), section("c", 3, 10, None, 11)]
SEEN_BAD = {
    "two at once": [SEEN[0], section("b", 2, 3, 9)],
    "one that never gave back": [section("a", 1, 1, None), SEEN[1]],
    "an older token later": [section("a", 2, 1, 4), section("b", 1, 5, 9)],
    "Adobe changed before": [section("a", 1, 2, 4, 1)],
    "Adobe changed after": [section("a", 1, 2, 4, 5)],
}


def test_what_holders_see_one_after_the_other_has_no_faults() -> None:
    assert faults_of_sections(reversed(SEEN)) == []


@pytest.mark.parametrize("sections", SEEN_BAD.values(), ids=SEEN_BAD)
def test_what_holders_must_not_see_is_found(sections: list[Section]) -> None:
    assert faults_of_sections(sections) != []


def test_a_store_without_a_lock_is_caught() -> None:
    """The checker against a store that lets everybody in, and against the real rules."""

    class Careless(MemoryStateStore):
        def acquire_lock(self, delivery_id: str, owner: str, ttl: timedelta) -> Lock:
            self._locks[delivery_id] = given_back(self._read_lock(delivery_id).token)
            return super().acquire_lock(delivery_id, owner, ttl)

    def history(store: MemoryStateStore) -> list[Change]:
        records = []
        for owner in ("a", "b"):
            with suppress(LockHeldError):
                lock = store.acquire_lock(DELIVERY, owner, timedelta(hours=2))
                records.append(LockRecord(token=lock.token, holder=lock))
        return of_locks(*records)

    assert faults_of_changes(history(MemoryStateStore(FixedClock(NOON)))) == []
    assert faults_of_changes(history(Careless(FixedClock(NOON)))) != []
