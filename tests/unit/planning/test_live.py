from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from aep_delivery.adobe.errors import AdobeProblem, EntityNotFoundError
from aep_delivery.adobe.etag import normalise_etag
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.models import Connection, Dataflow, SourceConnection, TargetConnection
from aep_delivery.planning.declared import Declaration, DeclaredResource
from aep_delivery.planning.live import LiveResource, LiveResources, find_live
from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.runtime.errors import InternalError, UserError
from aep_delivery.state.records import Action, DoneRecord, IntentRecord, JournalEntry, ResourceKind
from tests.unit.planning.activations import CURRENT_DESTINATION, audience_config
from tests.unit.planning.declarations import AIRPORTS, PLANES, declaration, live

DECLARATION = declaration(PLANES)
DECLARED = DECLARATION.source_connection()
MARKER = DECLARATION.marker(ResourceKind.SOURCE_CONNECTION)
OTHER_DATASETS = declaration(AIRPORTS).source_connection()
WRITTEN = {"written_at": datetime(2027, 1, 1, tzinfo=UTC), "fencing_token": 1, "fingerprint": "f"}


class FakeSources:
    """Source connections as Flow Service lists and reads them."""

    def __init__(self, *sources: LiveResource, unlisted: tuple[LiveResource, ...] = ()) -> None:
        self._listed = sources
        self._all = (*sources, *unlisted)

    def find_source_connections(self, *, connection_spec_id: str) -> list[SourceConnection]:
        assert connection_spec_id == DECLARED.body["connectionSpec"]["id"]
        return [_entity(source) for source in self._listed]

    get_connection = get_target_connection = get_dataflow = None

    def get_source_connection(self, source_id: str) -> SourceConnection:
        for source in self._all:
            if source.id == source_id:
                return _entity(source)
        problem = AdobeProblem(shape="H", http_status=404, code=None, message="gone")
        raise EntityNotFoundError("gone", code="adobe.entity-not-found", problem=problem)


def _entity(source: LiveResource) -> SourceConnection:
    return SourceConnection.model_validate({**source.body, "etag": source.etag})


def find(entry: JournalEntry | None, *sources: LiveResource, **kwargs: Any) -> LiveResources:
    return find_live(cast("FlowService", FakeSources(*sources, **kwargs)), DECLARED, MARKER, entry)


def entry(done: str | None = None, *superseded: str, creating: bool = False) -> JournalEntry:
    return JournalEntry(
        key=ResourceKind.SOURCE_CONNECTION,
        done=DoneRecord(action=Action.CREATE, resource_id=done, **WRITTEN) if done else None,
        intent=IntentRecord(intent_id="i", action=Action.CREATE, **WRITTEN) if creating else None,
        superseded=superseded,
    )


A, B = live(DECLARED, "a"), live(DECLARED, "b")
OLD, OLDER = live(OTHER_DATASETS, "old"), live(OTHER_DATASETS, "older")
UNMARKED = live(DECLARED, "a", description="by hand")


@pytest.mark.parametrize(
    ("known", "there", "current", "superseded"),
    [
        pytest.param(None, [], None, [], id="nothing"),
        pytest.param(None, [UNMARKED], None, [], id="a-strangers"),
        pytest.param(None, [A], "a", [], id="journal-lost"),
        pytest.param(None, [OLD], None, ["old"], id="journal-lost-and-other-datasets"),
        pytest.param(entry("a"), [A], "a", [], id="known"),
        pytest.param(entry("gone"), [], None, [], id="deleted"),
        pytest.param(entry("old"), [OLD], None, ["old"], id="datasets-changed"),
        pytest.param(entry("a", "old"), [A, OLD], "a", ["old"], id="replaced"),
        pytest.param(entry("a", "older", "old"), [OLDER, A, OLD], "a", ["old", "older"], id="replaced-twice"),
        pytest.param(entry("old", creating=True), [A, OLD], "a", ["old"], id="replaced-and-answer-lost"),
        pytest.param(entry("a", creating=True), [A, OLD], "a", ["old"], id="replaced-answer-lost-and-back-again"),
        pytest.param(entry(creating=True), [A], "a", [], id="created-and-answer-lost"),
    ],
)
def test_what_a_delivery_owns(
    known: JournalEntry | None, there: list[LiveResource], current: str | None, superseded: list[str]
) -> None:
    found = find(known, *there)

    assert (found.current.id if found.current else None) == current
    assert [old.id for old in found.superseded] == superseded


@pytest.mark.parametrize(
    ("known", "there"),
    [
        pytest.param(None, [A, B], id="two-alike"),
        pytest.param(entry("a"), [A, B], id="known-and-a-copy"),
        pytest.param(entry("a"), [A, OLD], id="known-and-an-unknown-other"),
        pytest.param(entry("old"), [A, OLD], id="replaced-by-nobody-knows-whom"),
        pytest.param(None, [A, OLD], id="journal-lost-and-two"),
        pytest.param(entry(creating=True), [OLD, OLDER], id="one-announced-two-found"),
    ],
)
def test_more_than_the_journal_accounts_for_is_ambiguous(known: JournalEntry | None, there: list[LiveResource]) -> None:
    with pytest.raises(InternalError) as caught:
        find(known, *there)

    assert caught.value.code == "ownership.ambiguous"
    assert ResourceKind.SOURCE_CONNECTION in caught.value.message
    assert caught.value.details == sorted(source.id for source in there)


def test_known_one_that_the_list_misses_is_read_by_its_id() -> None:
    found = find(entry("a"), unlisted=(A,)).current

    assert found is not None
    assert found.id == "a"


def test_known_one_without_marker_is_an_error() -> None:
    with pytest.raises(UserError) as caught:
        find(entry("a"), UNMARKED)

    assert (caught.value.code, caught.value.place) == ("ownership.marker-removed", "a")
    assert MARKER.text in str(caught.value.hint)
    assert "a" in caught.value.document().message.split()


@pytest.mark.parametrize("state", ["delete-finalizing", "deleting", "deleted"])
def test_what_is_being_deleted_is_not_there(state: str) -> None:
    going = live(DECLARED, "a", state=state)

    assert find(entry("a"), going) == LiveResources(current=None)
    beside_another = find(entry("a"), going, B).current
    assert beside_another is not None
    assert beside_another.id == "b"


def test_unknown_are_those_the_journal_never_heard_of() -> None:
    found = LiveResources(current=A, superseded=(OLD, OLDER))

    assert found.unknown_to(None) == [A, OLD, OLDER]
    assert found.unknown_to(entry("a", "old")) == [OLDER]


def test_what_bears_the_name_without_the_marker_is_a_lookalike_and_not_ours() -> None:
    renamed = live(DECLARED, "c", description="by hand", name="something else")

    found = find(entry("b"), UNMARKED, B, renamed)

    assert found.current is not None
    assert found.current.id == "b"
    assert [other.id for other in found.lookalikes] == ["a"]
    assert found.superseded == ()


class FakeKinds:
    """Entities of one kind, and no call for those of another."""

    get_connection = get_source_connection = get_target_connection = get_dataflow = None

    def __init__(self, kind: ResourceKind, *there: dict[str, Any]) -> None:
        model, calls, self.filter = KINDS[kind]
        self.entities = [model.model_validate(one) for one in there]
        self.asked: list[dict[str, Any]] = []
        setattr(self, f"find_{calls}s", self._list)
        setattr(self, f"get_{calls}", self._get)

    def _list(self, **asked: Any) -> list[Any]:
        self.asked.append(asked)
        return self.entities

    def _get(self, entity_id: str) -> Any:
        for one in self.entities:
            if one.id == entity_id:
                return one
        problem = AdobeProblem(shape="H", http_status=404, code=None, message="gone")
        raise EntityNotFoundError("gone", code="adobe.entity-not-found", problem=problem)


KINDS: dict[ResourceKind, tuple[type[Any], str, str]] = {
    ResourceKind.BASE_CONNECTION: (Connection, "connection", "connection_spec_id"),
    ResourceKind.PROFILE_STORE_CONNECTION: (Connection, "connection", "connection_spec_id"),
    ResourceKind.SOURCE_CONNECTION: (SourceConnection, "source_connection", "connection_spec_id"),
    ResourceKind.TARGET_CONNECTION: (TargetConnection, "target_connection", "connection_spec_id"),
    ResourceKind.DATAFLOW: (Dataflow, "dataflow", "flow_spec_id"),
}
FIRST_GENERATION = Declaration(audience_config(), owner="the-stack")
OF_EACH_KIND = [
    DECLARATION.base_connection(),
    FIRST_GENERATION.profile_store_connection(),
    DECLARATION.source_connection(),
    FIRST_GENERATION.source_connection("store"),
    DECLARATION.target_connection("base"),
    DECLARATION.dataflow("source", "target"),
    Declaration(audience_config(destination=CURRENT_DESTINATION), owner="the-stack").source_connection(),
]
IDS = [f"{declared.kind}-{number}" for number, declared in enumerate(OF_EACH_KIND)]


def find_kind(declared: DeclaredResource, *there: dict[str, Any], entry: JournalEntry | None = None) -> LiveResources:
    fake = FakeKinds(declared.kind, *there)
    try:
        return find_live(cast("FlowService", fake), declared, declared.marker, entry)
    finally:
        spec = declared.body["flowSpec" if declared.kind is ResourceKind.DATAFLOW else "connectionSpec"]["id"]
        assert fake.asked == [{fake.filter: spec}]


def ids(found: LiveResources) -> tuple[str | None, list[str]]:
    return found.current.id if found.current else None, [old.id for old in found.superseded]


@pytest.mark.parametrize("declared", OF_EACH_KIND, ids=IDS)
def test_each_kind_is_found_in_its_own_list_and_shown_as_adobe_has_it(declared: DeclaredResource) -> None:
    there = live(declared, "a", theirs={"unknown": [1]}).body

    found = find_kind(declared, {**there, "etag": '"1"'}).current

    assert found is not None
    assert {name: found.body[name] for name in there} == there
    assert found.body.keys() - there.keys() <= {"etag"}
    assert found.etag == normalise_etag('"1"')


@pytest.mark.parametrize("declared", OF_EACH_KIND, ids=IDS)
def test_without_an_etag_it_is_found_all_the_same(declared: DeclaredResource) -> None:
    found = find_kind(declared, live(declared, "a").body).current

    assert found is not None
    assert found.etag == ""


@pytest.mark.parametrize(
    ("declared", "changes", "fits"),
    [
        pytest.param(OF_EACH_KIND[0], {"name": "another", "theirs": 1}, True, id="a name"),
        pytest.param(OF_EACH_KIND[0], {"connectionSpec": {"id": "x"}}, False, id="a base connection's destination"),
        pytest.param(OF_EACH_KIND[0], {"baseConnectionId": "x"}, True, id="what a base connection has no use for"),
        pytest.param(OF_EACH_KIND[0], {"auth": {"specName": "Access Key"}}, True, id="the same authentication"),
        pytest.param(OF_EACH_KIND[0], {"auth": {"specName": "Assumed Role"}}, False, id="another authentication"),
        pytest.param(OF_EACH_KIND[0], {"auth": {}}, True, id="an authentication that is not shown"),
        pytest.param(OF_EACH_KIND[0], {"auth": "hidden"}, True, id="an authentication that is no object"),
        pytest.param(OF_EACH_KIND[2], {"params": {"datasets": []}}, False, id="a source's datasets"),
        pytest.param(OF_EACH_KIND[2], {"params": None}, False, id="a source without datasets"),
        pytest.param(OF_EACH_KIND[2], {"baseConnectionId": "x"}, True, id="a base connection that nobody asked for"),
        pytest.param(OF_EACH_KIND[3], {"baseConnectionId": "x"}, False, id="another connection to the profile store"),
        pytest.param(OF_EACH_KIND[6], {"baseConnectionId": "x"}, True, id="one to the store that nobody asked for"),
        pytest.param(OF_EACH_KIND[4], {"baseConnectionId": "x"}, False, id="another destination"),
        pytest.param(OF_EACH_KIND[4], {"params": {}}, True, id="a target's parameters"),
        pytest.param(OF_EACH_KIND[5], {"flowSpec": {"id": "x"}}, False, id="a dataflow's kind"),
        pytest.param(OF_EACH_KIND[5], {"sourceConnectionIds": ["x"]}, True, id="a dataflow's source"),
    ],
)
def test_what_no_update_can_change_needs_another_entity(
    declared: DeclaredResource, changes: dict[str, Any], fits: bool
) -> None:
    found = find_kind(declared, live(declared, "a", **changes).body)

    assert ids(found) == (("a", []) if fits else (None, ["a"]))


def test_datasets_have_no_order() -> None:
    both = declaration(PLANES, AIRPORTS).source_connection()
    there = live(both, "a").body
    there["params"] = {"datasets": there["params"]["datasets"][::-1]}

    assert ids(find_kind(both, there)) == ("a", [])


@pytest.mark.parametrize("declared", OF_EACH_KIND, ids=IDS)
def test_lookalikes_are_in_the_order_of_their_ids(declared: DeclaredResource) -> None:
    there = [live(declared, one, description=None).body for one in "cab"]

    assert [one.id for one in find_kind(declared, *there).lookalikes] == ["a", "b", "c"]


FLOW = OF_EACH_KIND[5]
ADOPTING = FLOW.model_copy(update={"adopts": "theirs"})
OTHER_OWNER = OwnerMarker(owner="another", delivery_id="prod/theirs", kind=ResourceKind.DATAFLOW)


class TestAdopting:
    def test_what_the_config_names_is_taken_over(self) -> None:
        there = [live(FLOW, one, description="by hand").body for one in ("another", "theirs")]

        assert ids(find_kind(ADOPTING, *there)) == ("theirs", [])

    def test_what_is_owned_already_comes_first(self) -> None:
        there = [live(FLOW, "ours").body, live(FLOW, "theirs", description="by hand").body]

        assert ids(find_kind(ADOPTING, *there)) == ("ours", [])

    @pytest.mark.parametrize(
        ("there", "code", "said"),
        [
            pytest.param({}, "adopt.not-found", ["theirs"], id="nothing"),
            pytest.param(
                live(FLOW, "theirs", description=OTHER_OWNER.describe("Planes")).body,
                "ownership.foreign",
                ["theirs", "prod/theirs", "another"],
                id="another delivery's",
            ),
            pytest.param(
                live(FLOW, "theirs", description="", flowSpec={"id": "x"}).body,
                "adopt.does-not-fit",
                ["theirs"],
                id="of another kind",
            ),
        ],
    )
    def test_what_cannot_be_taken_over_is_told_by_the_line_of_the_config(
        self, there: dict[str, Any], code: str, said: list[str]
    ) -> None:
        with pytest.raises(UserError) as caught:
            find_kind(ADOPTING, *([there] if there else []))

        document = caught.value.document()
        assert (document.code, document.place) == (code, "adopt.dataflow")
        assert all(word in document.message for word in said)
        assert document.hint


@pytest.mark.parametrize("declared", OF_EACH_KIND, ids=IDS)
@pytest.mark.parametrize("known", [None, "journal"])
def test_of_two_that_are_marked_none_is_guessed(declared: DeclaredResource, known: str | None) -> None:
    other = {"description": declared.marker.describe(""), "id": "b"}
    there = [live(declared, "a").body, live(declared, "b").body | other]
    entries = JournalEntry(key=declared.kind, superseded=("c",)) if known else None

    with pytest.raises(InternalError) as caught:
        find_kind(declared, *there, entry=entries)

    document = caught.value.document()
    assert (document.code, document.details) == ("ownership.ambiguous", ["a", "b"])
    assert declared.kind in document.message
    assert document.hint


@pytest.mark.parametrize(
    "changes",
    [
        {"connectionSpec": None},
        {"params": {"datasets": [{}]}},
        {"params": {"datasets": ["d"]}},
        {"params": {"datasets": [{"dataSetId": "d"}, {"dataSetId": 1}]}},
    ],
)
def test_what_lacks_its_identity_is_not_taken_for_another_one(changes: dict[str, Any]) -> None:
    with pytest.raises(InternalError) as caught:
        find(entry("live-1"), live(DECLARED, **changes))
    assert caught.value.code == "adobe.answer-unreadable"
    assert ResourceKind.SOURCE_CONNECTION in (caught.value.place or "")
