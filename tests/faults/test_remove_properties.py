"""Whatever there is of a delivery, and of others beside it: a removal leaves nothing owned and touches nothing foreign."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.state.lock import Lock
from aep_delivery.state.records import Action, Done, Intent
from aep_delivery.workflow.services import LOCK_TTL
from tests.faults.harness import KINDS, RESOURCES, START, Adobe, Installation, LocalServices
from tests.faults.test_crashes import Death, KilledError, MortalHttp
from tests.faults.test_remove import DELIVERY, assert_gone, doom, everything, remove

CASES = int(os.environ.get("PROPERTY_CASES", "100"))
KIND_OF = dict(zip(KINDS, RESOURCES, strict=True))
Templates = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Part:
    """What there is of one kind of a delivery."""

    current: bool
    replaced: int
    deleted_by_hand: bool
    pending: str | None


@dataclass(frozen=True)
class Stranger:
    """What somebody else made, alike to the mark in its description."""

    kind: str
    description: str
    disabled: bool


PARTS = st.builds(
    Part,
    current=st.booleans(),
    replaced=st.integers(0, 2),
    deleted_by_hand=st.booleans(),
    pending=st.sampled_from([None, "created", "not-created", "updated", "deleting", "adopting"]),
)
MARKS = st.sampled_from(
    [
        "",
        "Managed by AEP Delivery.",
        "[aep-delivery owner=the-stack delivery=prod/planes kind=run]",
        "[aep-delivery owner=the-stack-2 delivery=prod/planes kind={kind}]",
        "[aep-delivery owner=the-stack delivery=prod/planes-2 kind={kind}]",
        "[aep-delivery owner=the-stack delivery=dev/planes kind={kind}]",
        "aep-delivery owner=the-stack delivery=prod/planes kind={kind}",
    ]
)
STRANGERS = st.lists(
    st.builds(Stranger, kind=st.sampled_from(KINDS), description=MARKS, disabled=st.booleans()), max_size=4
)
DEATHS = st.none() | st.tuples(st.sampled_from(["before", "after"]), st.integers(0, 30))


@pytest.fixture(scope="module")
def templates(running_adobe: Adobe) -> Templates:
    """One real document of each kind."""
    running_adobe.control("POST", "reset")
    Installation(running_adobe, LocalServices(running_adobe)).deliver()
    sandbox = running_adobe.emulator.world.sandboxes["prod"]
    return {kind: copy.deepcopy(next(iter(sandbox.entities[kind].values())).document) for kind in KINDS}


class DeathAt(Death):
    """Ends the process at the side effect of a number, whatever it is."""

    def __init__(self, when: str, number: int) -> None:
        super().__init__()
        self._when = (when, number)

    def around(self, what: str, act: Callable[[], Any]) -> Any:
        number = len(self.seen)
        self.seen.append(what)
        if self._when == ("before", number):
            raise KilledError
        result = act()
        if self._when == ("after", number):
            raise KilledError
        return result


class Scene:
    """A sandbox with a delivery in some state."""

    def __init__(self, adobe: Adobe, templates: Templates) -> None:
        adobe.control("POST", "reset")
        adobe.control("POST", "clock", {"set": START.isoformat()})
        self.adobe = adobe
        self.stack = Installation(adobe, LocalServices(adobe))
        self._templates = templates
        self._sandbox = adobe.emulator.world.sandboxes["prod"]
        self._ours: dict[str, str] = {}
        self.lock: Lock = self.stack.services.store.acquire_lock(DELIVERY, "a-delivery", LOCK_TTL)

    def make(self, kind: str, description: str, references: dict[str, str]) -> str:
        document = {**copy.deepcopy(self._templates[kind]), "description": description}
        if kind == "targetConnections":
            document["baseConnectionId"] = references.get("connections", "of-nobody")
        if kind == "flows":
            document["sourceConnectionIds"] = [references.get("sourceConnections", "of-nobody")]
            document["targetConnectionIds"] = [references.get("targetConnections", "of-nobody")]
        return self._sandbox.create(kind, document, "a.person@example.com").id

    def ours(self, kind: str) -> str:
        marker = OwnerMarker(owner="the-stack", delivery_id=DELIVERY, kind=KIND_OF[kind])
        self._ours[kind] = self.make(kind, marker.describe("Ours"), self._ours)
        return self._ours[kind]

    def build(self, kind: str, part: Part) -> None:
        store, key = self.stack.services.store, KIND_OF[kind]
        known = [self.ours(kind) for _ in range(part.replaced + part.current)]
        for entity in known:
            store.write_done(self.lock, key, Done(action=Action.CREATE, resource_id=entity, fingerprint="f"))
        if known and part.deleted_by_hand:
            self.adobe.delete(kind, known[-1])
        self.leave_pending(kind, part.pending, known)

    def leave_pending(self, kind: str, pending: str | None, known: list[str]) -> None:
        action, resource = Action.UPDATE, known[-1] if known else None
        match pending:
            case "created":
                action, resource = Action.CREATE, None
                self.ours(kind)
            case "not-created":
                action, resource = Action.CREATE, None
            case "adopting":
                action, resource = Action.ADOPT, self.ours(kind)
            case "deleting":
                action = Action.DELETE
        if pending is None or (resource is None and action is not Action.CREATE):
            return
        intent_id = f"delete-{resource}" if action is Action.DELETE else "an-intent"
        intent = Intent(
            intent_id=intent_id,
            action=action,
            fingerprint="" if action is Action.DELETE else "f",
            resource_id=resource,
        )
        self.stack.services.store.write_intent(self.lock, KIND_OF[kind], intent)

    def add(self, stranger: Stranger) -> str:
        description = stranger.description.format(kind=KIND_OF[stranger.kind])
        entity = self.make(stranger.kind, description, {})
        if stranger.disabled:
            self._sandbox.entities[stranger.kind][entity].state = "disabled"
        return entity


@pytest.mark.timeout(1200)
@settings(max_examples=CASES, deadline=None)
@given(parts=st.tuples(PARTS, PARTS, PARTS, PARTS), strangers=STRANGERS, death=DEATHS)
def test_nothing_owned_is_left_and_nothing_foreign_touched(
    running_adobe: Adobe,
    templates: Templates,
    parts: tuple[Part, ...],
    strangers: list[Stranger],
    death: tuple[str, int] | None,
) -> None:
    scene = Scene(running_adobe, templates)
    for kind, part in zip(KINDS, parts, strict=True):
        scene.build(kind, part)
    foreign = {scene.add(stranger) for stranger in strangers}
    before = {entity: body for entity, body in everything(scene.adobe).items() if entity in foreign}
    store = scene.stack.services.store
    store.release_lock(DELIVERY, "a-delivery")
    if store.read_serial(DELIVERY) == 0:
        return

    if death is not None:
        doom(scene.stack, None)
        scene.stack.services.store.death = dying = DeathAt(*death)
        scene.stack.services.http = MortalHttp(scene.adobe.http, dying)
        with suppress(KilledError):
            remove(scene.stack)
        scene.stack.services.store.death = Death()
        scene.stack.restart()
        scene.adobe.clock.sleep((LOCK_TTL + timedelta(minutes=1)).total_seconds())
    remove(scene.stack)

    assert_gone(scene.stack, before)
