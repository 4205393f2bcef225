"""Both stores, side by side under any sequence of calls, against a model that is too simple to be wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import boto3
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from moto import mock_aws

from aep_delivery.runtime.clock import Clock, FixedClock
from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.state.dynamodb import DynamoDBStateStore
from aep_delivery.state.lock import Fence, Lock
from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.state.records import REMOVED, Action, Applied, Done, Intent, Outcome, ResourceKind, RunKind
from aep_delivery.state.store import StateStore

DELIVERY = "prod/nyc-flights"
START = datetime(2027, 1, 1, tzinfo=UTC)
TTL = 100
OWNERS = st.sampled_from(["execution-1", "execution-2"])
KEYS = st.sampled_from([ResourceKind.SOURCE_CONNECTION, RunKind.AD_HOC_RUN])
INTENT_IDS = st.sampled_from(["intent-1", "intent-2"])
RESOURCES = st.sampled_from(["id-1", "id-2", "id-3"])
WHICH = st.sampled_from([0, 0, 0, 0, 1, 2])
"""How many fences back: 0 is the one given last."""


@dataclass
class Model:
    """What must be true, whatever the stores do."""

    holder: Fence | None = None
    expires_at: datetime = START
    last_token: int = 0
    writes: int = 0
    in_adobe: set[str] = field(default_factory=set)
    """Confirmed source connections that nobody has reported gone."""
    pending: dict[str, str] = field(default_factory=dict)
    """Unresolved intents by journal key."""
    applied: Applied | None = None


class Stores(RuleBasedStateMachine):
    def __init__(self, *others: Callable[[Clock], StateStore]) -> None:
        super().__init__()
        self.clock = FixedClock(START)
        self.stores: list[StateStore] = [MemoryStateStore(self.clock), *(make(self.clock) for make in others)]
        self.model = Model()
        self.fences = [Fence(delivery_id=DELIVERY, owner="execution-1", token=0)]
        self.latest: Outcome | None = None

    def each(self, call: Callable[[StateStore], Any]) -> Any:
        """Does the same to each store; what comes of it, the text of an error included, must be the same."""
        results = []
        for store in self.stores:
            try:
                results.append(call(store))
            except DeliveryError as error:
                results.append(error.document())
        assert all(result == results[0] for result in results)
        return results[0]

    def fence(self, back: int) -> Fence:
        return self.fences[-1 - min(back, len(self.fences) - 1)]

    def write(self, fence: Fence, call: Callable[[StateStore], object]) -> bool:
        """A journal write; whether the fence lets it in decides the model. False where it was refused."""
        may = self.may_write(fence)
        code = getattr(self.each(call), "code", None)
        assert (code == "state.lock-lost") is not may
        if code is not None:
            return False
        self.model.writes += 1
        return True

    def may_write(self, fence: Fence) -> bool:
        return fence == self.model.holder and self.clock.now() < self.model.expires_at

    @rule(seconds=st.sampled_from([1, TTL // 2]))
    def time_passes(self, seconds: int) -> None:
        self.clock.sleep(seconds)

    @rule(owner=OWNERS)
    def acquire(self, owner: str) -> None:
        model = self.model
        free = model.holder is None or self.clock.now() >= model.expires_at
        mine = model.holder is not None and model.holder.owner == owner
        result = self.each(lambda store: store.acquire_lock(DELIVERY, owner, timedelta(seconds=TTL)))
        assert isinstance(result, Lock) is (free or mine)
        if not isinstance(result, Lock):
            assert result.code == "state.delivery-locked"
            return
        assert result.token == (model.last_token if mine else model.last_token + 1)
        model.last_token = result.token
        model.holder = Fence(delivery_id=DELIVERY, owner=owner, token=result.token)
        model.expires_at = self.clock.now() + timedelta(seconds=TTL)
        if model.holder != self.fences[-1]:
            self.fences.append(model.holder)

    @initialize()
    def begin(self) -> None:
        self.acquire("execution-1")

    @rule(owner=OWNERS)
    def release(self, owner: str) -> None:
        self.each(lambda store: store.release_lock(DELIVERY, owner))
        if self.model.holder is not None and self.model.holder.owner == owner:
            self.model.holder = None

    @rule(back=WHICH)
    def renew(self, back: int) -> None:
        fence = self.fence(back)
        result = self.each(lambda store: store.renew_lock(fence, timedelta(seconds=TTL)))
        assert isinstance(result, Lock) is (fence == self.model.holder)
        if isinstance(result, Lock):
            self.model.expires_at = self.clock.now() + timedelta(seconds=TTL)

    @rule(back=WHICH, key=KEYS, intent_id=INTENT_IDS)
    def intend(self, back: int, key: ResourceKind | RunKind, intent_id: str) -> None:
        intent = Intent(intent_id=intent_id, action=Action.CREATE, fingerprint="f")
        if self.write(self.fence(back), lambda store: store.write_intent(self.fence(back), key, intent)):
            assert self.model.pending.get(key, intent_id) == intent_id
            self.model.pending[key] = intent_id

    @rule(back=WHICH, key=KEYS, intent_id=INTENT_IDS | st.none(), resource_id=RESOURCES)
    def confirm(self, back: int, key: ResourceKind | RunKind, intent_id: str | None, resource_id: str) -> None:
        done = Done(intent_id=intent_id, action=Action.CREATE, resource_id=resource_id, fingerprint="f")
        if self.write(self.fence(back), lambda store: store.write_done(self.fence(back), key, done)):
            assert self.model.pending.pop(key, intent_id) == intent_id
            if isinstance(key, ResourceKind):
                self.model.in_adobe.add(resource_id)

    @rule(back=WHICH, key=KEYS)
    def give_up(self, back: int, key: ResourceKind | RunKind) -> None:
        if self.write(self.fence(back), lambda store: store.clear_intent(self.fence(back), key)):
            self.model.pending.pop(key, None)

    @rule(back=WHICH, resource_id=RESOURCES)
    def remove_superseded(self, back: int, resource_id: str) -> None:
        key = ResourceKind.SOURCE_CONNECTION
        before = self.stores[0].read_journal(DELIVERY).get(key)
        if self.write(
            self.fence(back), lambda store: store.forget_superseded(self.fence(back), key, resource_id)
        ) and not (before and before.done and before.done.resource_id == resource_id):
            self.model.in_adobe.discard(resource_id)

    @rule(back=WHICH, key=KEYS)
    def remove(self, back: int, key: ResourceKind | RunKind) -> None:
        if self.write(self.fence(back), lambda store: store.forget(self.fence(back), key)):
            self.model.pending.pop(key, None)
            if isinstance(key, ResourceKind):
                assert len(self.model.in_adobe) <= 1
                self.model.in_adobe.clear()

    @rule(back=WHICH, execution=st.sampled_from(["execution-1", "execution-2"]))
    def apply(self, back: int, execution: str) -> None:
        fence = self.fence(back)
        applied = Applied(
            config_key="c", plan_key="p", execution=execution, config_fingerprint="f", applied_at=self.clock.now()
        )
        refused = self.each(lambda store: store.record_applied(fence, applied))
        assert (refused is None) is self.may_write(fence)
        if refused is None:
            self.model.applied = applied

    @rule(back=WHICH)
    def forget_delivery(self, back: int) -> None:
        fence = self.fence(back)
        if self.write(fence, lambda store: store.forget_delivery(fence)):
            assert not self.model.in_adobe
            self.model.applied = None
            self.model.pending.pop(RunKind.AD_HOC_RUN, None)
            assert self.stores[0].read_journal(DELIVERY) == {}

    @rule(age=st.integers(0, 3), verdict=st.sampled_from(["VERIFIED", REMOVED]))
    def record(self, age: int, verdict: str) -> None:
        finished_at = self.clock.now() - timedelta(seconds=age)
        outcome = Outcome(execution="e", verdict=verdict, finished_at=finished_at, rows=age)
        self.each(lambda store: store.record_outcome(DELIVERY, outcome))
        if self.latest is None or finished_at >= self.latest.finished_at:
            self.latest = outcome

    @invariant()
    def nothing_is_lost(self) -> None:
        journal = self.each(lambda store: store.read_journal(DELIVERY))
        entry = journal.get(ResourceKind.SOURCE_CONNECTION)
        confirmed = {entry.done.resource_id} if entry and entry.done else set()
        assert (confirmed | set(entry.superseded) if entry else set()) == self.model.in_adobe
        assert {key: entry.intent.intent_id for key, entry in journal.items() if entry.intent} == self.model.pending
        assert not any(entry.is_empty for entry in journal.values())

    @invariant()
    def the_rest_agrees(self) -> None:
        assert self.each(lambda store: store.read_serial(DELIVERY)) == self.model.writes
        assert self.each(lambda store: store.latest_outcome(DELIVERY)) == self.latest
        assert self.each(lambda store: store.applied(DELIVERY)) == self.model.applied
        self.each(lambda store: sorted(store.deliveries()))


def run(machine: Callable[[], Stores], *, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        cast("type[Stores]", machine),  # any callable will do, says its documentation
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


def test_the_rules_hold_under_any_sequence_of_calls() -> None:
    run(Stores, examples=120, steps=40)


def test_both_stores_behave_alike_under_any_sequence_of_calls() -> None:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        tables = itertools.count(100)

        def in_a_table(clock: Clock) -> StateStore:
            table = f"state-{next(tables)}"
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

        run(lambda: Stores(in_a_table), examples=8, steps=20)
