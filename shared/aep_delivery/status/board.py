"""Where the records of the status page are kept: together, so that one query finds all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from aep_delivery.runtime.errors import InternalError
from aep_delivery.runtime.log import logger
from aep_delivery.state.dynamodb_errors import conflict, state_errors
from aep_delivery.state.items import from_item, to_item, value_of
from aep_delivery.status.records import StatusRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

PARTITION = "status"
"""``pk`` of every record; ``sk`` is the delivery's id. 1,000 of them are one to four pages of a query."""

Rule = Callable[[StatusRecord], StatusRecord]


class StatusBoard(Protocol):
    """The records of all deliveries.

    Both methods raise ``TransientError`` and ``InternalError`` as the state store does.
    """

    def change(self, delivery_id: str, rule: Rule, now: datetime) -> None:
        """Replace a delivery's record by what `rule` makes of it; of a fresh one where there is none.

        Raises:
            TransientError: ``state.conflict``; another changed it at the same moment.
        """

    def records(self) -> Iterator[StatusRecord]:
        """All of them, each as its last change has left it. What cannot be understood is left out, with a warning."""


class MemoryStatusBoard:
    """The twin for tests."""

    def __init__(self) -> None:
        self._kept: dict[str, StatusRecord] = {}

    def change(self, delivery_id: str, rule: Rule, now: datetime) -> None:
        self._kept[delivery_id] = rule(self._kept.get(delivery_id) or _fresh(delivery_id, now))

    def records(self) -> Iterator[StatusRecord]:
        return iter(list(self._kept.values()))


class DynamoDBStatusBoard:
    """The state table. IAM actions: GetItem, PutItem, Query.

    Args:
        client: Of boto3, for DynamoDB.
        table: The table's name.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def change(self, delivery_id: str, rule: Rule, now: datetime) -> None:
        key = {"pk": value_of(PARTITION), "sk": value_of(delivery_id)}
        with state_errors(self._table):
            item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
            before = from_item(item, StatusRecord) if item else _fresh(delivery_id, now)
            after = rule(before)
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=to_item(key, after),
                    ConditionExpression="attribute_not_exists(pk) OR #revision = :revision",
                    ExpressionAttributeNames={"#revision": "revision"},
                    ExpressionAttributeValues={":revision": value_of(before.revision)},
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                raise conflict(delivery_id) from None

    def records(self) -> Iterator[StatusRecord]:
        with state_errors(self._table):
            for page in self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": value_of(PARTITION)},
                ConsistentRead=True,
            ):
                for item in page["Items"]:
                    try:
                        yield from_item(item, StatusRecord)
                    except InternalError as error:
                        # One record that was edited by hand must not hide all others.
                        logger.warning("a record of the status page cannot be read", extra={"place": error.place})


def _fresh(delivery_id: str, now: datetime) -> StatusRecord:
    return StatusRecord(delivery_id=delivery_id, since=now)
