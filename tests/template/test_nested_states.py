"""What the rules demand of every task holds inside of a Map too, where they do not look."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonata.jsonata import Jsonata

from tests.template.definition import definitions, load_template, successors
from tests.template.rules import RETRIED, models, wire_names

Processor = dict[str, Any]


def _nested() -> Iterator[tuple[str, Processor]]:
    for path, definition in definitions().items():
        for name, state in definition.states.items():
            if state["Type"] == "Map":
                yield f"{path}:{name}", state["ItemProcessor"]


PROCESSORS = dict(_nested())
DISTRIBUTED = [place for place, it in PROCESSORS.items() if it["ProcessorConfig"]["Mode"] == "DISTRIBUTED"]
INLINE = [place for place in PROCESSORS if place not in DISTRIBUTED]


def _map(place: str) -> dict[str, Any]:
    path, _, name = place.partition(":")
    return definitions()[path].states[name]


def _tasks(processor: Processor) -> dict[str, dict[str, Any]]:
    return {name: state for name, state in processor["States"].items() if state["Type"] == "Task"}


@pytest.mark.parametrize("place", PROCESSORS)
def test_a_nested_task_is_guarded(place: str) -> None:
    states = PROCESSORS[place]["States"]
    assert _tasks(PROCESSORS[place])
    for name, task in _tasks(PROCESSORS[place]).items():
        assert [set(rule["ErrorEquals"]) for rule in task["Retry"]] == RETRIED, name
        assert all(rule["MaxDelaySeconds"] and rule["JitterStrategy"] for rule in task["Retry"]), name
        (caught,) = task["Catch"]
        assert caught["ErrorEquals"] == ["States.ALL"], name
        assert caught["Next"] in states, name


@pytest.mark.parametrize("place", INLINE)
def test_the_failure_of_an_inline_item_ends_no_other(place: str) -> None:
    assert not [name for name, state in PROCESSORS[place]["States"].items() if state["Type"] == "Fail"]


@pytest.mark.parametrize("place", INLINE)
@pytest.mark.parametrize("many", [1, 100, 1000, 1500])
def test_what_all_items_say_of_their_failure_fits_into_a_state(place: str, many: int) -> None:
    """AWS: what a Map ends with is 256 KiB at most, and beyond no Catch helps: one failure would take the others along."""
    room = Jsonata(_inside(_map(place)["ItemSelector"]["room"]))
    frame = room.create_frame()
    frame.bind("states", {"input": {"deliveries": ["prod/x"] * many}})
    cut = room.evaluate(None, frame)
    (kept,) = re.findall(r'"cause": "\{% (\$substring[^"]+) %\}"', json.dumps(PROCESSORS[place]))
    assert kept.endswith("0, $states.input.room)")
    said = json.dumps({"errorType": "UserError", "errorMessage": json.dumps({"message": "x" * 4000})})[:cut]
    left = {"deliveryId": "production/shop-orders", "notChecked": {"error": "TransientError", "cause": said}}
    assert len(json.dumps([left] * many, separators=(",", ":"))) < 256 * 1024
    assert 50 <= cut <= 1000


def _inside(expression: str) -> str:
    return expression.removeprefix("{%").removesuffix("%}").strip()


@pytest.mark.parametrize("place", DISTRIBUTED)
def test_the_failure_of_a_child_ends_the_map(place: str) -> None:
    """All batches are needed: without a threshold the map tolerates none, and what goes wrong leads to a Fail state."""
    state, processor = _map(place), PROCESSORS[place]
    assert not [field for field in state if field.startswith("ToleratedFailure")]
    assert [rule["ErrorEquals"] for rule in state["Catch"]] == [["States.ALL"]]
    ends = {name for name, inner in processor["States"].items() if inner["Type"] == "Fail"}
    goes_on = {name for name, inner in processor["States"].items() if inner["Type"] == "Choice"}
    for task in _tasks(processor).values():
        [caught] = task["Catch"]
        assert task["Next"] in ends | goes_on
        assert caught["Next"] in ends | set(_tasks(processor))


@pytest.mark.parametrize("place", DISTRIBUTED)
def test_a_child_gets_all_it_needs_with_its_item(place: str) -> None:
    """AWS: a child of a distributed map sees no variable of its parent's. Nor may its answer grow with the delivery."""
    assert not re.findall(r"\$(?!states\b)[A-Za-z_]\w*(?!\()\b", json.dumps(PROCESSORS[place]).replace("${", "{"))
    states = PROCESSORS[place]["States"].values()
    assert [state["Output"] for state in states if state["Type"] == "Succeed"] == [{}]
    assert not [state for state in states if state.get("End")]


@pytest.mark.parametrize("place", PROCESSORS)
def test_what_a_nested_task_passes_fits_its_step(place: str) -> None:
    path = place.partition(":")[0]
    for name, task in _tasks(PROCESSORS[place]).items():
        message, _ = models(definitions()[path].step_called(task))
        given, known = set(task["Arguments"]["Payload"]), wire_names(message)
        assert given <= set(known), name
        assert {wire for wire, required in known.items() if required} <= given, name


@pytest.mark.parametrize("place", PROCESSORS)
def test_a_nested_state_has_a_comment_and_is_reached(place: str) -> None:
    states = PROCESSORS[place]["States"]
    assert all(state["Comment"] for state in states.values())
    reached = {PROCESSORS[place]["StartAt"]}.union(*(successors(state) for state in states.values()))
    assert reached == set(states)


@pytest.mark.parametrize("place", PROCESSORS)
def test_a_nested_task_waits_longer_than_its_function_may_take(place: str) -> None:
    template = load_template()
    for name, task in _tasks(PROCESSORS[place]).items():
        function = task["Arguments"]["FunctionName"].removeprefix("${").removesuffix("Arn}")
        properties = template["Resources"][function]["Properties"]
        longest = properties.get("Timeout", template["Globals"]["Function"]["Timeout"])
        assert task["TimeoutSeconds"] > longest, name


@pytest.mark.parametrize("place", INLINE)
def test_the_items_are_worked_on_by_few_at_a_time(place: str) -> None:
    assert _map(place)["MaxConcurrency"] == 2


@pytest.mark.parametrize("place", DISTRIBUTED)
def test_how_many_children_run_at_a_time_is_a_parameter(place: str) -> None:
    parameter = re.fullmatch(r"\{% \$\{(\w+)\} %\}", _map(place)["MaxConcurrency"])
    assert parameter is not None
    assert load_template()["Parameters"][parameter[1]]["MinValue"] == 1
