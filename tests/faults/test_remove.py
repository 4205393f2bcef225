"""A removal leaves nothing owned and touches nothing foreign, wherever it, or what came before it, was cut off."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.state.lock import Fence, LockHeldError
from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.state.records import REMOVED, Applied, JournalEntry, JournalKey, Outcome, ResourceKind
from aep_delivery.workflow.messages import AcquireLock, DeliveryName
from aep_delivery.workflow.removal_messages import Removal
from aep_delivery.workflow.services import LOCK_TTL
from aep_delivery.workflow.steps.lock import acquire_lock
from aep_delivery.workflow.steps.remove_delivery import remove_delivery
from tests.faults.harness import KINDS, ONE_OF_EACH, RESOURCES, Adobe, Installation, config
from tests.faults.test_crashes import CHANGED, CREATING, Death, KilledError, MortalHttp, moments, run_unlocked
from tests.faults.test_crashes import CHANGING as UPDATING

BASE = "/data/foundation/flowservice"
DELIVERY = "prod/planes"
NONE = dict.fromkeys(KINDS, 0)
WRITES = [
    f"POST {BASE}/flows/{{id}}/action",
    f"DELETE {BASE}/flows/{{id}}",
    f"DELETE {BASE}/targetConnections/{{id}}",
    f"DELETE {BASE}/sourceConnections/{{id}}",
    f"DELETE {BASE}/connections/{{id}}",
]
EFFECTS = [
    "POST-action",
    *("journal-dataflow", "DELETE-flows", "journal-dataflow"),
    *("journal-target-connection", "DELETE-targetConnections", "journal-target-connection"),
    *("journal-source-connection", "DELETE-sourceConnections", "journal-source-connection"),
    *("journal-base-connection", "DELETE-connections", "journal-base-connection"),
    "forget",
    "outcome",
]
LOCK_GONE = (LOCK_TTL + timedelta(minutes=1)).total_seconds()


class Announcements:
    def __init__(self) -> None:
        self.events: list[Any] = []

    def publish(self, event: Any) -> None:
        self.events.append(event)


class MortalStore(MemoryStateStore):
    """Every write is a moment to die at."""

    death = Death()

    def _change_entry(
        self, fence: Fence, key: JournalKey, rule: Callable[[JournalEntry], JournalEntry]
    ) -> JournalEntry:
        return self.death.around(f"journal-{key}", lambda: super(MortalStore, self)._change_entry(fence, key, rule))

    def forget_delivery(self, fence: Fence) -> None:
        self.death.around("forget", lambda: super(MortalStore, self).forget_delivery(fence))

    def record_outcome(self, delivery_id: str, outcome: Outcome) -> None:
        self.death.around("outcome", lambda: super(MortalStore, self).record_outcome(delivery_id, outcome))


_executions = itertools.count(1)


def remove(stack: Installation, execution: str | None = None) -> Removal:
    stack.services.publisher = Announcements()
    return remove_delivery(DELIVERY, execution or f"removal-{next(_executions)}", stack.services)


def doom(stack: Installation, at: str | None) -> Death:
    death = Death(at)
    if not isinstance(stack.services.store, MortalStore):
        mortal = MortalStore(stack.adobe.clock)
        vars(mortal).update(vars(stack.services.store))
        stack.services.store = mortal
    stack.services.store.death = death
    stack.services.http = MortalHttp(stack.adobe.http, death)
    return death


def everything(adobe: Adobe) -> dict[str, dict[str, Any]]:
    return {entity["id"]: entity for kind in KINDS for entity in adobe.entities(kind)}


def assert_gone(stack: Installation, foreign: dict[str, Any] | None = None) -> None:
    """Adobe has what is foreign, as it was, and nothing else; and nothing is remembered."""
    assert everything(stack.adobe) == (foreign or {})
    assert stack.services.store.read_journal(DELIVERY) == {}
    assert stack.services.store.applied(DELIVERY) is None
    assert DELIVERY not in set(stack.services.store.deliveries())
    latest = stack.services.store.latest_outcome(DELIVERY)
    assert latest is not None
    assert latest.verdict == REMOVED


def test_t78_the_order_is_dataflow_target_source_base(stack: Installation) -> None:
    stack.deliver(run=True)
    had = [
        (kind, stack.adobe.only(kind)) for kind in ("flows", "targetConnections", "sourceConnections", "connections")
    ]
    stack.adobe.forget_requests()

    removal = remove(stack)

    assert stack.adobe.writes() == WRITES
    assert [(gone.id, gone.name) for gone in removal.resources] == [(entity["id"], entity["name"]) for _, entity in had]
    assert_gone(stack)


def test_it_is_told_and_kept(stack: Installation) -> None:
    stack.deliver()
    removal = remove(stack, "the-removal")
    (event,) = stack.services.publisher.events
    assert event.detail_type == "Delivery Removed"
    assert (event.detail.delivery_id, event.detail.sandbox, event.detail.delivery) == (DELIVERY, "prod", "planes")
    assert event.detail.resources == removal.resources
    assert removal.record == "memory://deliveries/prod/planes/the-removal/removal.json"
    assert '"kind": "dataflow"' in stack.services.documents.get("deliveries/prod/planes/the-removal/removal.json")


def test_removing_twice_is_fine(stack: Installation) -> None:
    stack.deliver()
    remove(stack)
    stack.adobe.forget_requests()
    assert remove(stack).resources == []
    assert stack.adobe.writes() == []
    assert_gone(stack)


def test_a_removed_delivery_can_be_made_anew_and_the_old_writer_stays_out(stack: Installation) -> None:
    stack.deliver()
    old = stack.services.store.acquire_lock(DELIVERY, "old", LOCK_TTL)
    stack.services.store.record_applied(
        old, Applied(config_key="c", plan_key="p", execution="e", config_fingerprint="f", applied_at=old.acquired_at)
    )
    stack.services.store.release_lock(DELIVERY, "old")
    remove(stack)
    assert_gone(stack)
    stack.deliver()
    stack.assert_exactly_once()
    assert stack.services.store.acquire_lock(DELIVERY, "new", LOCK_TTL).token > old.token


def test_t79_gone_is_when_reading_finds_nothing(stack: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.deliver()
    world = stack.adobe.emulator.world
    monkeypatch.setattr(world, "settings", dataclasses.replace(world.settings, settle_after=7.0))
    stack.adobe.forget_requests()
    remove(stack)
    calls = stack.adobe.calls()
    after = calls[calls.index(WRITES[1]) + 1 :]
    assert after[: after.index(f"GET {BASE}/targetConnections/{{id}}")] == [f"GET {BASE}/flows/{{id}}"] * 5
    assert_gone(stack)


def test_t79_a_dataflow_that_takes_its_time_is_come_back_for(
    stack: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.deliver()
    world = stack.adobe.emulator.world
    monkeypatch.setattr(world, "settings", dataclasses.replace(world.settings, settle_after=90.0))
    remove(stack)
    assert_gone(stack)


@pytest.mark.parametrize("kind", KINDS)
def test_t79_what_a_person_deleted_already_is_fine(stack: Installation, kind: str) -> None:
    stack.deliver()
    stack.adobe.delete(kind, stack.adobe.only(kind)["id"])
    removal = remove(stack)
    assert len(removal.resources) == 4
    assert [gone.name for gone in removal.resources].count(None) == 1
    assert_gone(stack)


def test_a_disabled_dataflow_is_not_disabled_again(stack: Installation) -> None:
    stack.deliver()
    flow = stack.adobe.only("flows")["id"]
    stack.adobe.control("POST", "entities/edit", {"sandbox": "prod", "kind": "flows", "id": flow, "state": "disabled"})
    stack.adobe.forget_requests()
    remove(stack)
    assert stack.adobe.writes() == WRITES[1:]


FAULTS: dict[str, tuple[dict[str, Any], int]] = {
    "lost-before-effect": ({"type": "drop"}, 3),
    "lost-after-effect": ({"type": "lose-answer"}, 3),
    "unavailable": ({"type": "respond", "status": 503}, 3),
    "throttled-for-long": ({"type": "respond", "status": 429, "headers": {"Retry-After": "120"}}, 1),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", WRITES)
def test_every_write_fails_in_every_way(stack: Installation, call: str, fault: str) -> None:
    stack.deliver()
    action, times = FAULTS[fault]
    stack.adobe.plant(call, action, times=times)
    remove(stack)
    # What took effect although its answer was lost does not take place three times.
    assert stack.adobe.hits() in {1, times}
    assert_gone(stack)


def test_a_dataflow_that_adobe_fails_to_disable_is_disabled_at_the_next_attempt(stack: Installation) -> None:
    stack.deliver()
    stack.adobe.plant(WRITES[0], {"type": "fail-operation", "errors": [{"code": "X", "message": "No"}]})
    remove(stack)
    assert stack.adobe.hits() == 1
    assert_gone(stack)


def test_these_are_the_side_effects(stack: Installation) -> None:
    stack.deliver()
    stack.restart()
    death = doom(stack, None)
    remove(stack)
    assert death.seen == EFFECTS


@pytest.mark.parametrize("same", [True, False], ids=["by-the-same-execution", "by-another"])
@pytest.mark.parametrize("at", moments(EFFECTS))
def test_a_removal_that_died_is_finished(stack: Installation, at: str, *, same: bool) -> None:
    stack.deliver()
    foreign = strangers(stack)
    stack.restart()
    doom(stack, at)
    with pytest.raises(KilledError):
        remove(stack, "first")
    stack.restart()
    stack.adobe.clock.sleep(1 if same else LOCK_GONE)

    remove(stack, "first" if same else "second")

    assert_gone(stack, foreign)


@pytest.mark.parametrize(("effects", "first"), [(CREATING, False), (UPDATING, True)], ids=["creating", "changing"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_delivery_that_died_is_removed_whole(
    stack: Installation, effects: list[str], when: str, *, first: bool
) -> None:
    for at in (moment for moment in moments(effects) if moment.startswith(when)):
        stack.services.store = MemoryStateStore(stack.adobe.clock)
        stack.adobe.control("POST", "reset")
        if first:
            stack.deliver()
            stack.rotate_secret()
        foreign = strangers(stack) if first else {}
        stack.restart()
        doom(stack, at)
        lost = stack.execution(CHANGED if first else config())
        lost.take_lock()
        with pytest.raises(KilledError):
            run_unlocked(lost, run=not first)
        stack.restart()
        stack.adobe.clock.sleep(LOCK_GONE)

        if stack.services.store.read_serial(DELIVERY):
            remove(stack)
            assert_gone(stack, foreign)


def test_a_creation_that_may_still_arrive_is_waited_for(stack: Installation) -> None:
    doom(stack, "before-01-POST-connections")
    lost = stack.execution()
    lost.take_lock()
    with pytest.raises(KilledError):
        run_unlocked(lost)
    lost.release_lock()
    stack.restart()
    before = stack.adobe.clock.now()

    remove(stack)

    assert stack.adobe.clock.now() - before >= timedelta(seconds=40)
    assert_gone(stack)


class TestRefused:
    """Nothing is touched where marker and journal disagree, or where something else would suffer."""

    @pytest.fixture(autouse=True)
    def delivered(self, stack: Installation) -> None:
        stack.deliver()

    def refused(self, stack: Installation, code: str) -> UserError:
        before = everything(stack.adobe)
        stack.adobe.forget_requests()
        with pytest.raises(UserError) as caught:
            remove(stack)
        assert caught.value.code == code
        assert stack.adobe.writes() == []
        assert everything(stack.adobe) == before
        # The lock was given back.
        stack.services.store.acquire_lock(DELIVERY, "somebody", LOCK_TTL)
        stack.services.store.release_lock(DELIVERY, "somebody")
        return caught.value

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_removed_marker(self, stack: Installation, kind: str) -> None:
        entity = stack.adobe.only(kind)["id"]
        stack.adobe.edit(kind, entity, {"op": "replace", "path": "/description", "value": "mine now"})
        error = self.refused(stack, "ownership.marker-removed")
        assert error.place == entity

    @pytest.mark.parametrize("owner", [("another-stack", DELIVERY), ("the-stack", "prod/other")])
    def test_the_marker_of_another(self, stack: Installation, owner: tuple[str, str]) -> None:
        marker = OwnerMarker(owner=owner[0], delivery_id=owner[1], kind=ResourceKind.DATAFLOW)
        flow = stack.adobe.only("flows")["id"]
        stack.adobe.edit("flows", flow, {"op": "replace", "path": "/description", "value": marker.text})
        assert self.refused(stack, "ownership.marker-removed").place == flow

    def test_a_lost_journal_until_the_next_delivery_has_taken_over(self, stack: Installation) -> None:
        stack.services.store = MemoryStateStore(stack.adobe.clock)
        error = self.refused(stack, "ownership.not-in-journal")
        assert len(error.details) == 4
        assert error.details[0].startswith("dataflow ")
        stack.deliver()
        remove(stack)
        assert_gone(stack)

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_marked_copy_that_the_journal_does_not_know(self, stack: Installation, kind: str) -> None:
        copy = stack.adobe.copy(kind, stack.adobe.only(kind)["id"])
        error = self.refused(stack, "ownership.not-in-journal")
        assert [line.split()[1] for line in error.details] == [copy]

    @pytest.mark.parametrize(
        ("kind", "used"),
        [
            ("targetConnections", "base-connection"),
            ("sourceConnections", "base-connection"),
            ("flows", "target-connection"),
        ],
    )
    def test_a_resource_that_others_use(self, stack: Installation, kind: str, used: str) -> None:
        base = stack.adobe.only("connections")["id"]
        user = stack.adobe.copy(
            kind, stack.adobe.only(kind)["id"], description="a stranger", name="Stranger", baseConnectionId=base
        )
        error = self.refused(stack, "remove.in-use")
        assert used in error.message
        assert error.details[0].endswith(f"{user} Stranger")

    def test_an_unknown_delivery(self, stack: Installation) -> None:
        stack.services.publisher = Announcements()
        for wrong in ("prod/plains", "dev/planes"):
            with pytest.raises(UserError) as caught:
                remove_delivery(wrong, "e", stack.services)
            assert caught.value.code == "remove.unknown-delivery"
        with pytest.raises(UserError) as caught:
            remove_delivery("planes", "e", stack.services)
        assert caught.value.code == "remove.delivery-id"
        assert stack.adobe.counts() == ONE_OF_EACH

    def test_while_another_execution_is_at_work(self, stack: Installation) -> None:
        message = AcquireLock(execution="delivery", delivery=DeliveryName(delivery_id=DELIVERY))
        acquire_lock(message, stack.services)
        with pytest.raises(LockHeldError):
            remove(stack)
        assert stack.adobe.counts() == ONE_OF_EACH


class TestInUse:
    """T78: FLOW-1418 although the dataflow is gone."""

    @pytest.fixture(autouse=True)
    def delivered(self, stack: Installation) -> None:
        stack.deliver()

    def plant(self, stack: Installation, times: int) -> None:
        body = {"type": "https://ns.adobe.com/aep/errors/FLOW-1418-400", "title": "In use", "status": 400}
        stack.adobe.plant(WRITES[4], {"type": "respond", "status": 400, "body": body}, times=times)

    @pytest.mark.parametrize("times", [1, 15])
    def test_adobe_counts_users_late(self, stack: Installation, times: int) -> None:
        self.plant(stack, times)
        remove(stack)
        assert stack.adobe.hits() == times
        assert_gone(stack)

    def test_adobe_never_stops_counting(self, stack: Installation) -> None:
        self.plant(stack, 1000)
        with pytest.raises(TransientError) as caught:
            remove(stack)
        assert caught.value.code == "remove.in-use-still"
        assert stack.adobe.counts() == NONE | {"connections": 1}

    def test_a_stranger_came_meanwhile(self, stack: Installation) -> None:
        adobe, target = stack.adobe, stack.adobe.only("targetConnections")["id"]

        class Meanwhile:
            user = ""

            def post(self, *args: Any, **kwargs: Any) -> Any:
                return adobe.http.post(*args, **kwargs)

            def request(self, method: str, url: str, **kwargs: Any) -> Any:
                if method == "DELETE" and "targetConnections" in url:
                    self.user = adobe.copy("targetConnections", target, description="a stranger", name="Stranger")
                return adobe.http.request(method, url, **kwargs)

        stack.restart()
        stack.services.http = meanwhile = Meanwhile()
        with pytest.raises(UserError) as caught:
            remove(stack)
        assert caught.value.code == "remove.in-use"
        assert caught.value.details == [f"target-connection {meanwhile.user} Stranger"]
        assert adobe.counts() == NONE | {"connections": 1, "targetConnections": 1}
        adobe.delete("targetConnections", meanwhile.user)
        remove(stack)
        assert_gone(stack)


def strangers(stack: Installation) -> dict[str, Any]:
    """One foreign entity of each kind that looks like ours, and how they are once Adobe has settled."""
    made: dict[str, str] = {}
    for kind, resource in zip(KINDS, RESOURCES, strict=True):
        marker = OwnerMarker(owner="another-stack", delivery_id=DELIVERY, kind=resource)
        references = {
            "targetConnections": {"baseConnectionId": made.get("connections")},
            "flows": {
                "sourceConnectionIds": [made.get("sourceConnections")],
                "targetConnectionIds": [made.get("targetConnections")],
            },
        }
        made[kind] = stack.adobe.copy(
            kind, stack.adobe.only(kind)["id"], description=marker.text, **references.get(kind, {})
        )
    return {entity_id: entity for entity_id, entity in everything(stack.adobe).items() if entity_id in made.values()}
