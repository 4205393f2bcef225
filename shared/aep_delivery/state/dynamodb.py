"""The store in a DynamoDB table.

Needs on the table: GetItem, PutItem, DeleteItem, ConditionCheckItem, Query and (for ``deliveries``) Scan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from aep_delivery.runtime.clock import Clock
from aep_delivery.state.base import RuleBasedStore, refuse_remaining
from aep_delivery.state.dynamodb_errors import CONDITION_FAILED, cancellation_reasons, conflict, state_errors
from aep_delivery.state.instant import as_text
from aep_delivery.state.items import (
    ANNOUNCEMENTS,
    APPLIED,
    CURSOR,
    FRESHNESS,
    JOURNAL,
    LOCK,
    OUTCOME,
    PARTITION,
    RUN,
    STATE,
    Item,
    StateRecord,
    delivery_of,
    entry_from_item,
    entry_to_item,
    from_item,
    key_of,
    to_item,
    value_of,
)
from aep_delivery.state.lock import Fence, Lock, LockRecord, lock_lost
from aep_delivery.state.records import REMOVED, ActivationKind, Applied, JournalEntry, JournalKey, Outcome, RunKind
from aep_delivery.state.watching import Announcements, Freshness, RunClaim, RunCursor, Versioned

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

V = TypeVar("V", bound=Versioned)
_FORGOTTEN = (*(JOURNAL + key for key in (*RunKind, *ActivationKind)), APPLIED, CURSOR, FRESHNESS, ANNOUNCEMENTS)


class DynamoDBStateStore(RuleBasedStore):
    """A ``StateStore`` in one table with the string keys ``pk`` and ``sk``.

    Args:
        client: Of boto3, for DynamoDB.
        table: The table's name.
        clock: Decides what has expired. The clocks of all writers should agree to well within a lock's time to live.
    """

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        super().__init__(clock)
        self._client = client
        self._table = table

    def read_journal(self, delivery_id: str) -> Mapping[JournalKey, JournalEntry]:
        with state_errors(self._table):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :journal)",
                ExpressionAttributeValues={":pk": value_of(PARTITION + delivery_id), ":journal": value_of(JOURNAL)},
                ConsistentRead=True,
            )
            entries = [entry_from_item(item) for page in pages for item in page["Items"]]
        return {entry.key: entry for entry in entries}

    def read_serial(self, delivery_id: str) -> int:
        item = self._get(delivery_id, STATE)
        return from_item(item, StateRecord).serial if item else 0

    def record_applied(self, fence: Fence, applied: Applied) -> None:
        held = self.check_lock(fence)
        place = key_of(fence.delivery_id, APPLIED)
        self._write(fence, held, {"Put": {"TableName": self._table, "Item": to_item(place, applied)}})

    def applied(self, delivery_id: str) -> Applied | None:
        item = self._get(delivery_id, APPLIED)
        return from_item(item, Applied) if item else None

    def forget_delivery(self, fence: Fence) -> None:
        held = self.check_lock(fence)
        # The serial first: where it still holds at the write, the journal read after it is the journal there is.
        serial = self.read_serial(fence.delivery_id)
        refuse_remaining(self.read_journal(fence.delivery_id))
        gone: list[TransactWriteItemTypeDef] = [
            {"Delete": {"TableName": self._table, "Key": key_of(fence.delivery_id, sort_key)}}
            for sort_key in _FORGOTTEN
        ]
        self._write(fence, held, *gone, self._serial_after(fence.delivery_id, serial))

    def record_outcome(self, delivery_id: str, outcome: Outcome) -> None:
        with state_errors(self._table):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=to_item(key_of(delivery_id, OUTCOME), outcome),
                    ConditionExpression="attribute_not_exists(pk) OR finished_at <= :finished_at",
                    ExpressionAttributeValues={":finished_at": value_of(as_text(outcome.finished_at))},
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return

    def latest_outcome(self, delivery_id: str) -> Outcome | None:
        item = self._get(delivery_id, OUTCOME)
        return from_item(item, Outcome) if item else None

    def deliveries(self) -> Iterator[str]:
        """As the Protocol says. Reads the whole table: a handful of small items per delivery, and only schedules ask.
        An index would cost on every write what this costs once a day.
        """
        seen: set[str] = set()
        with state_errors(self._table):
            for page in self._client.get_paginator("scan").paginate(
                TableName=self._table,
                FilterExpression=(
                    "begins_with(sk, :journal) OR sk = :applied OR (sk = :outcome AND verdict <> :removed)"
                ),
                ExpressionAttributeValues={
                    ":journal": value_of(JOURNAL),
                    ":applied": value_of(APPLIED),
                    ":outcome": value_of(OUTCOME),
                    ":removed": value_of(REMOVED),
                },
                ProjectionExpression="pk",
                ConsistentRead=True,
            ):
                fresh = {delivery_of(item) for item in page["Items"]} - seen
                seen |= fresh
                yield from fresh

    def run_claim(self, delivery_id: str, run_id: str) -> RunClaim | None:
        return self._versioned(delivery_id, RUN + run_id, RunClaim)

    def write_run_claim(self, delivery_id: str, claim: RunClaim) -> bool:
        return self._replace(delivery_id, RUN + claim.run_id, claim)

    def run_cursor(self, delivery_id: str) -> RunCursor | None:
        return self._versioned(delivery_id, CURSOR, RunCursor)

    def write_run_cursor(self, delivery_id: str, cursor: RunCursor) -> bool:
        return self._replace(delivery_id, CURSOR, cursor)

    def freshness(self, delivery_id: str) -> Freshness | None:
        return self._versioned(delivery_id, FRESHNESS, Freshness)

    def write_freshness(self, delivery_id: str, freshness: Freshness) -> bool:
        return self._replace(delivery_id, FRESHNESS, freshness)

    def announcements(self, subject: str) -> Announcements:
        return self._versioned(subject, ANNOUNCEMENTS, Announcements) or Announcements()

    def write_announcements(self, subject: str, announcements: Announcements) -> bool:
        return self._replace(subject, ANNOUNCEMENTS, announcements)

    def _versioned(self, delivery_id: str, sort_key: str, model: type[V]) -> V | None:
        item = self._get(delivery_id, sort_key)
        return from_item(item, model) if item else None

    def _replace(self, delivery_id: str, sort_key: str, record: Versioned) -> bool:
        with state_errors(self._table):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=to_item(key_of(delivery_id, sort_key), record.written()),
                    **_still(record),
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    def _get(self, delivery_id: str, sort_key: str) -> Item | None:
        with state_errors(self._table):
            answer = self._client.get_item(
                TableName=self._table, Key=key_of(delivery_id, sort_key), ConsistentRead=True
            )
        return answer.get("Item")

    def _read_lock(self, delivery_id: str) -> LockRecord:
        item = self._get(delivery_id, LOCK)
        return from_item(item, LockRecord) if item else LockRecord()

    def _change_lock(self, delivery_id: str, rule: Callable[[LockRecord], LockRecord]) -> LockRecord:
        before = self._read_lock(delivery_id)
        after = rule(before)
        if after == before:
            return after
        names, values = {"#token": "token", "#holder": "holder"}, {":token": value_of(before.token)}
        if before.holder is not None:
            condition = "#token = :token AND #holder.#expires_at = :expires_at"
            names["#expires_at"] = "expires_at"
            values[":expires_at"] = value_of(as_text(before.holder.expires_at))
        else:
            condition = "attribute_not_exists(#holder) AND (attribute_not_exists(pk) OR #token = :token)"
        with state_errors(self._table):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=to_item(key_of(delivery_id, LOCK), after),
                    ConditionExpression=condition,
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=values,
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                raise conflict(delivery_id) from None
        return after

    def _change_entry(
        self, fence: Fence, key: JournalKey, rule: Callable[[JournalEntry], JournalEntry]
    ) -> JournalEntry:
        lock, serial, before = self._read_for_change(fence.delivery_id, key)
        held = lock.check(fence, now=self._clock.now())
        after = rule(before)
        place = key_of(fence.delivery_id, JOURNAL + key)
        write: TransactWriteItemTypeDef
        if after.is_empty:
            write = {"Delete": {"TableName": self._table, "Key": place}}
        else:
            write = {"Put": {"TableName": self._table, "Item": entry_to_item(place, after)}}
        self._write(fence, held, write, self._serial_after(fence.delivery_id, serial))
        return after

    def _write(self, fence: Fence, held: Lock, *writes: TransactWriteItemTypeDef) -> None:
        """All of the writes or none, and none where the lock is no longer held."""
        with state_errors(self._table):
            try:
                self._client.transact_write_items(TransactItems=[self._lock_still(held), *writes])
            except self._client.exceptions.TransactionCanceledException as error:
                reasons = cancellation_reasons(error)
                if reasons[0] == CONDITION_FAILED:
                    raise lock_lost(fence, "another took it, or it expired, while this was written") from None
                if CONDITION_FAILED in reasons:
                    raise conflict(fence.delivery_id) from None
                raise

    def _read_for_change(self, delivery_id: str, key: JournalKey) -> tuple[LockRecord, int, JournalEntry]:
        """What a change rests on, as of one moment: a transaction, since a query may see half of another's writes."""
        with state_errors(self._table):
            answer = self._client.transact_get_items(
                TransactItems=[
                    {"Get": {"TableName": self._table, "Key": key_of(delivery_id, sort_key)}}
                    for sort_key in (LOCK, STATE, JOURNAL + key)
                ]
            )
        lock, state, entry = (part.get("Item") for part in answer["Responses"])
        return (
            from_item(lock, LockRecord) if lock else LockRecord(),
            from_item(state, StateRecord).serial if state else 0,
            entry_from_item(entry) if entry else JournalEntry(key=key),
        )

    def _lock_still(self, held: Lock) -> TransactWriteItemTypeDef:
        return {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": key_of(held.delivery_id, LOCK),
                "ConditionExpression": ("#token = :token AND #holder.#owner = :owner AND #holder.#expires_at > :now"),
                "ExpressionAttributeNames": {
                    "#token": "token",
                    "#holder": "holder",
                    "#owner": "owner",
                    "#expires_at": "expires_at",
                },
                "ExpressionAttributeValues": {
                    ":token": value_of(held.token),
                    ":owner": value_of(held.owner),
                    ":now": value_of(as_text(self._clock.now())),
                },
            }
        }

    def _serial_after(self, delivery_id: str, serial: int) -> TransactWriteItemTypeDef:
        """Counts the write, and refuses it where another was counted since the entry was read."""
        return {
            "Put": {
                "TableName": self._table,
                "Item": to_item(key_of(delivery_id, STATE), StateRecord(serial=serial + 1)),
                "ConditionExpression": "attribute_not_exists(pk) OR #serial = :serial",
                "ExpressionAttributeNames": {"#serial": "serial"},
                "ExpressionAttributeValues": {":serial": value_of(serial)},
            }
        }


def _still(record: Versioned) -> dict[str, Any]:
    """The condition that a record is as it was read."""
    if not record.version:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": value_of(record.version)},
    }
