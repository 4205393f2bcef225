from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta

import pytest

from aep_delivery.adobe.data_prep import MappingSet
from aep_delivery.adobe.errors import (
    AdobeProblem,
    AdobeUserError,
    EntityNotFoundError,
    EtagMismatchError,
    OutcomeUnknownError,
)
from aep_delivery.adobe.models import Dataflow
from aep_delivery.applying.activate import PATCH_ATTEMPTS, ActivationOutcome, Activator
from aep_delivery.applying.gateway import ResourceGateway
from aep_delivery.applying.mapping_sets import MappingSetKeeper
from aep_delivery.planning.activation import compare_activation
from aep_delivery.planning.columns import live_columns
from aep_delivery.planning.plan_activation import activated
from aep_delivery.planning.transformation import Transformation
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.state.records import Action, ActivationKind, Intent, ResourceKind
from tests.properties.test_activation_properties import sequentially
from tests.unit.planning.activations import (
    CURRENT_DESTINATION,
    GOLD,
    SILVER,
    audience_config,
    stored,
    wanted,
)

DELIVERY = "prod/crm"
PROBLEM = AdobeProblem(shape="D", http_status=412, code=None, message="no")
BOTH = ({"id": GOLD.id}, {"id": SILVER.id})
STALE = EtagMismatchError("stale", code="adobe.etag-mismatch", problem=PROBLEM)
LOST = OutcomeUnknownError("lost", problem=PROBLEM)
REFUSED = AdobeUserError("refused", code="adobe.refused", problem=PROBLEM)


class FakeFlowService:
    """One dataflow, which is patched as Adobe patches."""

    def __init__(self, body):
        self.body = {"etag": "1", **body}
        self.patches = []
        self.before = []
        self.after = []
        """Errors to raise before and after the patch is worked in, one each patch."""
        self.deaf = False

    def get_dataflow(self, _flow_id):
        return Dataflow.model_validate(copy.deepcopy(self.body))

    get_connection = get_source_connection = get_target_connection = get_dataflow
    patch_connection = patch_source_connection = patch_target_connection = None

    def patch_dataflow(self, flow_id, operations, etag):
        assert flow_id == self.body["id"]
        if self.before and (error := self.before.pop(0)):
            raise error
        if etag.strip('"') != self.body["etag"]:
            raise STALE
        self.patches.append([operation.body() for operation in operations])
        if not self.deaf:
            self.change(**sequentially(self.body, self.patches[-1]))
        if self.after and (error := self.after.pop(0)):
            raise error

    def change(self, **fields):
        self.body = {**self.body, **fields, "etag": str(int(self.body["etag"]) + 1)}

    @property
    def selectors(self):
        return self.body["transformations"][0]["params"]["segmentSelectors"]["selectors"]

    @property
    def audiences(self):
        return [selector["value"]["id"] for selector in self.selectors]


class FakeDataPrep:
    def __init__(self):
        self.sets = {}
        self.error = None

    def mapping_set(self, mapping_set_id, version):
        if mapping_set_id not in self.sets:
            raise EntityNotFoundError("gone", code="adobe.entity-not-found", problem=PROBLEM)
        return self.sets[mapping_set_id].model_copy(update={"version": version})

    def create_mapping_set(self, connection_spec_id, mappings, name):
        del connection_spec_id, name
        made = MappingSet(id=f"set-{len(self.sets) + 1}", version=3, mappings=list(mappings))
        self.sets[made.id] = made
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        return made


@pytest.fixture
def clock():
    return FixedClock(datetime(2027, 1, 1, tzinfo=UTC))


@pytest.fixture
def store(clock):
    return MemoryStateStore(clock)


@pytest.fixture
def lock(store):
    return store.acquire_lock(DELIVERY, "apply", timedelta(minutes=45))


@pytest.fixture
def data_prep():
    return FakeDataPrep()


class Stage:
    """A dataflow and the means to activate on it."""

    def __init__(self, store, lock, clock, data_prep, body):
        self.adobe = FakeFlowService(body)
        self.store, self.lock, self.clock, self.data_prep = store, lock, clock, data_prep

    def plan(self, activation):
        live = Transformation.of(self.adobe.body, first_generation=activation.first_generation)
        ours = activated(self.store.read_journal(DELIVERY), self.adobe.body["id"])
        return compare_activation(activation, live, ours=ours, columns=live_columns(live, self.data_prep)).planned

    def activate(self, activation, plan=None):
        first = activation.first_generation
        keeper = MappingSetKeeper(
            data_prep=self.data_prep, connection_spec_id="spec", name="crm", store=self.store, fence=self.lock
        )
        activator = Activator(
            gateway=ResourceGateway(ResourceKind.DATAFLOW, self.adobe, self.clock),
            mapping_sets=None if first else self.data_prep,
            keeper=None if first else keeper,
            store=self.store,
            fence=self.lock,
        )
        return activator.activate("flow-1", activation, plan or self.plan(activation))

    @property
    def entry(self):
        return self.store.read_journal(DELIVERY).get(ActivationKind.ACTIVATION)


@pytest.fixture
def stage(store, lock, clock, data_prep):
    def make(body=None):
        empty = {"segmentSelectors": {"selectors": []}, "profileSelectors": {"selectors": []}}
        return Stage(
            store,
            lock,
            clock,
            data_prep,
            body or {"id": "flow-1", "transformations": [{"name": "GeneralTransform", "params": empty}]},
        )

    return make


def current(*audiences, **changes):
    return audience_config(*audiences, destination=CURRENT_DESTINATION, **changes)


def empty_current():
    params = {"mandatoryFields": [], "primaryFields": [], "profileMapping": {}, "segmentSelectors": {"selectors": []}}
    return {"id": "flow-1", "transformations": [{"name": "GeneralTransform", "params": params}]}


def test_what_is_wanted_is_there_and_recorded_as_ours(stage):
    here = stage()

    outcome = here.activate(wanted(audience_config(*BOTH), GOLD, SILVER))

    assert outcome == ActivationOutcome(added=2, attributes=2)
    assert here.adobe.audiences == [GOLD.id, SILVER.id]
    assert here.entry.done.audience_ids == tuple(sorted((GOLD.id, SILVER.id)))
    assert here.entry.intent is None


def test_t53_nothing_is_patched_or_written_where_nothing_differs(stage, store):
    here, activation = stage(), wanted(audience_config())
    here.activate(activation)
    serial = store.read_serial(DELIVERY)

    assert here.activate(activation) == ActivationOutcome()
    assert len(here.adobe.patches) == 1
    assert store.read_serial(DELIVERY) == serial


def test_what_was_there_already_is_ours_from_then_on(stage):
    activation = wanted(audience_config())
    here = stage(stored(activation))

    here.activate(activation)

    assert here.adobe.patches == []
    assert here.entry.done.audience_ids == (GOLD.id,)


def test_what_the_config_drops_is_removed_where_it_is_ours(stage):
    here = stage()
    here.activate(wanted(audience_config(*BOTH), GOLD, SILVER))
    here.adobe.selectors.append({"type": "PLATFORM_SEGMENT", "value": {"id": "theirs"}})

    outcome = here.activate(wanted(audience_config()))

    assert outcome.removed == 1
    assert here.adobe.audiences == [GOLD.id, "theirs"]
    assert here.entry.done.audience_ids == (GOLD.id,)


def test_ours_on_another_dataflow_is_not_ours_here(stage):
    here = stage()
    here.activate(wanted(audience_config(*BOTH), GOLD, SILVER))

    assert activated(here.store.read_journal(DELIVERY), "flow-2") == frozenset()


def test_a_tag_that_changed_by_itself_is_read_again(stage):
    here = stage()
    here.adobe.before = [STALE, STALE]

    here.activate(wanted(audience_config()))

    assert here.adobe.audiences == [GOLD.id]


def test_a_lost_answer_is_looked_for_and_nothing_is_added_twice(stage):
    here = stage()
    here.adobe.after = [LOST]

    here.activate(wanted(audience_config()))

    assert here.adobe.audiences == [GOLD.id]
    assert len(here.adobe.patches) == 1


def test_somebody_elses_change_meanwhile_is_kept(stage):
    here = stage()
    theirs = {"type": "PLATFORM_SEGMENT", "value": {"id": "theirs"}}

    class Meddling(FakeFlowService):
        def patch_dataflow(self, flow_id, operations, etag):
            if not self.patches and "theirs" not in self.audiences:
                self.selectors.insert(0, theirs)
                self.change()
            super().patch_dataflow(flow_id, operations, etag)

    here.adobe = Meddling(here.adobe.body)
    here.activate(wanted(audience_config()))

    assert here.adobe.audiences == ["theirs", GOLD.id]


def test_what_the_plan_did_not_show_is_refused(stage):
    activation = wanted(audience_config())
    here = stage(stored(activation))
    plan = here.plan(activation)
    here.adobe.selectors[0]["value"]["schedule"] = {
        **here.adobe.selectors[0]["value"]["schedule"],
        "startTime": "04:00",
    }

    with pytest.raises(UserError) as caught:
        here.activate(activation, plan)

    assert caught.value.code == "plan.stale"
    assert caught.value.details == [f"{GOLD.name}: schedule.startTime: '04:00' -> '17:00'"]
    assert here.adobe.patches == []
    assert here.entry is None


def test_less_than_planned_is_fine(stage):
    here, both = stage(), wanted(audience_config(*BOTH), GOLD, SILVER)
    plan = here.plan(both)
    here.adobe.selectors.append(both.audiences[0].selector)

    assert here.activate(both, plan).added == 1


def test_a_refused_change_leaves_nothing_behind(stage):
    here = stage()
    here.adobe.before = [REFUSED]

    with pytest.raises(UserError, match="refused"):
        here.activate(wanted(audience_config()))

    assert here.entry is None


def test_what_was_announced_before_a_crash_is_ours(stage, store, lock):
    both = wanted(audience_config(*BOTH), GOLD, SILVER)
    here = stage(stored(both))
    crashed = Intent(
        intent_id="i",
        action=Action.UPDATE,
        fingerprint="f",
        resource_id="flow-1",
        audience_ids=(SILVER.id,),
    )
    store.write_intent(lock, ActivationKind.ACTIVATION, crashed)

    here.activate(wanted(audience_config()))

    assert here.adobe.audiences == [GOLD.id]


def test_a_dataflow_that_never_shows_it_is_told(stage):
    here = stage()
    here.adobe.deaf = True

    with pytest.raises(TransientError) as caught:
        here.activate(wanted(audience_config()))

    assert caught.value.code == "activation.unconfirmed"
    assert caught.value.details[0] == f"add audience {GOLD.name}"
    assert len(here.adobe.patches) == PATCH_ATTEMPTS


def test_t17_tags_that_never_fit_end_in_an_error(stage):
    here = stage()
    here.adobe.before = [STALE] * PATCH_ATTEMPTS

    with pytest.raises(TransientError) as caught:
        here.activate(wanted(audience_config()))

    assert caught.value.code == "activation.unconfirmed"


def test_the_columns_of_the_current_generation_are_a_mapping_set(stage, data_prep):
    here, activation = stage(empty_current()), wanted(current())

    here.activate(activation)

    (made,) = data_prep.sets.values()
    assert [(one.source, one.column) for one in made.mappings] == [
        ("person.name.lastName", "person_name_lastName"),
        ("personalEmail.address", "personalEmail_address"),
    ]
    params = here.adobe.body["transformations"][0]["params"]
    assert params["profileMapping"] == {"mappingId": made.id, "mappingVersion": 3}
    assert here.activate(activation) == ActivationOutcome()
    assert len(data_prep.sets) == 1


def test_other_columns_are_another_mapping_set(stage, data_prep):
    here = stage(empty_current())
    here.activate(wanted(current()))

    outcome = here.activate(wanted(current(attributes=[{"source": "birthYear"}])))

    assert outcome == ActivationOutcome(attributes=3)
    assert here.adobe.body["transformations"][0]["params"]["profileMapping"]["mappingId"] == "set-2"
    assert [one.source for one in data_prep.sets["set-2"].mappings] == ["birthYear"]


def test_a_mapping_set_whose_dataflow_was_not_patched_is_used_again(stage, data_prep):
    here = stage(empty_current())
    here.adobe.before = [REFUSED]
    with pytest.raises(UserError):
        here.activate(wanted(current()))

    here.activate(wanted(current()))

    assert len(data_prep.sets) == 1


def test_a_mapping_set_whose_answer_was_lost_is_made_again(stage, data_prep):
    here = stage(empty_current())
    data_prep.error = LOST
    with pytest.raises(OutcomeUnknownError):
        here.activate(wanted(current()))

    here.activate(wanted(current()))

    assert here.adobe.body["transformations"][0]["params"]["profileMapping"]["mappingId"] == "set-2"


def test_a_mapping_set_that_is_gone_is_made_again(stage, data_prep):
    here = stage(empty_current())
    here.activate(wanted(current()))
    data_prep.sets.clear()
    data_prep.sets["another"] = MappingSet(id="another", version=1, mappings=[])

    here.activate(wanted(current()))

    assert here.adobe.body["transformations"][0]["params"]["profileMapping"]["mappingId"] == "set-2"


def test_attributes_that_adobe_refuses_leave_nothing_behind(stage, data_prep, store):
    here = stage(empty_current())
    data_prep.error = REFUSED

    with pytest.raises(UserError):
        here.activate(wanted(current()))

    assert store.read_journal(DELIVERY) == {}
