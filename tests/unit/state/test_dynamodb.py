"""What only a store shared by several processes can get wrong: writers in between, refusals, items of others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from moto import mock_aws
from moto.core.botocore_stubber import MockRawResponse

from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.errors import InternalError, TransientError
from aep_delivery.state.dynamodb import DynamoDBStateStore
from aep_delivery.state.lock import Lock, LockLostError
from aep_delivery.state.records import Action, Done, Outcome, ResourceKind

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

DELIVERY = "prod/nyc-flights"
TABLE = "state"
NOW = datetime(2027, 1, 1, tzinfo=UTC)
TTL = timedelta(minutes=15)
DONE = Done(action=Action.ADOPT, resource_id="id-1", fingerprint="f")


Listen = Callable[[str, Callable[..., Any]], None]


@pytest.fixture(scope="module")
def shared_client() -> Iterator[DynamoDBClient]:
    with mock_aws():
        yield boto3.client("dynamodb", region_name="us-east-1")


@pytest.fixture
def client(shared_client: DynamoDBClient) -> Iterator[DynamoDBClient]:
    shared_client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    yield shared_client
    shared_client.delete_table(TableName=TABLE)


@pytest.fixture
def listen(client: DynamoDBClient) -> Iterator[Listen]:
    """Registers a handler of botocore's events until the test ends."""
    with ExitStack() as undo:

        def register(event: str, handler: Callable[..., Any]) -> None:
            client.meta.events.register_first(event, handler)
            undo.callback(client.meta.events.unregister, event, handler)

        yield register


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def store(client: DynamoDBClient, clock: FixedClock) -> DynamoDBStateStore:
    return DynamoDBStateStore(client, TABLE, clock)


@pytest.fixture
def lock(store: DynamoDBStateStore) -> Lock:
    return store.acquire_lock(DELIVERY, "execution-1", TTL)


def once_before(client: DynamoDBClient, operation: str, act: Callable[[], object]) -> None:
    """Lets `act` happen right before the next request of this operation leaves."""
    event = f"before-call.dynamodb.{operation}"

    def handler(**_: object) -> None:
        client.meta.events.unregister(event, handler)
        act()

    client.meta.events.register(event, handler)


def put(client: DynamoDBClient, sort_key: str, **attributes: Any) -> None:
    client.put_item(TableName=TABLE, Item={"pk": {"S": f"delivery#{DELIVERY}"}, "sk": {"S": sort_key}, **attributes})


class TestWritersInBetween:
    def test_a_takeover_right_before_the_write_refuses_it(
        self, client: DynamoDBClient, store: DynamoDBStateStore, clock: FixedClock, lock: Lock
    ) -> None:
        later = DynamoDBStateStore(client, TABLE, FixedClock(NOW + TTL))
        once_before(client, "TransactWriteItems", lambda: later.acquire_lock(DELIVERY, "execution-2", TTL))
        with pytest.raises(LockLostError):
            store.write_done(lock, ResourceKind.DATAFLOW, DONE)
        assert store.read_journal(DELIVERY) == {}
        assert store.read_serial(DELIVERY) == 0

    def test_another_journal_write_right_before_is_not_overwritten(
        self, client: DynamoDBClient, store: DynamoDBStateStore, lock: Lock
    ) -> None:
        twin = DONE.model_copy(update={"resource_id": "id-2"})
        once_before(client, "TransactWriteItems", lambda: store.write_done(lock, ResourceKind.DATAFLOW, twin))
        with pytest.raises(TransientError) as caught:
            store.write_done(lock, ResourceKind.DATAFLOW, DONE)
        assert caught.value.code == "state.conflict"
        done = store.read_journal(DELIVERY)[ResourceKind.DATAFLOW].done
        assert done is not None
        assert done.resource_id == "id-2"
        assert store.write_done(lock, ResourceKind.DATAFLOW, DONE).superseded == ("id-2",)

    @pytest.mark.parametrize("free_before", [True, False], ids=["never locked", "expired"])
    def test_of_two_that_see_the_lock_free_one_gets_it(
        self, client: DynamoDBClient, store: DynamoDBStateStore, clock: FixedClock, *, free_before: bool
    ) -> None:
        if not free_before:
            store.acquire_lock(DELIVERY, "execution-0", TTL)
            clock.sleep(TTL.total_seconds())
        once_before(client, "PutItem", lambda: store.acquire_lock(DELIVERY, "execution-1", TTL))
        with pytest.raises(TransientError) as caught:
            store.acquire_lock(DELIVERY, "execution-2", TTL)
        assert caught.value.code == "state.conflict"
        with pytest.raises(TransientError, match="execution-1"):
            store.acquire_lock(DELIVERY, "execution-2", TTL)

    def test_a_released_lock_taken_in_between_is_not_taken_twice(
        self, client: DynamoDBClient, store: DynamoDBStateStore, lock: Lock
    ) -> None:
        store.release_lock(DELIVERY, lock.owner)
        once_before(client, "PutItem", lambda: store.acquire_lock(DELIVERY, "execution-2", TTL))
        with pytest.raises(TransientError):
            store.acquire_lock(DELIVERY, "execution-3", TTL)
        assert store.acquire_lock(DELIVERY, "execution-2", TTL).token == 2


class TestItems:
    def test_where_things_lie(self, client: DynamoDBClient, store: DynamoDBStateStore, lock: Lock) -> None:
        store.write_done(lock, ResourceKind.BASE_CONNECTION, DONE)
        store.record_outcome(DELIVERY, Outcome(execution="e", verdict="EMPTY", finished_at=NOW))
        items = client.scan(TableName=TABLE)["Items"]
        assert {item["pk"]["S"] for item in items} == {"delivery#prod/nyc-flights"}
        assert sorted(item["sk"]["S"] for item in items) == [
            "journal#base-connection",
            "lock",
            "outcome#latest",
            "state",
        ]
        assert not any("expires_at" in item for item in items)

    @pytest.mark.parametrize(
        ("sort_key", "attributes", "read"),
        [
            ("lock", {"token": {"S": "one"}}, lambda store: store.acquire_lock(DELIVERY, "e", TTL)),
            ("state", {"serial": {"S": "none"}}, lambda store: store.read_serial(DELIVERY)),
            ("journal#dataflow", {"done": {"M": {}}}, lambda store: store.read_journal(DELIVERY)),
            ("journal#segment-job", {}, lambda store: store.read_journal(DELIVERY)),
            ("outcome#latest", {"execution": {"S": "canary-9f2"}}, lambda store: store.latest_outcome(DELIVERY)),
            ("state", {"serial": {"N": "1"}, "new": {"S": "canary-9f2"}}, lambda store: store.read_serial(DELIVERY)),
        ],
    )
    def test_a_corrupt_item_is_named_but_not_shown(
        self,
        client: DynamoDBClient,
        store: DynamoDBStateStore,
        sort_key: str,
        attributes: dict[str, Any],
        read: Callable[[DynamoDBStateStore], object],
    ) -> None:
        put(client, sort_key, **attributes)
        with pytest.raises(InternalError) as caught:
            read(store)
        assert caught.value.code == "state.corrupt"
        assert caught.value.place == f"delivery#prod/nyc-flights {sort_key}"
        assert "canary" not in caught.value.document().as_text()

    def test_a_corrupt_entry_is_not_overwritten(
        self, client: DynamoDBClient, store: DynamoDBStateStore, lock: Lock
    ) -> None:
        put(client, "journal#dataflow", done={"S": "?"})
        with pytest.raises(InternalError):
            store.write_done(lock, ResourceKind.DATAFLOW, DONE)
        assert client.scan(TableName=TABLE, Select="COUNT")["Count"] == 2

    def test_all_pages_are_read(self, listen: Listen, store: DynamoDBStateStore) -> None:
        listen(
            "provide-client-params.dynamodb.*",
            lambda params, model, **_: params | {"Limit": 1} if model.name in ("Query", "Scan") else params,
        )
        for delivery in ("prod/a", "prod/b"):
            lock = store.acquire_lock(delivery, "e", TTL)
            for kind in ResourceKind:
                store.write_done(lock, kind, DONE)
        assert set(store.read_journal("prod/a")) == {*ResourceKind}
        assert sorted(store.deliveries()) == ["prod/a", "prod/b"]


class TestRefusals:
    def test_a_missing_table(self, client: DynamoDBClient, clock: FixedClock) -> None:
        with pytest.raises(InternalError) as caught:
            DynamoDBStateStore(client, "elsewhere", clock).read_journal(DELIVERY)
        assert (caught.value.code, caught.value.place) == ("state.table-missing", "elsewhere")
        assert caught.value.hint

    def test_a_repeated_request_bears_the_same_token(
        self, listen: Listen, store: DynamoDBStateStore, lock: Lock
    ) -> None:
        """By which DynamoDB knows a write whose answer was lost, and does not count it twice."""
        tokens: list[str] = []

        def lose_the_first_answer(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
            tokens.append(json.loads(cast("bytes", request.body))["ClientRequestToken"])
            lost = AWSResponse(request.url, 500, HTTPHeaders(), MockRawResponse("{}"))
            return lost if len(tokens) == 1 else None

        listen("before-send.dynamodb.TransactWriteItems", lose_the_first_answer)
        # moto writes twice, as it does not look at the token; then the second write must at least be refused.
        with pytest.raises(TransientError):
            store.write_done(lock, ResourceKind.DATAFLOW, DONE)
        assert len(tokens) == 2
        assert len(set(tokens)) == 1
        assert store.read_serial(DELIVERY) == 1
