from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aep_delivery.adobe.errors import AdobeProblem, AdobeTransientError, AdobeUserError, EntityNotFoundError
from aep_delivery.adobe.models import Connection, Dataflow, SourceConnection, TargetConnection
from aep_delivery.applying.remove import POLLS, Remover
from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.state.lock import LockLostError
from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.state.records import Action, Done, Intent, Outcome, ResourceKind, RunKind

DELIVERY = "prod/planes"
TTL = timedelta(minutes=45)
PROBLEM = AdobeProblem(shape="H", http_status=404, code=None, message="gone")
IDS = {kind: f"{kind}-1" for kind in ResourceKind}


def marked(kind):
    return OwnerMarker(owner="stack", delivery_id=DELIVERY, kind=kind).describe("Planes")


class FakeFlowService:
    """A sandbox in a dictionary, which writes down what it is asked to change."""

    def __init__(self):
        self.calls = []
        self.entities = {
            IDS[ResourceKind.BASE_CONNECTION]: Connection(
                id=IDS[ResourceKind.BASE_CONNECTION], etag="1", description=marked(ResourceKind.BASE_CONNECTION)
            ),
            IDS[ResourceKind.PROFILE_STORE_CONNECTION]: Connection(
                id=IDS[ResourceKind.PROFILE_STORE_CONNECTION],
                etag="1",
                description=marked(ResourceKind.PROFILE_STORE_CONNECTION),
            ),
            IDS[ResourceKind.SOURCE_CONNECTION]: SourceConnection(
                id=IDS[ResourceKind.SOURCE_CONNECTION], etag="1", description=marked(ResourceKind.SOURCE_CONNECTION)
            ),
            IDS[ResourceKind.TARGET_CONNECTION]: TargetConnection(
                id=IDS[ResourceKind.TARGET_CONNECTION], etag="1", description=marked(ResourceKind.TARGET_CONNECTION)
            ),
            IDS[ResourceKind.DATAFLOW]: Dataflow(
                id=IDS[ResourceKind.DATAFLOW], etag="1", state="enabled", description=marked(ResourceKind.DATAFLOW)
            ),
        }
        self.disables = True
        self.deletes = True
        self.refusal = None
        self.delete_refusals = []
        self.listings = 0

    def find_connections(self):
        return self._of(Connection)

    def find_source_connections(self):
        return self._of(SourceConnection)

    def find_target_connections(self):
        return self._of(TargetConnection)

    def find_dataflows(self):
        self.listings += 1
        return self._of(Dataflow)

    def _of(self, model):
        return [entity for entity in self.entities.values() if type(entity) is model]

    def get(self, entity_id):
        if entity_id not in self.entities:
            raise EntityNotFoundError("gone", code="adobe.entity-not-found", problem=PROBLEM)
        return self.entities[entity_id]

    get_connection = get_source_connection = get_target_connection = get_dataflow = get

    def delete(self, entity_id):
        self.calls.append(f"delete {entity_id}")
        if self.delete_refusals:
            raise self.delete_refusals.pop(0)
        if self.deletes:
            self.entities.pop(entity_id, None)

    delete_connection = delete_source_connection = delete_target_connection = delete_dataflow = delete

    def set_dataflow_state(self, flow_id, enable):
        self.calls.append(f"enable={enable} {flow_id}")
        if self.refusal is not None:
            raise self.refusal
        if self.disables:
            self.change(flow_id, state="disabled")

    def change(self, entity_id, **changes):
        self.entities[entity_id] = self.entities[entity_id].model_copy(update=changes)


@pytest.fixture
def clock():
    return FixedClock(datetime(2027, 1, 1, tzinfo=UTC))


@pytest.fixture
def store(clock):
    return MemoryStateStore(clock)


@pytest.fixture
def lock(store):
    lock = store.acquire_lock(DELIVERY, "removal", TTL)
    for kind, entity in IDS.items():
        store.write_done(lock, kind, Done(action=Action.CREATE, resource_id=entity, fingerprint="f"))
    return lock


@pytest.fixture
def adobe():
    return FakeFlowService()


@pytest.fixture
def remover(adobe, store, lock, clock):
    return Remover(flow_service=adobe, store=store, fence=lock, owner="stack", clock=clock)


def test_check_names_users_first_and_changes_nothing(remover, adobe, store):
    journal = store.read_journal(DELIVERY)
    checked = remover.check()
    assert adobe.listings == 1
    assert [owned.id for owned in checked] == [
        "dataflow-1",
        "target-connection-1",
        "source-connection-1",
        "profile-store-connection-1",
        "base-connection-1",
    ]
    assert adobe.calls == []
    assert store.read_journal(DELIVERY) == journal


def test_a_base_connection_that_is_not_in_the_journal_is_never_touched(remover, adobe, store, lock):
    base = IDS[ResourceKind.BASE_CONNECTION]
    adobe.change(base, description="there before us")
    store.forget(lock, ResourceKind.BASE_CONNECTION)
    assert base not in [owned.id for owned in remover.check()]
    _all(remover)
    assert set(adobe.entities) == {base}


def test_a_change_that_was_under_way_does_not_matter(remover, adobe, store, lock):
    update = Intent(intent_id="u", action=Action.UPDATE, fingerprint="f", resource_id=IDS[ResourceKind.DATAFLOW])
    store.write_intent(lock, ResourceKind.DATAFLOW, update)
    assert len(remover.check()) == 5
    assert adobe.listings == 2, "looked at again, since the journal says something else now"
    assert store.read_journal(DELIVERY)[ResourceKind.DATAFLOW].intent is None


def test_an_unfinished_creation_is_waited_for(remover, store, lock, clock):
    store.forget(lock, ResourceKind.DATAFLOW)
    store.write_intent(lock, ResourceKind.DATAFLOW, Intent(intent_id="c", action=Action.CREATE, fingerprint="f"))
    remover._flow_service.entities.pop(IDS[ResourceKind.DATAFLOW])
    with pytest.raises(TransientError) as caught:
        remover.check()
    assert caught.value.code == "adobe.outcome-unknown"
    assert ResourceKind.DATAFLOW in caught.value.message
    clock.sleep(caught.value.retry_after_seconds)
    assert len(remover.check()) == 4


def test_nothing_is_disabled_after_the_lock_was_lost(remover, adobe, store):
    store.release_lock(DELIVERY, "removal")
    with pytest.raises(LockLostError):
        remover.disable_dataflow()
    assert adobe.calls == []


def test_nothing_is_deleted_after_the_lock_was_lost(remover, adobe, store):
    store.release_lock(DELIVERY, "removal")
    for remove in (remover.remove_dataflow, remover.remove_connections):
        with pytest.raises(LockLostError):
            remove()
    assert adobe.calls == []


def _all(remover):
    remover.disable_dataflow()
    remover.remove_dataflow()
    remover.remove_connections()


@pytest.mark.parametrize("kind", ResourceKind)
def test_a_marker_that_went_after_the_check_still_counts(remover, adobe, kind):
    remover.check()
    adobe.change(IDS[kind], description="mine now")
    with pytest.raises(UserError) as caught:
        _all(remover)
    assert (caught.value.code, caught.value.place) == ("ownership.marker-removed", IDS[kind])
    assert f"delete {IDS[kind]}" not in adobe.calls


def test_a_dataflow_that_stays_enabled_is_come_back_for(remover, adobe, clock):
    adobe.disables = False
    with pytest.raises(TransientError) as caught:
        remover.disable_dataflow()
    document = caught.value.document()
    assert (document.code, document.place) == ("remove.not-disabled-yet", IDS[ResourceKind.DATAFLOW])
    assert document.message
    assert len(clock.slept) == POLLS


@pytest.mark.parametrize(
    "refusal",
    [
        EntityNotFoundError("gone", code="adobe.entity-not-found", problem=PROBLEM),
        AdobeTransientError("being deleted", code="adobe.being-deleted", problem=PROBLEM),
    ],
    ids=lambda refusal: refusal.code,
)
def test_a_dataflow_that_is_going_need_not_be_disabled(remover, adobe, refusal):
    adobe.refusal = refusal
    remover.disable_dataflow()
    assert len(adobe.calls) == 1


def test_a_dataflow_at_work_is_come_back_for(remover, adobe):
    adobe.refusal = AdobeTransientError("updating", code="adobe.update-in-progress", problem=PROBLEM)
    with pytest.raises(AdobeTransientError):
        remover.disable_dataflow()


def test_t79_what_does_not_go_is_come_back_for_and_stays_in_the_journal(remover, adobe, store, clock):
    adobe.deletes = False
    with pytest.raises(TransientError) as caught:
        remover.remove_dataflow()
    document = caught.value.document()
    assert (document.code, document.place) == ("remove.not-gone-yet", IDS[ResourceKind.DATAFLOW])
    assert document.message
    assert len(clock.slept) == POLLS
    entry = store.read_journal(DELIVERY)[ResourceKind.DATAFLOW]
    assert entry.done.resource_id == IDS[ResourceKind.DATAFLOW]
    assert (entry.intent.action, entry.intent.resource_id) == (Action.DELETE, IDS[ResourceKind.DATAFLOW])
    adobe.deletes = True
    remover.remove_dataflow()
    assert ResourceKind.DATAFLOW not in store.read_journal(DELIVERY)


def test_the_delivery_is_forgotten_with_the_last_connection(remover, store, lock):
    store.write_done(lock, RunKind.AD_HOC_RUN, Done(action=Action.CREATE, resource_id="f", fingerprint="f"))
    remover.remove_dataflow()
    assert len(store.read_journal(DELIVERY)) == 5
    remover.remove_connections()
    assert store.read_journal(DELIVERY) == {}


def test_what_was_announced_and_shows_is_the_deliverys_and_goes_with_it(remover, adobe, store, lock):
    store.forget(lock, ResourceKind.DATAFLOW)
    announced = Intent(intent_id="c", action=Action.CREATE, fingerprint="new", credential_version="v7")
    store.write_intent(lock, ResourceKind.DATAFLOW, announced)
    assert len(remover.check()) == 5
    assert adobe.listings == 2, "looked at again, since the journal says something else now"
    done = store.read_journal(DELIVERY)[ResourceKind.DATAFLOW].done
    assert (done.intent_id, done.action, done.resource_id) == ("c", Action.CREATE, IDS[ResourceKind.DATAFLOW])
    assert (done.etag, done.fingerprint, done.credential_version) == ('"1"', "new", "v7")


def test_a_deletion_that_was_announced_is_left_for_the_deletion(remover, adobe, store, lock):
    flow = IDS[ResourceKind.DATAFLOW]
    intent = Intent(intent_id=f"delete-{flow}", action=Action.DELETE, fingerprint="", resource_id=flow)
    store.write_intent(lock, ResourceKind.DATAFLOW, intent)
    assert len(remover.check()) == 5
    assert adobe.listings == 1
    assert store.read_journal(DELIVERY)[ResourceKind.DATAFLOW].intent is not None
    remover.remove_dataflow()
    assert flow not in adobe.entities


class TestUnknown:
    @pytest.fixture
    def lock(self, store):
        return store.acquire_lock(DELIVERY, "removal", TTL)

    @pytest.fixture
    def adobe(self):
        adobe = FakeFlowService()
        adobe.entities.clear()
        return adobe

    def test_a_delivery_that_nobody_knows_is_probably_misspelt(self, remover):
        with pytest.raises(UserError) as caught:
            remover.check()
        document = caught.value.document()
        assert (document.code, document.place) == ("remove.unknown-delivery", DELIVERY)
        assert DELIVERY in document.message
        assert document.hint

    def test_one_of_which_only_the_journal_is_left_is_known(self, remover, store, lock):
        store.write_done(lock, ResourceKind.DATAFLOW, Done(action=Action.CREATE, resource_id="f", fingerprint="f"))
        store.forget(lock, ResourceKind.DATAFLOW)
        assert remover.check() == []

    def test_one_that_came_to_an_end_is_known(self, remover, store, clock):
        store.record_outcome(DELIVERY, Outcome(execution="e", verdict="VERIFIED", finished_at=clock.now()))
        assert remover.check() == []


class TestReplaced:
    """Two dataflows: one that was replaced, and the one that is."""

    OLD, NOW = "dataflow-0", IDS[ResourceKind.DATAFLOW]

    @pytest.fixture
    def lock(self, store):
        lock = store.acquire_lock(DELIVERY, "removal", TTL)
        for flow in (self.OLD, self.NOW):
            store.write_done(lock, ResourceKind.DATAFLOW, Done(action=Action.CREATE, resource_id=flow, fingerprint="f"))
        return lock

    @pytest.fixture
    def adobe(self):
        adobe = FakeFlowService()
        kept = adobe.entities[self.NOW]
        adobe.entities = {self.OLD: kept.model_copy(update={"id": self.OLD}), self.NOW: kept}
        return adobe

    def test_both_are_disabled(self, remover, adobe):
        remover.disable_dataflow()
        assert adobe.calls == [f"enable=False {self.OLD}", f"enable=False {self.NOW}"]

    def test_one_that_is_disabled_is_not_disabled_again(self, remover, adobe):
        adobe.change(self.OLD, state="disabled")
        remover.disable_dataflow()
        assert adobe.calls == [f"enable=False {self.NOW}"]

    def test_one_that_is_gone_does_not_keep_the_other_enabled(self, remover, adobe, clock):
        del adobe.entities[self.OLD]
        remover.disable_dataflow()
        assert adobe.calls == [f"enable=False {self.NOW}"]
        assert len(clock.slept) == 1, "asked for twice"

    @pytest.mark.parametrize(
        "refusal",
        [
            EntityNotFoundError("gone", code="adobe.entity-not-found", problem=PROBLEM),
            AdobeTransientError("being deleted", code="adobe.being-deleted", problem=PROBLEM),
        ],
        ids=lambda refusal: refusal.code,
    )
    def test_one_that_is_going_does_not_keep_the_other_enabled(self, remover, adobe, refusal):
        adobe.refusal = refusal
        remover.disable_dataflow()
        assert adobe.calls == [f"enable=False {self.OLD}", f"enable=False {self.NOW}"]

    def test_both_go_the_replaced_one_first_and_each_is_announced(self, remover, adobe, store):
        announced = []
        delete = adobe.delete_dataflow

        def seen(flow_id):
            announced.append(store.read_journal(DELIVERY)[ResourceKind.DATAFLOW].intent.resource_id)
            delete(flow_id)

        adobe.delete_dataflow = seen
        remover.remove_dataflow()
        assert announced == [self.OLD, self.NOW]
        assert adobe.calls == [f"delete {self.OLD}", f"delete {self.NOW}"]
        assert store.read_journal(DELIVERY) == {}

    def test_what_is_gone_is_forgotten_with_the_rest(self, remover, adobe, store):
        adobe.entities.clear()
        remover.remove_dataflow()
        assert adobe.calls == []
        assert store.read_journal(DELIVERY) == {}


IN_USE = AdobeUserError("in use", code="adobe.connection-in-use", problem=PROBLEM)


class TestInUse:
    TARGET = IDS[ResourceKind.TARGET_CONNECTION]

    @pytest.fixture(autouse=True)
    def _without_dataflow(self, remover):
        remover.remove_dataflow()

    def test_what_adobe_still_counts_is_asked_for_again(self, remover, adobe, clock, store):
        adobe.delete_refusals = [IN_USE, IN_USE]
        remover.remove_connections()
        assert adobe.calls.count(f"delete {self.TARGET}") == 3
        assert store.read_journal(DELIVERY) == {}
        assert all(seconds > 0 for seconds in clock.slept)

    def test_what_adobe_counts_for_ever_is_come_back_for(self, remover, adobe, clock):
        adobe.delete_refusals = [IN_USE] * 99
        with pytest.raises(TransientError) as caught:
            remover.remove_connections()
        document = caught.value.document()
        assert (document.code, document.place) == ("remove.in-use-still", self.TARGET)
        assert ResourceKind.TARGET_CONNECTION in document.message
        assert adobe.calls.count(f"delete {self.TARGET}") == POLLS
        assert self.TARGET in adobe.entities

    def test_what_others_use_since_the_check_is_left_to_them(self, remover, adobe):
        adobe.delete_refusals = [IN_USE]
        theirs = Dataflow(id="theirs", description="theirs", target_connection_ids=[self.TARGET])
        adobe.entities["theirs"] = theirs
        with pytest.raises(UserError) as caught:
            remover.remove_connections()
        document = caught.value.document()
        assert (document.code, document.place) == ("remove.in-use", self.TARGET)
        assert document.details == ["dataflow theirs"]
        assert f"{ResourceKind.TARGET_CONNECTION} {self.TARGET}" in document.message

    def test_any_other_refusal_is_told_as_it_is(self, remover, adobe):
        adobe.delete_refusals = [AdobeUserError("no", code="adobe.permission-missing", problem=PROBLEM)]
        with pytest.raises(UserError) as caught:
            remover.remove_connections()
        assert caught.value.code == "adobe.permission-missing"
        assert adobe.calls.count(f"delete {self.TARGET}") == 1
