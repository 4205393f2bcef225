"""What the rules demand of every task holds inside of a Map too, where they do not look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.template.definition import definitions, load_template, successors
from tests.template.rules import PLATFORM_ERRORS

Processor = dict[str, Any]


def _nested() -> Iterator[tuple[str, Processor]]:
    for path, definition in definitions().items():
        for name, state in definition.states.items():
            if state["Type"] == "Map":
                yield f"{path}:{name}", state["ItemProcessor"]


PROCESSORS = dict(_nested())


def _tasks(processor: Processor) -> dict[str, dict[str, Any]]:
    return {name: state for name, state in processor["States"].items() if state["Type"] == "Task"}


@pytest.mark.parametrize("place", PROCESSORS)
def test_a_nested_task_is_guarded_and_its_failure_ends_no_other_item(place: str) -> None:
    states = PROCESSORS[place]["States"]
    assert _tasks(PROCESSORS[place])
    for name, task in _tasks(PROCESSORS[place]).items():
        assert [set(rule["ErrorEquals"]) for rule in task["Retry"]] == [{"TransientError"}, PLATFORM_ERRORS], name
        assert all(rule["MaxDelaySeconds"] and rule["JitterStrategy"] for rule in task["Retry"]), name
        (caught,) = task["Catch"]
        assert caught["ErrorEquals"] == ["States.ALL"], name
        assert caught["Next"] in states, name
    assert not [name for name, state in states.items() if state["Type"] == "Fail"]


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


@pytest.mark.parametrize("place", PROCESSORS)
def test_the_items_are_worked_on_by_few_at_a_time(place: str) -> None:
    path, _, name = place.partition(":")
    assert definitions()[path].states[name]["MaxConcurrency"] == 2
