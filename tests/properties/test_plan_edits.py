"""Somebody edits things in Adobe's UI between our steps: every edit is found, and none is overwritten silently."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from aep_delivery.planning.plan import Plan, PlannedAction
from aep_delivery.runtime.errors import UserError
from aep_delivery.workflow.steps.remove_delivery import remove_delivery
from tests.faults.harness import KINDS, Adobe
from tests.faults.test_remove import Announcements
from tests.properties.strategies import DELIVERY, EDITS, KIND_OF, PRIORS, Edit, Prior, Scene, configs

CASES = int(os.environ.get("PROPERTY_CASES", "25"))
MAKING = (PlannedAction.CREATE, PlannedAction.REPLACE)
Document = dict[str, Any]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every field of a document that holds no fields itself, by dotted path."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, f"{path}.{name}" if path else name)
    else:
        yield path, value.rstrip("/") if path == "params.path" else value


def differing(one: Document, other: Document) -> set[str]:
    first, second = dict(leaves(one)), dict(leaves(other))
    return {path for path in {*first, *second} if first.get(path) != second.get(path)}


class EditedBetween(RuleBasedStateMachine):
    """One delivery, its neighbours, and a person who cannot leave it alone."""

    def __init__(self, adobe: Adobe) -> None:
        super().__init__()
        self.adobe = adobe
        self.scene: Scene
        self.config: dict[str, Any] | None = None
        self.applied: dict[str, tuple[str, Document]] = {}
        """What there was after the last successful apply: id and content by collection."""
        self.unmarked: dict[str, str] = {}
        """Descriptions with the marker that somebody has taken out, by collection."""

    @initialize(prior=PRIORS, config=configs())
    def begin(self, prior: Prior, config: dict[str, Any]) -> None:
        self.scene = Scene.of(self.adobe, prior)
        self.deliver(config)

    @rule(config=configs())
    def deliver(self, config: dict[str, Any]) -> None:
        if self.unmarked:
            self.adobe.emulator.world.log.clear()
            with pytest.raises(UserError) as caught:
                self.scene.stack.deliver(config)
            assert caught.value.code == "ownership.marker-removed"
            assert self.scene.writes() == []
            return
        self.scene.stack.deliver(config)
        self._applied(config)

    @rule(edit=EDITS)
    def edit(self, edit: Edit) -> None:
        self.scene.edit(edit)
        if edit.does == "delete":
            self.unmarked.pop(edit.kind, None)

    @precondition(lambda self: self.config is not None)
    @rule(kind=st.sampled_from(KINDS))
    def take_marker_out(self, kind: str) -> None:
        entity_id = self.scene.ours(kind)
        if entity_id is not None and kind not in self.unmarked:
            self.unmarked[kind] = self._unmark(kind, entity_id)

    @precondition(lambda self: self.unmarked)
    @rule()
    def put_markers_back(self) -> None:
        for kind, description in self.unmarked.items():
            self._document(kind)["description"] = description
        self.unmarked.clear()

    @precondition(lambda self: not self.unmarked)
    @rule(config=configs(), edit=EDITS)
    def edit_between_plan_and_apply(self, config: dict[str, Any], edit: Edit) -> None:
        execution = self.scene.stack.execution(config)
        execution.take_lock()
        plan = execution.make_plan()
        found = self._content(edit.kind)
        entity_id = self.scene.edit(edit)
        edited = self._content(edit.kind) if entity_id else None
        refused = None
        try:
            execution.apply()
        except UserError as error:
            refused = error
        finally:
            execution.release_lock()
        self._check_untouched(plan, edit, entity_id, (found, edited), refused)
        journal = self.scene.stack.services.store.read_journal(DELIVERY)
        assert [key for key, entry in journal.items() if entry.intent is not None] == []
        self.deliver(config)

    @precondition(lambda self: not self.unmarked)
    @rule(config=configs(), kind=st.sampled_from(KINDS))
    def take_marker_out_between_plan_and_apply(self, config: dict[str, Any], kind: str) -> None:
        execution = self.scene.stack.execution(config)
        execution.take_lock()
        execution.make_plan()
        entity_id = self.scene.ours(kind)
        description = self._unmark(kind, entity_id) if entity_id else ""
        content = self._content(kind)
        try:
            if entity_id is None:
                execution.apply()
            else:
                with pytest.raises(UserError) as caught:
                    execution.apply()
                assert (caught.value.code, caught.value.place) == ("ownership.marker-removed", entity_id)
                assert self._content(kind) == content
                self._document(kind)["description"] = description
        finally:
            execution.release_lock()
        self.deliver(config)

    @precondition(lambda self: self.config is not None and not self.unmarked)
    @rule()
    def remove(self) -> None:
        self.scene.stack.services.publisher = Announcements()
        remove_delivery(DELIVERY, "removal", self.scene.stack.services)
        self.config, self.applied = None, {}
        assert self.scene.everything() == self.scene.foreign

    @invariant()
    def every_edit_is_found(self) -> None:
        if self.config is None:
            return
        if self.unmarked:
            with pytest.raises(UserError) as caught:
                self.scene.stack.planned(self.config)
            assert caught.value.code == "ownership.marker-removed"
            return
        plan = self.scene.stack.planned(self.config)
        for kind in KINDS:
            resource = plan.resource(KIND_OF[kind])
            if self._is_gone(kind):
                assert resource.action in MAKING
            else:
                assert {change.path for change in resource.changes} == self._expected(kind), kind
                assert resource.does_something == bool(self._expected(kind))

    @invariant()
    def nothing_foreign_is_touched(self) -> None:
        there = self.scene.everything()
        assert {entity_id: there.get(entity_id) for entity_id in self.scene.foreign} == self.scene.foreign

    def _applied(self, config: dict[str, Any]) -> None:
        self.config = config
        self.applied = {}
        for kind in KINDS:
            entity_id, content = self.scene.ours(kind), self._content(kind)
            assert entity_id is not None
            assert content is not None
            self.applied[kind] = (entity_id, content)

    def _is_gone(self, kind: str) -> bool:
        if kind == "targetConnections" and self._is_gone("connections"):
            return True
        return self.scene.ours(kind) is None

    def _expected(self, kind: str) -> set[str]:
        """The fields that a plan has to show, told from what was applied and what is there now."""
        assert self.config is not None
        content = self._content(kind)
        assert content is not None
        found = differing(self.applied[kind][1], content)
        for field in ("startTime", "endTime"):
            if field not in self.config["scheduleParams"]:
                found.discard(f"scheduleParams.{field}")
        if kind == "flows":
            for other, field in {
                "sourceConnections": "sourceConnectionIds",
                "targetConnections": "targetConnectionIds",
            }.items():
                if self._is_gone(other):
                    found.add(field)
        return found

    def _check_untouched(
        self,
        plan: Plan,
        edit: Edit,
        entity_id: str | None,
        contents: tuple[Document | None, Document | None],
        refused: UserError | None,
    ) -> None:
        resource, (found, edited) = plan.resource(KIND_OF[edit.kind]), contents
        if refused is not None:
            assert found != edited, "nothing was edited, and yet it was refused"
            assert refused.code == "plan.stale"
            assert refused.place == entity_id
        if entity_id is None or entity_id in resource.supersedes or found is None:
            return
        if edit.does == "delete":
            assert refused is not None
            assert self.scene.ours(edit.kind) is None
            return
        now = self._content(edit.kind)
        assert now is not None
        assert edited is not None
        assert differing(found, edited) & differing(edited, now) == set(), "an edit was overwritten"

    def _document(self, kind: str) -> Document:
        entity_id = self.scene.ours(kind)
        assert entity_id is not None
        document: Document = self.scene.entity(kind, entity_id).document
        return document

    def _content(self, kind: str) -> Document | None:
        entity_id = self.scene.ours(kind)
        if entity_id is None:
            return None
        entity = self.scene.entity(kind, entity_id)
        return copy.deepcopy({**entity.document, "state": entity.state})

    def _unmark(self, kind: str, entity_id: str) -> str:
        document = self.scene.entity(kind, entity_id).document
        description: str = document["description"]
        document["description"] = "Mine now"
        return description


@pytest.mark.timeout(max(120, CASES * 3))
def test_edits_in_the_ui_are_found_and_never_overwritten(running_adobe: Adobe) -> None:
    run_state_machine_as_test(
        cast("type[EditedBetween]", lambda: EditedBetween(running_adobe)),
        settings=settings(
            max_examples=CASES,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
