"""What every board promises, asked of both."""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws

from aep_delivery.runtime.errors import TransientError
from aep_delivery.status.board import PARTITION, DynamoDBStatusBoard, MemoryStatusBoard


@pytest.fixture
def client():
    with mock_aws():
        made = boto3.client(
            "dynamodb", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        made.create_table(
            TableName="state",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        )
        yield made


@pytest.fixture(params=["memory", "dynamodb"])
def board(request):
    if request.param == "memory":
        return MemoryStatusBoard()
    return DynamoDBStatusBoard(request.getfixturevalue("client"), "state")


def test_a_record_comes_back_as_it_was_made(board, ending, known, now) -> None:
    board.change("prod/orders", lambda it: it.with_ending(ending(backfill=True), known(ends=now)), now)
    board.change("prod/orders", lambda it: it.with_removal(now), now)
    (found,) = board.records()
    assert (found.delivery_id, found.endings, found.known) == ("prod/orders", (ending(backfill=True),), known(ends=now))
    assert (found.removed_at, found.revision) == (now, 2)


def test_all_are_found(board, now) -> None:
    names = {f"prod/d-{number}" for number in range(30)}
    for name in names:
        board.change(name, lambda it: it.with_removal(now), now)
    assert {record.delivery_id for record in board.records()} == names


def test_of_two_changes_at_the_same_moment_none_is_lost(client, now) -> None:
    board = DynamoDBStatusBoard(client, "state")

    def interrupted(record):
        board.change("prod/orders", lambda it: it.with_removal(now), now)
        return record.with_removal(now)

    with pytest.raises(TransientError) as caught:
        board.change("prod/orders", interrupted, now)
    assert caught.value.code == "state.conflict"
    assert [record.revision for record in board.records()] == [1]


def test_a_record_that_cannot_be_read_hides_no_other(client, now) -> None:
    board = DynamoDBStatusBoard(client, "state")
    board.change("prod/orders", lambda it: it.with_removal(now), now)
    client.put_item(TableName="state", Item={"pk": {"S": PARTITION}, "sk": {"S": "a/b"}, "endings": {"S": "?"}})
    assert [record.delivery_id for record in board.records()] == ["prod/orders"]
