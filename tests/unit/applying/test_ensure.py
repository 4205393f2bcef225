"""Exactly one, for each way in which a call may end: one keeper, an Adobe of one kind, and the journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from aep_delivery.adobe.errors import (
    AdobeProblem,
    AdobeTransientError,
    AdobeUserError,
    EtagMismatchError,
    OutcomeUnknownError,
)
from aep_delivery.applying.ensure import PATCH_ATTEMPTS, ResourceKeeper
from aep_delivery.applying.gateway import ResourceGateway
from aep_delivery.planning.decide import decide
from aep_delivery.planning.declared import DeclaredResource
from aep_delivery.planning.live import LiveResource, LiveResources
from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.planning.plan import PlannedAction, PlannedResource
from aep_delivery.running.settling import SETTLING_TIME
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.errors import DeliveryError, TransientError, UserError
from aep_delivery.state.lock import Fence, Lock
from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.state.records import Action, Done, Intent, JournalEntry, JournalKey, ResourceKind
from tests.unit.planning.declarations import declaration, live

KIND = ResourceKind.BASE_CONNECTION
DECLARED = declaration(description="Planes").base_connection()
RENAMED = declaration(description="Planes", names={"baseConnection": "Other planes"}).base_connection()
FLOW = declaration(description="Planes").dataflow("source", "target")
PROBLEM = AdobeProblem(shape="H", http_status=None, code=None, message="said")
REFUSED = AdobeUserError("no", code="adobe.request-refused", problem=PROBLEM)
THROTTLED = AdobeTransientError("later", code="adobe.throttled", problem=PROBLEM)
LOST = OutcomeUnknownError("lost", problem=PROBLEM)
CHANGED = EtagMismatchError("changed", code="adobe.etag-mismatch", problem=PROBLEM)
VERSION = "v1"


class OneKind:
    """A gateway to entities in a dictionary. What fails is scripted: an error, and whether it comes after the effect."""

    def __init__(self, declared: DeclaredResource, read: Callable[[], JournalEntry | None]) -> None:
        self.declared = declared
        self.kind = declared.kind
        self.entities: dict[str, LiveResource] = {}
        self.replaced: set[str] = set()
        self.late: set[str] = set()
        """Not listed."""
        self.fails: list[tuple[DeliveryError, bool]] = []
        self.calls: list[tuple[str, Any]] = []
        self.announced: list[Intent] = []
        """What the journal said while a write was under way."""
        self.rotations = 0
        self.busy: LiveResource | None = None
        """What is shown until it is waited for."""
        self.meanwhile: dict[str, Any] = {}
        """What somebody changes before it is read again."""
        self._read = read

    def find(self, declared: DeclaredResource, marker: OwnerMarker, entry: JournalEntry | None) -> LiveResources:
        assert (declared, marker, entry) == (self.declared, self.declared.marker, self._read())
        return self.shown()

    def shown(self) -> LiveResources:
        there = [one for one in self.entities.values() if one.id not in self.late]
        current = [one for one in there if one.id not in self.replaced]
        return LiveResources(
            current=self.busy or (current[0] if current else None),
            superseded=tuple(one for one in there if one.id in self.replaced),
        )

    def get_surely(self, entity_id: str) -> LiveResource | None:
        return self.entities.get(entity_id)

    def idle(self, entity_id: str) -> LiveResource:
        """Each look shows another ETag."""
        self.busy = None
        self.late.discard(entity_id)
        there = self.entities[entity_id]
        body = {**there.body, **self.meanwhile}
        self.meanwhile = {}
        self.entities[entity_id] = LiveResource(id=entity_id, etag=f"{there.etag}+", body=body)
        return self.entities[entity_id]

    settled = idle

    def create(self, declared: DeclaredResource) -> str:
        self._write("create", None, lambda: self._put(live(declared, "made")))
        return "made"

    def patch(self, entity_id: str, operations: list[dict[str, Any]], etag: str) -> None:
        assert etag == self.entities[entity_id].etag, "it was read right before"

        def change() -> None:
            there = self.entities[entity_id]
            for one in operations:
                self.rotations += one["path"] == "/auth/params"
            fields = {one["path"][1:]: one["value"] for one in operations if one["path"] != "/auth/params"}
            self._put(there.model_copy(update={"body": {**there.body, **fields}}))

        self._write("patch", [one["path"] for one in operations], change)

    def enable(self, entity_id: str) -> None:
        there = self.entities[entity_id]
        self._write("enable", entity_id, lambda: self._put(live(FLOW, there.id)))

    def delete(self, entity_id: str) -> None:
        self._write("delete", entity_id, lambda: self.entities.pop(entity_id))

    def rotation(self) -> dict[str, Any]:
        return {"op": "replace", "path": "/auth/params", "value": {}}

    def _put(self, there: LiveResource) -> None:
        self.entities[there.id] = there

    def _write(self, call: str, what: object, effect: Callable[[], object]) -> None:
        self.calls.append((call, what))
        if (entry := self._read()) is not None and entry.intent is not None:
            self.announced.append(entry.intent)
        error, after = self.fails.pop(0) if self.fails else (None, True)
        if after:
            effect()
        if error is not None:
            raise error


class Journal(MemoryStateStore):
    """Remembers all that was ever confirmed."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__(clock)
        self.confirmed: list[Done] = []

    def write_done(self, fence: Fence, key: JournalKey, done: Done) -> JournalEntry:
        self.confirmed.append(done)
        return super().write_done(fence, key, done)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2027, 1, 1, tzinfo=UTC))


@pytest.fixture
def store(clock: FixedClock) -> Journal:
    return Journal(clock)


@pytest.fixture
def lock(store: Journal) -> Lock:
    return store.acquire_lock("prod/planes", "execution-1", timedelta(hours=1))


class Bench:
    """A keeper and all that it works with."""

    def __init__(self, store: Journal, lock: Lock, clock: FixedClock, declared: DeclaredResource) -> None:
        self.store, self.lock, self.clock = store, lock, clock
        self.declared = declared
        self.adobe = OneKind(declared, lambda: self.entry)
        self.keeper = ResourceKeeper(
            gateway=cast("ResourceGateway", self.adobe),
            store=store,
            fence=lock,
            marker=declared.marker,
            clock=clock,
        )

    @property
    def entry(self) -> JournalEntry | None:
        return self.store.read_journal("prod/planes").get(self.declared.kind)

    def known(self, entity: LiveResource, version: str | None = VERSION, action: Action = Action.CREATE) -> None:
        """Have an entity there, and the journal know it."""
        self.adobe.entities[entity.id] = entity
        done = Done(
            action=action,
            resource_id=entity.id,
            etag=entity.etag,
            fingerprint=self.declared.fingerprint,
            credential_version=version,
        )
        self.store.write_done(self.lock, self.declared.kind, done)

    def announce(self, action: Action, *, fingerprint: str = "earlier", version: str | None = "v0") -> None:
        intent = Intent(
            intent_id="announced",
            action=action,
            fingerprint=fingerprint,
            resource_id="known" if action is Action.UPDATE else None,
            credential_version=version,
        )
        self.store.write_intent(self.lock, self.declared.kind, intent)

    def plan(self, version: str | None = VERSION) -> PlannedResource:
        return decide(self.declared, self.adobe.shown(), self.entry, version)

    def ensure(
        self,
        planned: PlannedResource | None = None,
        version: str | None = VERSION,
        *,
        keeper: ResourceKeeper | None = None,
    ) -> tuple[LiveResource, PlannedAction]:
        return (keeper or self.keeper).ensure(self.declared, planned or self.plan(version), version)

    def later(self) -> ResourceKeeper:
        """The keeper of another execution."""
        self.store.release_lock("prod/planes", "execution-1")
        self.lock = self.store.acquire_lock("prod/planes", "execution-2", timedelta(hours=1))
        return ResourceKeeper(
            gateway=cast("ResourceGateway", self.adobe),
            store=self.store,
            fence=self.lock,
            marker=self.declared.marker,
            clock=self.clock,
        )

    def assert_confirmed(self, action: Action, entity: LiveResource, version: str | None = VERSION) -> None:
        """The journal says of the one that is there all that is known of it, and nothing is open."""
        assert self.adobe.entities[entity.id] == entity, "as it was read last"
        assert self.entry is not None
        done = self.entry.done
        assert self.entry.intent is None
        assert done is not None
        assert (done.action, done.resource_id, done.etag) == (action, entity.id, entity.etag)
        assert (done.fingerprint, done.credential_version) == (self.declared.fingerprint, version)


@pytest.fixture
def bench(store: Journal, lock: Lock, clock: FixedClock) -> Bench:
    return Bench(store, lock, clock, DECLARED)


class TestCreate:
    def test_it_is_announced_then_sent_then_confirmed(self, bench: Bench) -> None:
        made, action = bench.ensure()

        assert (made.id, action) == ("made", PlannedAction.CREATE)
        assert bench.adobe.calls == [("create", None)]
        (intent,) = bench.adobe.announced
        assert (intent.action, intent.resource_id) == (Action.CREATE, None)
        assert (intent.fingerprint, intent.credential_version) == (DECLARED.fingerprint, VERSION)
        bench.assert_confirmed(Action.CREATE, made)
        assert bench.entry is not None
        assert bench.entry.done is not None
        assert bench.entry.done.intent_id == intent.intent_id

    @pytest.mark.parametrize("error", [REFUSED, THROTTLED], ids=lambda error: error.code)
    def test_what_adobe_did_not_take_in_leaves_no_announcement(self, bench: Bench, error: DeliveryError) -> None:
        bench.adobe.fails = [(error, False)]

        with pytest.raises(type(error)):
            bench.ensure()

        assert (bench.entry, bench.adobe.entities) == (None, {})
        assert len(bench.adobe.announced) == 1

    def test_a_lost_answer_whose_entity_shows_is_a_creation(self, bench: Bench) -> None:
        bench.adobe.fails = [(LOST, True)]

        made, action = bench.ensure()

        assert action is PlannedAction.CREATE
        bench.assert_confirmed(Action.CREATE, made)

    def test_a_lost_answer_whose_entity_does_not_show_stays_announced(self, bench: Bench) -> None:
        bench.adobe.fails = [(LOST, False)]

        with pytest.raises(OutcomeUnknownError):
            bench.ensure()

        assert bench.entry is not None
        assert bench.entry.intent is not None

    def test_what_was_announced_and_shows_is_taken_with_what_was_announced_of_it(self, bench: Bench) -> None:
        bench.announce(Action.CREATE)
        bench.adobe.entities["made"] = live(RENAMED, "made")

        bench.ensure(version="v0")

        confirmed, _ = bench.store.confirmed
        assert (confirmed.intent_id, confirmed.action, confirmed.resource_id) == ("announced", Action.CREATE, "made")
        assert (confirmed.fingerprint, confirmed.credential_version) == ("earlier", "v0")
        assert confirmed.etag
        assert [call for call, _ in bench.adobe.calls] == ["patch"], "the config has changed since"

    def test_what_was_announced_and_does_not_show_is_waited_for(self, bench: Bench) -> None:
        bench.announce(Action.CREATE)
        bench.clock.sleep(30)

        with pytest.raises(TransientError) as caught:
            bench.ensure()

        assert caught.value.document().code == "adobe.outcome-unknown"
        assert caught.value.retry_after_seconds == SETTLING_TIME.total_seconds() - 30
        assert KIND in caught.value.message
        assert bench.adobe.calls == []

        bench.clock.sleep(caught.value.retry_after_seconds)
        made, _ = bench.ensure()
        bench.assert_confirmed(Action.CREATE, made)

    def test_how_long_is_waited_can_be_said(self, bench: Bench) -> None:
        bench.announce(Action.CREATE)
        bench.keeper = ResourceKeeper(
            gateway=cast("ResourceGateway", bench.adobe),
            store=bench.store,
            fence=bench.lock,
            marker=DECLARED.marker,
            clock=bench.clock,
            settling=timedelta(),
        )

        assert bench.ensure()[1] is PlannedAction.CREATE

    def test_beside_one_that_was_replaced_the_announced_one_is_the_unknown_one(self, bench: Bench) -> None:
        bench.known(live(DECLARED, "old"))
        bench.adobe.replaced = {"old"}
        bench.announce(Action.CREATE, fingerprint=DECLARED.fingerprint, version=VERSION)
        bench.adobe.entities["made"] = live(DECLARED, "made")

        made, _ = bench.ensure()

        assert made.id == "made"
        assert bench.entry is not None
        assert bench.entry.superseded == ("old",)
        assert bench.adobe.calls == []

    def test_one_that_the_journal_knows_is_not_what_was_announced(self, bench: Bench) -> None:
        bench.known(live(DECLARED, "known"))
        bench.announce(Action.CREATE)

        with pytest.raises(TransientError):
            bench.ensure()
        assert bench.entry is not None
        assert bench.entry.intent is not None


class TestUpdate:
    def test_only_what_differs_is_sent_announced_and_confirmed(self, bench: Bench) -> None:
        bench.known(live(DECLARED, "known", name="By hand"))

        there, action = bench.ensure()

        assert action is PlannedAction.UPDATE
        assert bench.adobe.calls == [("patch", ["/name"])]
        (intent,) = bench.adobe.announced
        assert (intent.action, intent.resource_id) == (Action.UPDATE, "known")
        assert (intent.fingerprint, intent.credential_version) == (DECLARED.fingerprint, VERSION)
        bench.assert_confirmed(Action.UPDATE, there)
        assert bench.entry is not None
        assert bench.entry.done is not None
        assert bench.entry.done.intent_id == intent.intent_id

    @pytest.mark.parametrize("after", [False, True], ids=["before the effect", "after it"])
    @pytest.mark.parametrize("error", [LOST, CHANGED], ids=lambda error: error.code)
    def test_after_what_may_have_happened_it_is_looked_again(
        self, bench: Bench, error: DeliveryError, after: bool
    ) -> None:
        bench.known(live(DECLARED, "known", name="By hand"))
        bench.adobe.fails = [(error, after)]

        there, _ = bench.ensure()

        assert len(bench.adobe.calls) == (1 if after else 2)
        bench.assert_confirmed(Action.UPDATE, there)

    def test_what_never_takes_its_changes_is_come_back_for(self, bench: Bench) -> None:
        bench.known(live(DECLARED, "known", name="By hand"))
        bench.adobe.fails = [(CHANGED, False)] * 99

        with pytest.raises(TransientError) as caught:
            bench.ensure()

        assert len(bench.adobe.calls) == PATCH_ATTEMPTS
        document = caught.value.document()
        assert (document.code, document.place) == ("apply.update-unconfirmed", "known")
        assert document.details == ["name"]
        assert bench.entry is not None
        assert bench.entry.intent is not None, "for the next attempt to look"

    def test_an_update_that_was_announced_is_made_again_where_it_was_not_made(self, bench: Bench) -> None:
        bench.known(live(DECLARED, "known", name="By hand"))
        bench.announce(Action.UPDATE)

        there, _ = bench.ensure()

        assert bench.adobe.calls == [("patch", ["/name"])]
        bench.assert_confirmed(Action.UPDATE, there)

    def test_what_somebody_changes_meanwhile_is_not_overwritten(self, bench: Bench) -> None:
        bench.known(live(DECLARED, "known", name="By hand"))
        planned = bench.plan()
        bench.adobe.meanwhile = {"name": "By another"}

        with pytest.raises(UserError) as caught:
            bench.ensure(planned)

        assert caught.value.code == "plan.stale"
        assert bench.adobe.calls == []
        assert bench.entry is not None
        assert bench.entry.intent is None, "nothing is left to be found out"

    def test_more_than_was_planned_is_refused_before_anything_is_announced(self, bench: Bench) -> None:
        bench.known(live(DECLARED, "known"))
        planned = bench.plan()
        bench.adobe.entities["known"] = live(DECLARED, "known", name="By hand")
        serial = bench.store.read_serial("prod/planes")

        with pytest.raises(UserError) as caught:
            bench.ensure(planned)

        assert caught.value.code == "plan.stale"
        assert bench.store.read_serial("prod/planes") == serial

    def test_an_update_that_adobe_refuses_leaves_no_announcement(self, bench: Bench) -> None:
        bench.known(live(DECLARED, "known", name="By hand"))
        bench.adobe.fails = [(REFUSED, False)]

        with pytest.raises(AdobeUserError):
            bench.ensure()

        assert bench.entry is not None
        assert bench.entry.intent is None

    def test_what_adobe_is_at_work_on_is_judged_when_it_is_done(self, bench: Bench) -> None:
        bench.known(live(DECLARED, "known"))
        planned = bench.plan()
        operation = {"percentCompleted": 50}
        bench.adobe.busy = live(DECLARED, "known", name="By hand", lastOperation=operation)

        assert bench.ensure(planned)[1] is PlannedAction.KEEP
        assert bench.adobe.calls == []

    def test_a_disabled_dataflow_is_enabled_after_the_rest_and_not_patched_for_it(
        self, store: Journal, lock: Lock, clock: FixedClock
    ) -> None:
        bench = Bench(store, lock, clock, FLOW)
        bench.known(live(FLOW, "known", state="disabled", name="By hand"), version=None)

        there, _ = bench.ensure(version=None)

        assert bench.adobe.calls == [("patch", ["/name"]), ("enable", "known")]
        bench.assert_confirmed(Action.UPDATE, there, version=None)


class TestCredentials:
    def test_another_version_is_sent_once(self, bench: Bench) -> None:
        bench.known(live(DECLARED, "known"))

        there, action = bench.ensure(version="v2")

        assert action is PlannedAction.UPDATE
        assert bench.adobe.calls == [("patch", ["/auth/params"])]
        assert bench.adobe.announced[0].credential_version == "v2"
        bench.assert_confirmed(Action.UPDATE, there, version="v2")

    def test_they_go_with_what_else_differs(self, bench: Bench) -> None:
        bench.known(live(DECLARED, "known", name="By hand"))

        bench.ensure(version="v2")

        assert bench.adobe.calls == [("patch", ["/name", "/auth/params"])]

    @pytest.mark.parametrize("after", [False, True], ids=["before the effect", "after it"])
    def test_since_nobody_sees_them_they_are_sent_again_where_the_answer_was_lost(
        self, bench: Bench, after: bool
    ) -> None:
        bench.known(live(DECLARED, "known"))
        bench.adobe.fails = [(LOST, after)]

        there, _ = bench.ensure(version="v2")

        assert bench.adobe.rotations == 1 + after
        bench.assert_confirmed(Action.UPDATE, there, version="v2")

    def test_a_rotation_that_was_not_planned_is_refused(self, bench: Bench) -> None:
        bench.known(live(DECLARED, "known", name="By hand"))
        planned = bench.plan()

        with pytest.raises(UserError) as caught:
            bench.ensure(planned, version="v2")
        assert caught.value.code == "plan.stale"


class TestOwnership:
    def test_what_carries_the_marker_is_taken_note_of_without_a_write(self, bench: Bench) -> None:
        bench.adobe.entities["known"] = live(DECLARED, "known")

        there, action = bench.ensure(version=None)

        assert action is PlannedAction.ADOPT
        assert bench.adobe.calls == []
        bench.assert_confirmed(Action.ADOPT, there, version=None)
        assert bench.entry is not None
        assert bench.entry.done is not None
        assert bench.entry.done.intent_id is None

    def test_its_credentials_are_taken_to_be_unknown(self, bench: Bench) -> None:
        bench.adobe.entities["known"] = live(DECLARED, "known")

        there, action = bench.ensure()

        assert action is PlannedAction.UPDATE
        assert bench.adobe.rotations == 1
        bench.assert_confirmed(Action.UPDATE, there)

    @pytest.mark.parametrize("description", ["Planes", "Made in the UI", None])
    def test_what_lacks_the_marker_is_marked_once(self, bench: Bench, description: str | None) -> None:
        bench.adobe.entities["known"] = live(DECLARED, "known", description=description)

        there, action = bench.ensure(version=None)

        assert action is PlannedAction.UPDATE
        assert bench.adobe.calls == [("patch", ["/description"])]
        assert there.body["description"] == DECLARED.body["description"]
        bench.assert_confirmed(Action.UPDATE, there, version=None)

    def test_a_marker_alone_is_worth_a_write(self, bench: Bench) -> None:
        plain = declaration().base_connection()
        bench.declared = bench.adobe.declared = plain
        bench.adobe.entities["known"] = live(plain, "known", description="Made in the UI")

        there, _ = bench.ensure(version=None)

        assert bench.adobe.calls == [("patch", ["/description"])]
        assert there.body["description"] == plain.marker.describe("Made in the UI")
        bench.assert_confirmed(Action.UPDATE, there, version=None)


class TestKeep:
    def test_nothing_is_written_anywhere(self, bench: Bench) -> None:
        bench.known(live(DECLARED, "known"))
        keeper = bench.later()
        serial = bench.store.read_serial("prod/planes")

        there, action = bench.ensure(keeper=keeper)

        assert (there.id, action) == ("known", PlannedAction.KEEP)
        assert bench.adobe.calls == []
        assert bench.store.read_serial("prod/planes") == serial

    def test_what_an_earlier_attempt_of_this_execution_did_is_told_as_planned(self, bench: Bench) -> None:
        planned = bench.plan()
        bench.ensure(planned)

        assert bench.ensure(planned)[1] is PlannedAction.CREATE
        assert bench.ensure(planned, keeper=bench.later())[1] is PlannedAction.KEEP


class TestReplaced:
    def test_what_was_replaced_and_is_gone_is_forgotten_and_what_is_there_is_kept(self, bench: Bench) -> None:
        for entity in ("gone", "old", "known"):
            bench.known(live(DECLARED, entity))
        del bench.adobe.entities["gone"]
        bench.adobe.replaced = {"old"}

        bench.ensure()

        assert bench.entry is not None
        assert bench.entry.superseded == ("old",)
        assert set(bench.adobe.entities) == {"old", "known"}

    def test_of_what_was_replaced_only_what_is_marked_is_deleted_and_all_is_forgotten(self, bench: Bench) -> None:
        for entity in ("gone", "old", "theirs", "known"):
            bench.known(live(DECLARED, entity))
        del bench.adobe.entities["gone"]
        bench.adobe.entities["theirs"] = live(DECLARED, "theirs", description="mine now")

        assert bench.keeper.remove_superseded() == ["gone", "old", "theirs"]

        assert bench.adobe.calls == [("delete", "old")]
        assert bench.entry is not None
        assert bench.entry.superseded == ()
        assert bench.keeper.remove_superseded() == []

    def test_where_nothing_is_known_nothing_is_removed(self, bench: Bench) -> None:
        assert bench.keeper.remove_superseded() == []
