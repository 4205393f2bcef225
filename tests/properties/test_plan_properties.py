"""What holds for every plan, whatever the config and whatever there was before."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aep_delivery.config.load import load_config
from aep_delivery.planning.adopting import Adoptable, find_adoptable
from aep_delivery.planning.plan import PlannedAction
from aep_delivery.planning.text import plan_text
from aep_delivery.workflow.steps.remove_delivery import remove_delivery
from tests.faults.harness import Adobe
from tests.faults.test_remove import Announcements
from tests.properties.strategies import DELIVERY, PRIORS, Prior, Scene, configs

CASES = int(os.environ.get("PROPERTY_CASES", "25"))
pytestmark = pytest.mark.timeout(max(120, CASES))
FAULTS = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["GET", "POST", "PATCH", "DELETE"]),
        "path": st.just("/flowservice/"),
        "nth": st.integers(1, 5),
        "action": st.sampled_from([{"type": "lose-answer"}, {"type": "drop"}]),
    }
)
"""An answer that is lost, or a request, of those that the apply makes."""
cases = settings(max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cases
@given(prior=PRIORS, wanted=configs(), faults=st.lists(FAULTS, max_size=3))
def test_apply_then_plan_is_empty(
    running_adobe: Adobe, prior: Prior, wanted: dict[str, Any], faults: list[dict[str, Any]]
) -> None:
    scene = Scene.of(running_adobe, prior)
    for fault in faults:
        running_adobe.emulator.world.faults.plant(fault)

    scene.stack.deliver(wanted)

    running_adobe.emulator.world.faults.clear()
    plan = scene.stack.planned(wanted)
    assert [resource.action for resource in plan.resources] == [PlannedAction.KEEP] * 4
    assert not any(resource.does_something for resource in plan.resources)
    assert scene.stack.pending() == []
    assert {one: body for one, body in scene.everything().items() if one in scene.foreign} == scene.foreign
    assert len(scene.everything()) == len(scene.foreign) + 4


@cases
@given(prior=PRIORS, wanted=configs())
def test_plan_makes_no_write_and_is_deterministic(running_adobe: Adobe, prior: Prior, wanted: dict[str, Any]) -> None:
    scene = Scene.of(running_adobe, prior)
    before = scene.everything()
    journal = scene.stack.services.store.read_journal(DELIVERY)
    running_adobe.emulator.world.log.clear()

    first = scene.stack.planned(wanted)
    scene.stack.restart()
    second = scene.stack.planned(wanted)

    assert scene.writes() == []
    assert scene.everything() == before
    assert scene.stack.services.store.read_journal(DELIVERY) == journal
    assert first.model_dump_json() == second.model_dump_json()
    assert plan_text(first) == plan_text(second)


@cases
@given(prior=PRIORS)
def test_adopt_then_plan_is_empty(running_adobe: Adobe, prior: Prior) -> None:
    scene = Scene.of(running_adobe, prior)
    running_adobe.emulator.world.log.clear()
    found = list(find_adoptable(scene.stack.services.flow_service("prod"), "prod"))
    by_hand = sum(mark is None for _, mark in zip(prior.neighbours, prior.marks, strict=False))
    adoptable = [one for one in found if isinstance(one, Adoptable)]
    assert len(adoptable) == by_hand

    for one in adoptable:
        load_config(json.dumps(one.config).encode(), f"{one.name}.yaml")
        plan = scene.stack.planned(one.config)
        assert plan.changes == 0
        assert [resource.takes_ownership for resource in plan.resources] == [False, True, True, True]
    assert scene.writes() == []

    for one in adoptable:
        before = scene.everything()
        scene.stack.deliver(one.config)
        after = scene.everything()
        assert {entity for entity in before if _but_marked(before[entity]) != _but_marked(after[entity])} == set()
        plan = scene.stack.planned(one.config)
        assert not any(resource.does_something for resource in plan.resources)
    assert set(scene.patched()) <= {"/description"}
    assert all(write.startswith("PATCH ") for write in scene.writes())


def _but_marked(body: dict[str, Any]) -> dict[str, Any]:
    """An entity without its description, and without what Adobe notes of each change."""
    changing = {"description", "etag", "version", "updatedAt", "updatedBy", "updatedClient", "lastOperation"}
    return {name: value for name, value in body.items() if name not in changing}


@cases
@given(prior=PRIORS)
def test_remove_leaves_nothing_owned_and_touches_nothing_foreign(running_adobe: Adobe, prior: Prior) -> None:
    scene = Scene.of(running_adobe, prior)
    if prior.applied is None:
        return
    scene.stack.services.publisher = Announcements()

    remove_delivery(DELIVERY, "removal", scene.stack.services)

    assert scene.everything() == scene.foreign
    assert scene.stack.services.store.read_journal(DELIVERY) == {}
