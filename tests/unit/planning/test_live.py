from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from aep_delivery.adobe.errors import AdobeProblem, EntityNotFoundError
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.models import SourceConnection
from aep_delivery.planning.live import LiveResource, LiveResources, find_live
from aep_delivery.runtime.errors import InternalError, UserError
from aep_delivery.state.records import Action, DoneRecord, IntentRecord, JournalEntry, ResourceKind
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
