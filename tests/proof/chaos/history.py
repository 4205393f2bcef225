"""Whether a delivery's lock was ever held by two: read from every change of the table, and from what holders saw.

Two independent views. The *changes* are what the table's stream holds, in the order of the writes: each lock as it was
and as it became, and each entry of the journal. The *sections* are what the executions saw: from when an execution was
told that it has the lock until it began to give it back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from aep_delivery.state.items import JOURNAL, LOCK, delivery_of, entry_from_item, from_item
from aep_delivery.state.lock import Lock, LockRecord
from aep_delivery.state.records import DoneRecord, IntentRecord


@dataclass(frozen=True)
class Change:
    """One write of one item, as DynamoDB Streams tells of it.

    Attributes:
        before: The old image; None where there was no item.
        after: The new image; None where the item was deleted.
    """

    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def place(self) -> tuple[str, str]:
        """The delivery, and the sort key."""
        item = self.after or self.before
        assert item is not None
        return delivery_of(item), str(item["sk"]["S"])


@dataclass(frozen=True)
class Section:
    """What one execution saw of a lock that it held.

    Attributes:
        taken: When it was told that it has the lock, by any clock that all sections share.
        given_back: When it began to give it back; None where it never did.
        wrote: When it changed something in Adobe.
    """

    delivery: str
    execution: str
    token: int
    taken: float
    given_back: float | None
    wrote: tuple[float, ...] = ()


class Counted(NamedTuple):
    """How much of a history there was to check."""

    lock_changes: int
    holders: int
    takeovers: int
    journal_writes: int


def faults_of_changes(changes: Iterable[Change]) -> list[str]:
    """What must not be in a history of a table, in its order: none where the lock was held by one at a time."""
    records: defaultdict[str, LockRecord] = defaultdict(LockRecord)
    images: dict[tuple[str, str], dict[str, Any] | None] = {}
    owners: dict[tuple[str, int], str] = {}
    found = []
    for change in changes:
        delivery, sort_key = change.place
        if sort_key != LOCK and not sort_key.startswith(JOURNAL):
            continue
        if images.get(change.place) != change.before:
            found.append(f"{delivery}: the history of {sort_key} has a gap")
        images[change.place] = change.after
        if sort_key != LOCK:
            found += [f"{delivery}: {sort_key} {why}" for why in _journal_faults(change, records[delivery].holder)]
            continue
        before, after = _record(change.before), _record(change.after)
        found += [f"{delivery}: {why}" for why in _lock_faults(before, after)]
        holder = after.holder
        if holder is not None and owners.setdefault((delivery, holder.token), holder.owner) != holder.owner:
            found.append(f"{delivery}: {holder.owner} has token {holder.token} of {owners[delivery, holder.token]}")
        records[delivery] = after
    return found


def faults_of_sections(sections: Iterable[Section]) -> list[str]:
    """What must not be in what holders saw: two at once, a later holder with an older token, a write by none."""
    found = []
    by_delivery: defaultdict[str, list[Section]] = defaultdict(list)
    for section in sections:
        by_delivery[section.delivery].append(section)
    for delivery, held in by_delivery.items():
        for first, second in pairwise(sorted(held, key=lambda one: one.taken)):
            if first.given_back is None or second.taken < first.given_back:
                found.append(f"{delivery}: {second.execution} has the lock while {first.execution} has it")
            if second.token <= first.token:
                found.append(f"{delivery}: token {second.token} comes after {first.token}")
        found += [
            f"{delivery}: {one.execution} changed Adobe without the lock"
            for one in held
            for wrote in one.wrote
            if wrote < one.taken or (one.given_back is not None and wrote > one.given_back)
        ]
    return found


def counted(changes: Iterable[Change]) -> Counted:
    """How much there was to check, so that an empty history is not taken for a good one."""
    locks, holders, takeovers, journal = 0, set(), 0, 0
    for change in changes:
        delivery, sort_key = change.place
        journal += sort_key.startswith(JOURNAL)
        if sort_key == LOCK:
            locks += 1
            before, after = _record(change.before).holder, _record(change.after).holder
            if after is not None:
                holders.add((delivery, after.token))
                takeovers += before is not None and before.token != after.token
    return Counted(locks, len(holders), takeovers, journal)


def read_stream(streams: Any, stream_arn: str) -> list[Change]:
    """All changes that a table's stream holds, in their order; `streams` is a client of DynamoDB Streams."""
    shards = streams.describe_stream(StreamArn=stream_arn)["StreamDescription"]["Shards"]
    found = []
    for shard in shards:
        iterator = streams.get_shard_iterator(
            StreamArn=stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator is not None:
            answer = streams.get_records(ShardIterator=iterator, Limit=1000)
            if not answer["Records"]:
                break
            found += [record["dynamodb"] for record in answer["Records"]]
            iterator = answer.get("NextShardIterator")
    found.sort(key=lambda record: int(record["SequenceNumber"]))
    return [Change(record.get("OldImage") or None, record.get("NewImage") or None) for record in found]


def _record(image: dict[str, Any] | None) -> LockRecord:
    return from_item(image, LockRecord) if image else LockRecord()


def _lock_faults(before: LockRecord, after: LockRecord) -> list[str]:
    """Taking adds one to the token, renewing and giving back leave it, and only what has expired is taken away."""
    old, new = before.holder, after.holder
    stays = new is None or (old is not None and old.owner == new.owner)
    found = []
    if after.token != before.token + (not stays):
        found.append(f"the token went from {before.token} to {after.token}")
    if new is not None and new.token != after.token:
        found.append(f"{new.owner} holds token {new.token} of a lock at {after.token}")
    if not stays and old is not None and new is not None and new.acquired_at < old.expires_at:
        found.append(f"{new.owner} took it from {old.owner}, who had it until {old.expires_at}")
    return found


def _journal_faults(change: Change, holder: Lock | None) -> list[str]:
    """A write to the journal needs the lock, and bears its token."""
    if holder is None:
        return ["was written while nobody had the lock"]
    before, after = _parts(change.before), _parts(change.after)
    tokens = [new.fencing_token for old, new in zip(before, after, strict=True) if new is not None and new != old]
    return [f"was written with token {token}, not {holder.token}" for token in tokens if token != holder.token]


def _parts(image: dict[str, Any] | None) -> tuple[IntentRecord | None, DoneRecord | None]:
    entry = entry_from_item(image) if image is not None else None
    return (entry.intent, entry.done) if entry is not None else (None, None)
