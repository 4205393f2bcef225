"""What every store of Adobe's budget promises, asked of each of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from aep_delivery.adobe.budget import Budget, BudgetStore, MemoryBudgets
from aep_delivery.adobe.rate import throttled
from aep_delivery.runtime.errors import InternalError
from aep_delivery.workflow.adobe_budgets import PARTITION, DynamoDBBudgets

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
ORGANISATION, ANOTHER = "0123@AdobeOrg", "4567@AdobeOrg"


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[DynamoDBClient]:
    with mock_aws():
        yield boto3.client("dynamodb", region_name="us-east-1")


@pytest.fixture
def table(dynamodb: DynamoDBClient) -> str:
    name = f"state-{uuid4()}"
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> BudgetStore:
    if request.param == "memory":
        return MemoryBudgets()
    return DynamoDBBudgets(request.getfixturevalue("dynamodb"), request.getfixturevalue("table"))


def test_there_is_none_before_the_first_write(store: BudgetStore) -> None:
    assert store.read(ORGANISATION) is None


def test_what_is_written_is_read_with_the_next_version(store: BudgetStore) -> None:
    budget = throttled(Budget.full(20, NOON), NOON + timedelta(microseconds=1), 2.5).model_copy(
        update={"opened_at": NOON, "probe_at": NOON + timedelta(seconds=30), "window_calls": 7, "millitokens": -1234}
    )
    assert store.write(ORGANISATION, budget)
    assert store.read(ORGANISATION) == budget.model_copy(update={"version": 1})


def test_of_two_that_read_the_same_one_writes(store: BudgetStore) -> None:
    first = Budget.full(20, NOON)
    assert store.write(ORGANISATION, first)
    assert not store.write(ORGANISATION, first.model_copy(update={"millitokens": 1}))
    read = store.read(ORGANISATION)
    assert read is not None
    assert store.write(ORGANISATION, read.model_copy(update={"millitokens": 2}))
    assert not store.write(ORGANISATION, read.model_copy(update={"millitokens": 3}))
    last = store.read(ORGANISATION)
    assert last is not None
    assert (last.version, last.millitokens) == (2, 2)


def test_what_is_over_is_forgotten(store: BudgetStore) -> None:
    """A field that is None again must not come back."""
    assert store.write(ORGANISATION, Budget.full(20, NOON).model_copy(update={"opened_at": NOON}))
    read = store.read(ORGANISATION)
    assert read is not None
    assert store.write(ORGANISATION, read.model_copy(update={"opened_at": None}))
    assert store.read(ORGANISATION) == Budget.full(20, NOON).model_copy(update={"version": 2})


def test_organisations_have_budgets_of_their_own(store: BudgetStore) -> None:
    assert store.write(ORGANISATION, Budget.full(20, NOON))
    assert store.read(ANOTHER) is None


def test_in_dynamodb_it_lies_in_the_partition_that_functions_may_write_to(dynamodb: DynamoDBClient, table: str) -> None:
    DynamoDBBudgets(dynamodb, table).write(ORGANISATION, Budget.full(20, NOON))
    (item,) = dynamodb.scan(TableName=table)["Items"]
    assert (item["pk"], item["sk"]) == ({"S": "adobe"}, {"S": ORGANISATION})
    assert PARTITION == "adobe"


def test_a_missing_table_is_the_products_own_error(dynamodb: DynamoDBClient) -> None:
    with pytest.raises(InternalError) as caught:
        DynamoDBBudgets(dynamodb, "nowhere").read(ORGANISATION)
    assert caught.value.code == "state.table-missing"
