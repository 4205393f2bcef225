from __future__ import annotations

import json
from typing import Any

import pytest
from ministack.services import stepfunctions

from emulator.cloud import maps

ARN = "arn:aws:states:us-east-1:000000000000"
MACHINE = {"stateMachineArn": f"{ARN}:stateMachine:m", "executionArn": f"{ARN}:execution:m:e"}


def run(state: dict[str, Any], given: Any, variables: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
    context = {"QueryLanguage": "JSONata", "variables": dict(variables or {}), "State": {"Name": "Map"}}
    processor = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Output": "{% $states.input %}", "End": True}}}
    made = {"Type": "Map", "Next": "After", **state}
    output, following = maps.run_distributed_map(made, given, given, processor, dict(MACHINE), context)
    assert following == "After"
    return output, context["variables"]


def test_every_item_gets_what_its_selector_says() -> None:
    state = {
        "Items": "{% [0..$states.input.last] %}",
        "MaxConcurrency": "{% 1 + 1 %}",
        "ItemSelector": {"of": "{% $owner %}", "number": "{% $states.context.Map.Item.Value %}"},
        "Assign": {"seen": "{% $count($states.result) %}"},
        "Output": {"last": "{% $states.input.last %}"},
    }
    assert run(state, {"last": 2}, {"owner": "me"}) == ({"last": 2}, {"owner": "me", "seen": 3})
    children = [child for child in stepfunctions._executions.values() if child.get("mapRunArn")][-3:]
    inputs = sorted((json.loads(child["input"]) for child in children), key=lambda given: given["number"])
    assert inputs == [{"of": "me", "number": number} for number in range(3)]


def test_without_output_the_answers_of_the_children_go_on() -> None:
    assert run({"Items": "{% $states.input %}"}, [1, 2])[0] == [1, 2]


def test_a_child_sees_no_variable_of_its_parent() -> None:
    processor = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Output": "{% $owner %}", "End": True}}}
    context = {"QueryLanguage": "JSONata", "variables": {"owner": "me"}, "State": {"Name": "Map"}}
    state = {"Type": "Map", "Items": [1], "Next": "After"}
    with pytest.raises(stepfunctions._ExecutionError) as caught:
        maps.run_distributed_map(state, {}, {}, processor, dict(MACHINE), context)
    assert caught.value.error == "States.ExceedToleratedFailureThreshold"


def test_it_takes_the_place_of_ministacks_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepfunctions, "_run_distributed_map", None)
    maps.install()
    assert stepfunctions._run_distributed_map is maps.run_distributed_map
