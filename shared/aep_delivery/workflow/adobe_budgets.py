"""Adobe's budget in the state table, where all functions find it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aep_delivery.adobe.budget import Budget
from aep_delivery.state.dynamodb_errors import state_errors
from aep_delivery.state.items import from_item, to_item, value_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

PARTITION = "adobe"
"""``pk`` of the budgets; ``sk`` is the organisation's id. Functions have no right to write to others for this."""


class DynamoDBBudgets:
    """A ``BudgetStore`` in the state table: one item. IAM actions: GetItem, PutItem.

    Args:
        client: Of boto3, for DynamoDB.
        table: The table's name.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def read(self, organisation: str) -> Budget | None:
        key = {"pk": value_of(PARTITION), "sk": value_of(organisation)}
        with state_errors(self._table):
            item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return from_item(item, Budget) if item else None

    def write(self, organisation: str, budget: Budget) -> bool:
        key = {"pk": value_of(PARTITION), "sk": value_of(organisation)}
        with state_errors(self._table):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=to_item(key, budget.written()),
                    **_still(budget),
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True


def _still(budget: Budget) -> dict[str, Any]:
    """The condition that the budget is as it was read."""
    if not budget.version:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": value_of(budget.version)},
    }
