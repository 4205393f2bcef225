"""What every state store promises, asked of each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.errors import InternalError
from aep_delivery.state.dynamodb import DynamoDBStateStore
from aep_delivery.state.lock import Fence, Lock, LockHeldError, LockLostError
from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.state.records import (
    REMOVED,
    Action,
    ActivationKind,
    Applied,
    Done,
    Intent,
    JournalKey,
    Outcome,
    ResourceKind,
    RunKind,
)
from aep_delivery.state.store import StateStore
from aep_delivery.state.watching import Announcements, Freshness, FreshnessFinding, RunClaim, RunCursor, Told

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

DELIVERY = "prod/nyc-flights"
NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
TTL = timedelta(minutes=15)
EVERY_KEY: list[JournalKey] = [*ResourceKind, *RunKind, *ActivationKind]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[DynamoDBClient]:
    with mock_aws():
        yield boto3.client("dynamodb", region_name="us-east-1")


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest, clock: FixedClock) -> StateStore:
    if request.param == "memory":
        return MemoryStateStore(clock)
    client: DynamoDBClient = request.getfixturevalue("dynamodb")
    table = f"state-{uuid4()}"
    client.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return DynamoDBStateStore(client, table, clock)


@pytest.fixture
def lock(store: StateStore) -> Lock:
    return store.acquire_lock(DELIVERY, "execution-1", TTL)


def intent(intent_id: str = "intent-1", action: Action = Action.CREATE, resource_id: str | None = None) -> Intent:
    return Intent(
        intent_id=intent_id, action=action, fingerprint="f" * 8, resource_id=resource_id, credential_version="v1"
    )


def done(resource_id: str = "id-1", intent_id: str | None = "intent-1") -> Done:
    return Done(intent_id=intent_id, action=Action.CREATE, resource_id=resource_id, etag='"1-a"', fingerprint="f" * 8)


def outcome(execution: str, finished_at: datetime) -> Outcome:
    return Outcome(
        execution=execution,
        verdict="VERIFIED",
        finished_at=finished_at,
        receipt_uri="s3://papers/receipt.json",
        flow_id="flow-1",
        rows=336_776,
        bytes=2**40,
        files=0,
    )


def applied(execution: str = "execution-1") -> Applied:
    return Applied(
        config_key=f"deliveries/{DELIVERY}/{execution}/config.json",
        plan_key=f"deliveries/{DELIVERY}/{execution}/plan.json",
        execution=execution,
        config_fingerprint="f" * 32,
        applied_at=NOON,
    )


class TestLock:
    def test_a_free_delivery_is_locked(self, store: StateStore) -> None:
        assert store.acquire_lock(DELIVERY, "execution-1", TTL) == Lock(
            delivery_id=DELIVERY, owner="execution-1", token=1, acquired_at=NOON, expires_at=NOON + TTL
        )

    def test_anybody_may_see_who_holds_it_and_that_nobody_does(self, store: StateStore) -> None:
        assert store.read_lock(DELIVERY) is None
        held = store.acquire_lock(DELIVERY, "execution-1", TTL)
        assert store.read_lock(DELIVERY) == held
        store.release_lock(DELIVERY, "execution-1")
        assert store.read_lock(DELIVERY) is None

    def test_another_is_told_who_holds_it_since_when_and_until_when(
        self, store: StateStore, clock: FixedClock, lock: Lock
    ) -> None:
        clock.sleep(60)
        with pytest.raises(LockHeldError) as caught:
            store.acquire_lock(DELIVERY, "execution-2", TTL)
        assert caught.value.code == "state.delivery-locked"
        assert caught.value.family == "TransientError"
        assert caught.value.message == (
            "Delivery prod/nyc-flights is locked by execution-1 since 2027-01-01T12:00:00.000000+00:00, "
            "until 2027-01-01T12:15:00.000000+00:00 at the latest."
        )
        assert store.check_lock(lock) == lock

    def test_a_repeated_step_gets_its_lock_back_with_the_same_token(
        self, store: StateStore, clock: FixedClock, lock: Lock
    ) -> None:
        clock.sleep(60)
        again = store.acquire_lock(DELIVERY, "execution-1", TTL)
        assert again == lock.model_copy(update={"expires_at": NOON + TTL + timedelta(seconds=60)})
        assert store.check_lock(lock) == again

    def test_its_own_expired_lock_comes_back_with_the_same_token(
        self, store: StateStore, clock: FixedClock, lock: Lock
    ) -> None:
        clock.sleep(TTL.total_seconds() + 1)
        assert store.acquire_lock(DELIVERY, "execution-1", TTL).token == lock.token

    def test_an_expired_lock_passes_on_with_a_higher_token(
        self, store: StateStore, clock: FixedClock, lock: Lock
    ) -> None:
        clock.sleep(TTL.total_seconds() - 0.001)
        with pytest.raises(LockHeldError):
            store.acquire_lock(DELIVERY, "execution-2", TTL)
        clock.sleep(0.001)
        assert store.acquire_lock(DELIVERY, "execution-2", TTL).token == lock.token + 1

    def test_the_token_rises_across_release(self, store: StateStore) -> None:
        tokens = []
        for owner in ("a", "b", "a", "a"):
            tokens.append(store.acquire_lock(DELIVERY, owner, TTL).token)
            store.release_lock(DELIVERY, owner)
        assert tokens == [1, 2, 3, 4]

    def test_release_may_be_repeated_and_leaves_the_lock_of_others_alone(self, store: StateStore, lock: Lock) -> None:
        store.release_lock(DELIVERY, "execution-2")
        store.release_lock("prod/never-seen", "execution-1")
        assert store.check_lock(lock) == lock
        store.release_lock(DELIVERY, "execution-1")
        store.release_lock(DELIVERY, "execution-1")
        assert store.acquire_lock(DELIVERY, "execution-2", TTL).token == 2

    def test_deliveries_are_locked_apart(self, store: StateStore, lock: Lock) -> None:
        other = store.acquire_lock("stage/nyc-flights", "execution-2", TTL)
        assert (other.token, store.check_lock(lock)) == (1, lock)

    def test_a_lock_is_renewed_even_after_it_expired(self, store: StateStore, clock: FixedClock, lock: Lock) -> None:
        clock.sleep(TTL.total_seconds())
        with pytest.raises(LockLostError, match="it expired"):
            store.check_lock(lock)
        renewed = store.renew_lock(lock, timedelta(hours=1))
        assert (renewed.token, renewed.expires_at) == (1, clock.now() + timedelta(hours=1))
        assert store.check_lock(lock) == renewed

    def test_a_lock_that_passed_on_is_not_renewed(self, store: StateStore, clock: FixedClock, lock: Lock) -> None:
        clock.sleep(TTL.total_seconds())
        store.acquire_lock(DELIVERY, "execution-2", TTL)
        with pytest.raises(LockLostError, match="execution-2 holds it with token 2"):
            store.renew_lock(lock, TTL)

    def test_a_released_lock_is_lost(self, store: StateStore, lock: Lock) -> None:
        store.release_lock(DELIVERY, lock.owner)
        for use in (store.check_lock, lambda fence: store.renew_lock(fence, TTL)):
            with pytest.raises(LockLostError, match="it was released") as caught:
                use(lock)
            assert caught.value.code == "state.lock-lost"

    def test_an_earlier_token_of_the_same_owner_is_lost(self, store: StateStore, lock: Lock) -> None:
        store.release_lock(DELIVERY, lock.owner)
        store.acquire_lock(DELIVERY, lock.owner, TTL)
        with pytest.raises(LockLostError):
            store.check_lock(lock)


class TestJournal:
    def test_an_unknown_delivery_has_none(self, store: StateStore) -> None:
        assert store.read_journal(DELIVERY) == {}
        assert store.read_serial(DELIVERY) == 0

    @pytest.mark.parametrize("key", EVERY_KEY)
    def test_intent_then_done(self, store: StateStore, clock: FixedClock, lock: Lock, key: JournalKey) -> None:
        written = store.write_intent(lock, key, intent())
        assert written.intent is not None
        assert (written.intent.written_at, written.intent.fencing_token, written.done) == (NOON, 1, None)
        assert store.read_journal(DELIVERY) == {key: written}

        clock.sleep(2.5)
        confirmed = store.write_done(lock, key, done())
        assert confirmed.intent is None
        assert confirmed.done is not None
        assert confirmed.done.model_dump(exclude_none=True) == {
            **done().model_dump(exclude_none=True),
            "intended_at": NOON,
            "written_at": NOON + timedelta(seconds=2.5),
            "fencing_token": 1,
        }
        assert store.read_journal(DELIVERY) == {key: confirmed}

    def test_an_intent_over_done_hides_nothing(self, store: StateStore, lock: Lock) -> None:
        before = store.write_done(lock, ResourceKind.DATAFLOW, done(intent_id=None))
        store.write_intent(lock, ResourceKind.DATAFLOW, intent("intent-2", Action.UPDATE, "id-1"))
        entry = store.read_journal(DELIVERY)[ResourceKind.DATAFLOW]
        assert entry.done == before.done
        assert entry.intent is not None
        store.clear_intent(lock, ResourceKind.DATAFLOW)
        assert store.read_journal(DELIVERY) == {ResourceKind.DATAFLOW: before}

    def test_repeating_an_intent_keeps_its_first_time(self, store: StateStore, clock: FixedClock, lock: Lock) -> None:
        first = store.write_intent(lock, RunKind.AD_HOC_RUN, intent())
        clock.sleep(60)
        assert store.write_intent(lock, RunKind.AD_HOC_RUN, intent()) == first

    @pytest.mark.parametrize("second", [intent("intent-2"), intent(action=Action.UPDATE)])
    def test_an_unresolved_intent_is_not_overwritten(self, store: StateStore, lock: Lock, second: Intent) -> None:
        first = store.write_intent(lock, ResourceKind.DATAFLOW, intent())
        with pytest.raises(InternalError) as caught:
            store.write_intent(lock, ResourceKind.DATAFLOW, second)
        assert caught.value.code == "state.intent-pending"
        assert store.read_journal(DELIVERY) == {ResourceKind.DATAFLOW: first}
        assert store.read_serial(DELIVERY) == 1

    @pytest.mark.parametrize("named", [None, "intent-2"])
    def test_done_must_name_the_unresolved_intent(self, store: StateStore, lock: Lock, named: str | None) -> None:
        first = store.write_intent(lock, ResourceKind.DATAFLOW, intent())
        with pytest.raises(InternalError) as caught:
            store.write_done(lock, ResourceKind.DATAFLOW, done(intent_id=named))
        assert caught.value.code == "state.intent-pending"
        assert store.read_journal(DELIVERY) == {ResourceKind.DATAFLOW: first}

    def test_done_needs_an_intent_that_was_written(self, store: StateStore, lock: Lock) -> None:
        with pytest.raises(InternalError) as caught:
            store.write_done(lock, ResourceKind.DATAFLOW, done())
        assert caught.value.code == "state.intent-unknown"

    def test_done_may_be_repeated(self, store: StateStore, lock: Lock) -> None:
        store.write_intent(lock, ResourceKind.DATAFLOW, intent())
        first = store.write_done(lock, ResourceKind.DATAFLOW, done())
        assert store.write_done(lock, ResourceKind.DATAFLOW, done()) == first

    def test_a_replaced_resource_is_remembered_until_it_is_removed(self, store: StateStore, lock: Lock) -> None:
        key = ResourceKind.SOURCE_CONNECTION
        for number in ("1", "2", "3"):
            store.write_intent(lock, key, intent(f"intent-{number}"))
            store.write_done(lock, key, done(f"id-{number}", f"intent-{number}"))
        assert store.read_journal(DELIVERY)[key].superseded == ("id-1", "id-2")
        with pytest.raises(InternalError) as caught:
            store.forget(lock, key)
        assert (caught.value.code, caught.value.details) == ("state.superseded-remain", ["id-1", "id-2"])
        store.forget_superseded(lock, key, "id-1")
        store.forget_superseded(lock, key, "id-2")
        entry = store.read_journal(DELIVERY)[key]
        assert entry.superseded == ()
        assert entry.done is not None
        assert entry.done.resource_id == "id-3"

    def test_a_resource_that_comes_back_is_not_to_be_removed(self, store: StateStore, lock: Lock) -> None:
        for resource_id in ("id-1", "id-2", "id-1"):
            entry = store.write_done(lock, ResourceKind.DATAFLOW, done(resource_id, None))
        assert entry.superseded == ("id-2",)

    def test_an_ad_hoc_run_supersedes_nothing(self, store: StateStore, lock: Lock) -> None:
        for flow_id in ("flow-1", "flow-2"):
            entry = store.write_done(lock, RunKind.AD_HOC_RUN, done(flow_id, None))
        assert entry.superseded == ()

    def test_forget_leaves_the_other_entries(self, store: StateStore, lock: Lock) -> None:
        for key in EVERY_KEY:
            store.write_done(lock, key, done(intent_id=None))
        store.write_intent(lock, ResourceKind.DATAFLOW, intent("intent-2", Action.DELETE, "id-1"))
        store.forget(lock, ResourceKind.DATAFLOW)
        store.forget(lock, ResourceKind.DATAFLOW)
        assert set(store.read_journal(DELIVERY)) == {*EVERY_KEY} - {ResourceKind.DATAFLOW}

    def test_an_intent_given_up_leaves_no_empty_entry(self, store: StateStore, lock: Lock) -> None:
        store.write_intent(lock, ResourceKind.DATAFLOW, intent())
        store.clear_intent(lock, ResourceKind.DATAFLOW)
        store.clear_intent(lock, ResourceKind.DATAFLOW)
        assert store.read_journal(DELIVERY) == {}

    def test_every_write_counts(self, store: StateStore, lock: Lock) -> None:
        store.write_intent(lock, ResourceKind.DATAFLOW, intent())
        store.write_done(lock, ResourceKind.DATAFLOW, done())
        store.clear_intent(lock, ResourceKind.DATAFLOW)
        store.forget_superseded(lock, ResourceKind.DATAFLOW, "id-0")
        store.forget(lock, ResourceKind.DATAFLOW)
        assert store.read_serial(DELIVERY) == 5
        assert store.read_serial("stage/nyc-flights") == 0


WRITES: dict[str, Callable[[StateStore, Fence], object]] = {
    "write_intent": lambda store, fence: store.write_intent(fence, ResourceKind.DATAFLOW, intent("intent-9")),
    "write_done": lambda store, fence: store.write_done(fence, ResourceKind.DATAFLOW, done()),
    "clear_intent": lambda store, fence: store.clear_intent(fence, ResourceKind.DATAFLOW),
    "forget_superseded": lambda store, fence: store.forget_superseded(fence, ResourceKind.DATAFLOW, "id-0"),
    "forget": lambda store, fence: store.forget(fence, ResourceKind.DATAFLOW),
    "record_applied": lambda store, fence: store.record_applied(fence, applied("execution-9")),
    "forget_delivery": lambda store, fence: store.forget_delivery(fence),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
class TestFencing:
    @pytest.fixture(autouse=True)
    def pending(self, store: StateStore, lock: Lock) -> None:
        store.write_intent(lock, ResourceKind.DATAFLOW, intent())

    def refused(self, store: StateStore, fence: Fence, write: Callable[[StateStore, Fence], object]) -> None:
        before = store.read_journal(DELIVERY), store.read_serial(DELIVERY), store.applied(DELIVERY)
        with pytest.raises(LockLostError) as caught:
            write(store, fence)
        assert caught.value.code == "state.lock-lost"
        assert (store.read_journal(DELIVERY), store.read_serial(DELIVERY), store.applied(DELIVERY)) == before

    def test_after_a_takeover(
        self, store: StateStore, clock: FixedClock, lock: Lock, write: Callable[[StateStore, Fence], object]
    ) -> None:
        clock.sleep(TTL.total_seconds())
        store.acquire_lock(DELIVERY, "execution-2", TTL)
        self.refused(store, lock, write)

    def test_after_release(self, store: StateStore, lock: Lock, write: Callable[[StateStore, Fence], object]) -> None:
        store.release_lock(DELIVERY, lock.owner)
        self.refused(store, lock, write)

    def test_after_expiry(
        self, store: StateStore, clock: FixedClock, lock: Lock, write: Callable[[StateStore, Fence], object]
    ) -> None:
        clock.sleep(TTL.total_seconds())
        self.refused(store, lock, write)

    def test_with_a_token_never_given(
        self, store: StateStore, lock: Lock, write: Callable[[StateStore, Fence], object]
    ) -> None:
        self.refused(store, Fence(delivery_id=DELIVERY, owner=lock.owner, token=lock.token + 1), write)

    def test_with_the_lock_of_another_owner(
        self, store: StateStore, lock: Lock, write: Callable[[StateStore, Fence], object]
    ) -> None:
        self.refused(store, Fence(delivery_id=DELIVERY, owner="execution-2", token=lock.token), write)


def test_a_fence_of_ids_is_enough_to_write(store: StateStore, lock: Lock) -> None:
    fence = Fence(delivery_id=DELIVERY, owner="execution-1", token=lock.token)
    assert store.write_intent(fence, ResourceKind.DATAFLOW, intent()).intent is not None


class TestApplied:
    def test_there_is_none_at_first(self, store: StateStore) -> None:
        assert store.applied(DELIVERY) is None

    def test_the_last_one_stays_and_the_serial_too(self, store: StateStore, lock: Lock) -> None:
        store.record_applied(lock, applied("execution-0"))
        store.record_applied(lock, applied())
        assert store.applied(DELIVERY) == applied()
        assert store.applied("stage/nyc-flights") is None
        assert store.read_serial(DELIVERY) == 0


class TestForgetDelivery:
    def test_what_was_applied_and_run_is_gone_what_guards_and_tells_stays(
        self, store: StateStore, clock: FixedClock, lock: Lock
    ) -> None:
        store.write_done(lock, RunKind.AD_HOC_RUN, done("flow-1", None))
        for key in ActivationKind:
            store.write_done(lock, key, done("flow-1", None))
        store.record_applied(lock, applied())
        store.record_outcome(DELIVERY, outcome("e", NOON))
        store.forget_delivery(lock)
        assert (store.read_journal(DELIVERY), store.applied(DELIVERY)) == ({}, None)
        assert store.read_serial(DELIVERY) == 4
        assert store.latest_outcome(DELIVERY) == outcome("e", NOON)
        assert store.check_lock(lock) == lock
        store.release_lock(DELIVERY, lock.owner)
        assert store.acquire_lock(DELIVERY, "execution-2", TTL).token == lock.token + 1

    @pytest.mark.parametrize("kind", ResourceKind)
    def test_not_while_a_resource_is_known(self, store: StateStore, lock: Lock, kind: ResourceKind) -> None:
        store.write_intent(lock, kind, intent())
        store.write_intent(lock, RunKind.AD_HOC_RUN, intent())
        store.record_applied(lock, applied())
        before = store.read_journal(DELIVERY)
        with pytest.raises(InternalError) as caught:
            store.forget_delivery(lock)
        assert (caught.value.code, caught.value.details) == ("state.resources-remain", [kind.value])
        assert store.read_journal(DELIVERY) == before
        assert (store.applied(DELIVERY), store.read_serial(DELIVERY)) == (applied(), 2)

    def test_it_may_be_repeated_and_leaves_others_alone(self, store: StateStore, lock: Lock) -> None:
        other = store.acquire_lock("stage/nyc-flights", "execution-2", TTL)
        store.record_applied(other, applied())
        store.forget_delivery(lock)
        store.forget_delivery(lock)
        assert store.read_serial(DELIVERY) == 2
        assert store.applied("stage/nyc-flights") == applied()


class TestOutcome:
    def test_there_is_none_at_first(self, store: StateStore) -> None:
        assert store.latest_outcome(DELIVERY) is None

    def test_the_one_that_finished_last_stays(self, store: StateStore) -> None:
        for execution, minutes in (("b", 2), ("a", 1), ("c", 3)):
            store.record_outcome(DELIVERY, outcome(execution, NOON + timedelta(minutes=minutes)))
        assert store.latest_outcome(DELIVERY) == outcome("c", NOON + timedelta(minutes=3))

    def test_an_older_one_by_a_microsecond_in_another_zone_does_not_overwrite(self, store: StateStore) -> None:
        east = NOON.astimezone(datetime.fromisoformat("2027-01-01T00:00:00+05:30").tzinfo)
        store.record_outcome(DELIVERY, outcome("new", NOON))
        store.record_outcome(DELIVERY, outcome("old", east - timedelta(microseconds=1)))
        latest = store.latest_outcome(DELIVERY)
        assert latest is not None
        assert latest.execution == "new"

    def test_a_repeated_step_may_correct_its_outcome(self, store: StateStore) -> None:
        store.record_outcome(DELIVERY, Outcome(execution="e", verdict="VERIFIED", finished_at=NOON))
        store.record_outcome(DELIVERY, outcome("e", NOON))
        assert store.latest_outcome(DELIVERY) == outcome("e", NOON)

    def test_what_is_not_known_stays_unknown(self, store: StateStore) -> None:
        failed = Outcome(execution="e", verdict="UserError", finished_at=NOON)
        store.record_outcome(DELIVERY, failed)
        assert store.latest_outcome(DELIVERY) == failed


class TestDeliveries:
    def test_those_with_a_journal_or_an_outcome_each_once(self, store: StateStore, lock: Lock) -> None:
        for key in EVERY_KEY:
            store.write_done(lock, key, done(intent_id=None))
        store.record_outcome(DELIVERY, outcome("e", NOON))
        store.record_outcome("stage/only-outcome", outcome("e", NOON))
        store.acquire_lock("stage/only-locked", "e", TTL)
        assert sorted(store.deliveries()) == [DELIVERY, "stage/only-outcome"]

    def test_those_with_something_applied(self, store: StateStore, lock: Lock) -> None:
        store.record_applied(lock, applied())
        assert list(store.deliveries()) == [DELIVERY]

    def test_not_those_that_were_removed(self, store: StateStore, lock: Lock) -> None:
        store.record_applied(lock, applied())
        store.forget_delivery(lock)
        store.record_outcome(DELIVERY, Outcome(execution="e", verdict=REMOVED, finished_at=NOON))
        assert list(store.deliveries()) == []
        store.write_intent(lock, ResourceKind.DATAFLOW, intent())
        assert list(store.deliveries()) == [DELIVERY]

    def test_not_those_that_were_forgotten(self, store: StateStore, lock: Lock) -> None:
        store.write_done(lock, ResourceKind.DATAFLOW, done(intent_id=None))
        store.forget(lock, ResourceKind.DATAFLOW)
        assert list(store.deliveries()) == []


# ---- what the watches remember ----


def claim(**changes: Any) -> RunClaim:
    known: dict[str, Any] = {
        "run_id": "run-1",
        "execution": "verify-1",
        "claimed_at": NOON,
        "expires_at": 1_800_000_000,
    }
    return RunClaim(**known | changes)


WATCHED: dict[str, tuple[str, str, Any]] = {
    "claim": ("run_claim", "write_run_claim", claim(verdict="VERIFIED", receipt_uri="s3://work/receipt.json")),
    "cursor": ("run_cursor", "write_run_cursor", RunCursor(since=NOON, applied=(applied(), applied("b")))),
    "freshness": (
        "freshness",
        "write_freshness",
        Freshness(
            checked_at=NOON,
            flow_id="flow-1",
            config_fingerprint="f",
            expected_since=NOON,
            served={"*": NOON, "audience": NOON + TTL},
            findings=(FreshnessFinding(code="delivery-late", reason="It is late."),),
        ),
    ),
    "announcements": (
        "announcements",
        "write_announcements",
        Announcements(
            told={"late": Told(event_id="e", reason="It is late.", since=NOON, told_at=NOON)}, telling_since=NOON
        ),
    ),
}


@pytest.mark.parametrize(("read", "write", "record"), WATCHED.values(), ids=WATCHED)
def test_a_record_of_the_watches_is_replaced_only_as_it_was_read(
    store: StateStore, read: str, write: str, record: Any
) -> None:
    keys = (DELIVERY, record.run_id) if isinstance(record, RunClaim) else (DELIVERY,)
    kept, keep = partial(getattr(store, read), *keys), partial(getattr(store, write), DELIVERY)
    assert not kept() or kept() == Announcements()

    assert keep(record)
    assert kept() == record.written()
    # Whoever has not seen it is turned away, and so is whoever saw another.
    assert not keep(record)
    assert not keep(record.model_copy(update={"version": 2}))
    assert keep(kept())
    assert kept() == record.model_copy(update={"version": 2})


def test_claims_of_several_runs_stand_side_by_side(store: StateStore) -> None:
    assert store.write_run_claim(DELIVERY, claim())
    assert store.write_run_claim(DELIVERY, claim(run_id="run-2", execution="verify-2"))
    assert store.write_run_claim("prod/other", claim(execution="verify-3"))

    found = [store.run_claim(*of) for of in ((DELIVERY, "run-1"), (DELIVERY, "run-2"), ("prod/other", "run-1"))]
    assert [one.execution for one in found if one] == ["verify-1", "verify-2", "verify-3"]


def test_what_the_watches_remember_makes_no_delivery(store: StateStore) -> None:
    for _, write, record in WATCHED.values():
        getattr(store, write)(DELIVERY, record)
    assert list(store.deliveries()) == []


def test_a_forgotten_delivery_is_forgotten_by_the_watches_but_for_its_runs(store: StateStore, lock: Lock) -> None:
    for _, write, record in WATCHED.values():
        getattr(store, write)(DELIVERY, record)

    store.forget_delivery(lock)

    assert store.run_cursor(DELIVERY) is None
    assert store.freshness(DELIVERY) is None
    assert store.announcements(DELIVERY) == Announcements()
    assert store.run_claim(DELIVERY, "run-1") is not None
