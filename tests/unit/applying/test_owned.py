"""Marker and journal crossed: what only one of them says is not touched, and neither is what others use."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.models import Connection, Dataflow, SourceConnection, TargetConnection
from aep_delivery.applying.owned import (
    REMOVAL_ORDER,
    OwnedResource,
    Sandbox,
    known_ids,
    refuse_unmarked,
    refuse_used,
)
from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.records import Action, DoneRecord, IntentRecord, JournalEntry, JournalKey, ResourceKind

BASE, PROFILE_STORE, SOURCE, TARGET, FLOW = ResourceKind
MODELS: dict[ResourceKind, type[Any]] = {
    BASE: Connection,
    PROFILE_STORE: Connection,
    SOURCE: SourceConnection,
    TARGET: TargetConnection,
    FLOW: Dataflow,
}
WRITTEN = {"written_at": datetime(2027, 1, 1, tzinfo=UTC), "fencing_token": 1, "fingerprint": "f"}
STRANGER = OwnerMarker(owner="another-stack", delivery_id="prod/planes", kind=FLOW)


def marker(kind: ResourceKind) -> OwnerMarker:
    return OwnerMarker(owner="the-stack", delivery_id="prod/planes", kind=kind)


def entity(kind: ResourceKind, entity_id: str, **fields: Any) -> Any:
    """One of the delivery's, called after its id."""
    given = {"id": entity_id, "name": f"Name of {entity_id}", "description": marker(kind).describe("Planes"), **fields}
    return MODELS[kind].model_validate(given)


class Listed:
    """Flow Service with these entities, which is only ever listed."""

    def __init__(self, *entities: Any) -> None:
        self._entities = entities

    def find_connections(self) -> list[Any]:
        return self._of(Connection)

    def find_source_connections(self) -> list[Any]:
        return self._of(SourceConnection)

    def find_target_connections(self) -> list[Any]:
        return self._of(TargetConnection)

    def find_dataflows(self) -> list[Any]:
        return self._of(Dataflow)

    def _of(self, model: type) -> list[Any]:
        return [one for one in self._entities if type(one) is model]


def entry(
    kind: ResourceKind, done: str | None = None, *superseded: str, intent: Action | None = None, of: str | None = None
) -> JournalEntry:
    return JournalEntry(
        key=kind,
        done=DoneRecord(action=Action.CREATE, resource_id=done, **WRITTEN) if done else None,
        intent=IntentRecord(intent_id="i", action=intent, resource_id=of, **WRITTEN) if intent else None,
        superseded=superseded,
    )


def sandbox(*entities: Any, journal: list[JournalEntry] | None = None) -> Sandbox:
    known: dict[JournalKey, JournalEntry] = {one.key: one for one in journal or []}
    return Sandbox(cast("FlowService", Listed(*entities)), known, owner="the-stack", delivery_id="prod/planes")


def refused(there: Sandbox) -> UserError:
    with pytest.raises(UserError) as caught:
        there.refuse_foreign()
    assert caught.value.hint
    document = caught.value.document()
    assert document.message
    return caught.value


@pytest.mark.parametrize("kind", ResourceKind)
def test_what_the_journal_knows_is_owned_replaced_ones_first(kind: ResourceKind) -> None:
    there = sandbox(entity(kind, "now"), entity(kind, "old", name=None), journal=[entry(kind, "now", "gone", "old")])

    assert there.owned() == [
        OwnedResource(kind=kind, id="gone", name=None),
        OwnedResource(kind=kind, id="old", name=None),
        OwnedResource(kind=kind, id="now", name="Name of now"),
    ]
    assert there.strays(kind) == []
    there.refuse_foreign()


def test_users_come_before_what_they_use() -> None:
    there = sandbox(journal=[entry(kind, f"{kind}-1") for kind in ResourceKind])

    assert [one.kind for one in there.owned()] == [FLOW, TARGET, SOURCE, PROFILE_STORE, BASE]
    assert [one.kind for one in there.owned()] == [*REMOVAL_ORDER]


@pytest.mark.parametrize("kind", ResourceKind)
def test_a_marker_that_the_journal_does_not_know_stops_it(kind: ResourceKind) -> None:
    there = sandbox(
        entity(kind, "now"),
        entity(kind, "stray"),
        entity(kind, "nameless", name=None),
        entity(kind, "theirs", description=STRANGER.describe("")),
        entity(kind, "nobodys", description=None),
        entity(kind, "another-kind", description=marker(BASE if kind is FLOW else FLOW).text),
        journal=[entry(kind, "now")],
    )

    found = [one.id for one in there.strays(kind)]
    error = refused(there)

    assert found == ["stray", "nameless"]
    assert error.code == "ownership.not-in-journal"
    assert error.details == [f"{kind} stray Name of stray", f"{kind} nameless"]
    assert error.message.startswith("2 ")


@pytest.mark.parametrize(
    ("known", "strays", "explained"),
    [
        pytest.param(entry(SOURCE, intent=Action.CREATE), ["s"], "s", id="created"),
        pytest.param(entry(SOURCE, "now", intent=Action.CREATE), ["s"], "s", id="created beside another"),
        pytest.param(entry(SOURCE, intent=Action.UPDATE, of="s"), ["s"], "s", id="taken over"),
        pytest.param(entry(SOURCE, intent=Action.UPDATE, of="another"), ["s"], None, id="another taken over"),
        pytest.param(entry(SOURCE, intent=Action.CREATE), ["s", "t"], None, id="two for one"),
        pytest.param(entry(SOURCE, intent=Action.CREATE), [], None, id="not there"),
        pytest.param(entry(SOURCE, "now"), ["s"], None, id="nothing announced"),
        pytest.param(None, ["s"], None, id="nothing known"),
    ],
)
def test_one_stray_is_explained_by_what_was_announced_and_never_sent_twice(
    known: JournalEntry | None, strays: list[str], explained: str | None
) -> None:
    there = sandbox(*(entity(SOURCE, one) for one in strays), journal=[known] if known else [])

    found = there.announced(SOURCE)

    assert (found.id if found else None) == explained
    if explained or not strays:
        there.refuse_foreign()
    else:
        assert refused(there).code == "ownership.not-in-journal"


@pytest.mark.parametrize("kind", ResourceKind)
@pytest.mark.parametrize("description", [None, "mine now", STRANGER.text])
def test_what_the_journal_knows_and_nobody_marks_stops_it(kind: ResourceKind, description: str | None) -> None:
    error = refused(sandbox(entity(kind, "now", description=description), journal=[entry(kind, "gone", "now")]))

    assert (error.code, error.place) == ("ownership.marker-removed", "now")
    assert marker(kind).text in (error.hint or "")
    assert kind in error.message


USES = [
    pytest.param(BASE, SOURCE, {"baseConnectionId": "used"}, id="a source of a base connection"),
    pytest.param(BASE, TARGET, {"baseConnectionId": "used"}, id="a target of a base connection"),
    pytest.param(PROFILE_STORE, SOURCE, {"baseConnectionId": "used"}, id="a source of the profile store"),
    pytest.param(PROFILE_STORE, TARGET, {"baseConnectionId": "used"}, id="a target of the profile store"),
    pytest.param(SOURCE, FLOW, {"sourceConnectionIds": ["other", "used"]}, id="a dataflow of a source"),
    pytest.param(TARGET, FLOW, {"targetConnectionIds": ["other", "used"]}, id="a dataflow of a target"),
]


@pytest.mark.parametrize(("kind", "user", "link"), USES)
def test_what_others_use_stops_it(kind: ResourceKind, user: ResourceKind, link: dict[str, Any]) -> None:
    theirs = entity(user, "theirs", description="not ours", **link)
    ours = entity(user, "ours", **link)
    idle = entity(user, "idle", description="not ours")
    there = sandbox(entity(kind, "used"), idle, theirs, ours, journal=[entry(kind, "used"), entry(user, "ours")])

    assert there.foreign_users(kind, "used") == [f"{user} theirs Name of theirs"]
    assert there.foreign_users(kind, "another") == []
    error = refused(there)
    assert (error.code, error.place) == ("remove.in-use", "used")
    assert error.details == [f"{user} theirs Name of theirs"]
    assert kind in error.message


def test_nothing_uses_a_dataflow() -> None:
    there = sandbox(
        entity(FLOW, "used"), entity(FLOW, "theirs", description="", sourceConnectionIds=["used"]), journal=[]
    )
    assert there.foreign_users(FLOW, "used") == []


def test_what_nobody_knows_and_nobody_marks_is_not_asked_about() -> None:
    sandbox(entity(BASE, "theirs", description="not ours"), entity(SOURCE, "s", description="")).refuse_foreign()


def test_known_are_the_replaced_ones_and_the_one_that_is() -> None:
    assert known_ids(None) == []
    assert known_ids(entry(FLOW, intent=Action.CREATE)) == []
    assert known_ids(entry(FLOW, "now", "b", "a")) == ["b", "a", "now"]


def test_what_is_marked_and_what_nobody_uses_may_go() -> None:
    refuse_unmarked(marker(FLOW), "now", marker(FLOW).describe("Planes"))
    refuse_used(FLOW, "now", [])
