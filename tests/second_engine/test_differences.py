"""Where the two engines do not agree: each of these is told in docs/reference/engines.md."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from emulator.cloud.engine import Cloud, start
from tests.second_engine.engine import FirstEngine, Outcome, SecondEngine, second_engine

pytestmark = [pytest.mark.workflow, pytest.mark.timeout(300)]

SCALE = 1 / 20


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with start(wait_scale=SCALE, iam=False) as running:
        yield running


@pytest.fixture(scope="module")
def second(cloud: Cloud) -> Iterator[SecondEngine]:
    with second_engine(cloud, wait_scale=SCALE) as engine:
        yield engine


class Run:
    """Runs a few states on both engines."""

    def __init__(self, cloud: Cloud, second: SecondEngine) -> None:
        self._cloud, self._second = cloud, second
        self.arn = ""

    def __call__(self, **states: dict[str, Any]) -> tuple[Outcome, Outcome]:
        name = f"m-{uuid.uuid4().hex[:8]}"
        document = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
        machine = self._cloud.client("stepfunctions").create_state_machine(
            name=name, definition=json.dumps(document), roleArn="arn:aws:iam::000000000000:role/any"
        )["stateMachineArn"]
        first = FirstEngine(self._cloud)
        self.arn = first.start(machine, "one", {})
        return first.outcome(self.arn), self._second.outcome(self._second.start(machine, "two", {}))


@pytest.fixture
def run(cloud: Cloud, second: SecondEngine) -> Run:
    return Run(cloud, second)


def mapped(inner: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A distributed Map over one item with one state inside."""
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "In"}
    return {
        "Type": "Map",
        "Items": "{% [1] %}",
        "ItemProcessor": {**processor, "States": {"In": inner}},
        "End": True,
        **more,
    }


def test_output_sees_variables_as_they_were(run: Run) -> None:
    first, second = run(
        A={"Type": "Pass", "Assign": {"x": "before"}, "Next": "B"},
        B={"Type": "Pass", "Assign": {"x": "after"}, "Output": "{% $x %}", "End": True},
    )
    assert (first.output, second.output) == ("before", "after")


def test_assign_sees_variables_as_they_were(run: Run) -> None:
    first, second = run(
        A={"Type": "Pass", "Assign": {"x": "before"}, "Next": "B"},
        B={"Type": "Pass", "Assign": {"x": "after", "y": "{% $x %}"}, "Next": "C"},
        C={"Type": "Pass", "Output": "{% $y %}", "End": True},
    )
    assert (first.output, second.output) == ("after", "before")


def test_one_failed_child_fails_a_distributed_map(run: Run) -> None:
    first, second = run(A=mapped({"Type": "Fail", "Error": "mine", "Cause": "why"}))
    assert (first.status, first.error) == ("FAILED", "States.ExceedToleratedFailureThreshold")
    assert (second.status, second.output) == ("SUCCEEDED", [None])


def test_a_child_of_a_distributed_map_sees_no_variable_of_its_parent(run: Run) -> None:
    first, second = run(
        A={"Type": "Pass", "Assign": {"x": 7}, "Next": "B"},
        B=mapped({"Type": "Pass", "Output": "{% $x %}", "End": True}),
    )
    assert (first.status, second.output) == ("FAILED", [7])


def test_the_longest_delay_of_a_retry(run: Run) -> None:
    first, second = run(
        A={
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "nobody", "Payload": {}},
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 600, "MaxAttempts": 1, "MaxDelaySeconds": 1}],
            "End": True,
        }
    )
    assert first.errors == second.errors == ["Lambda.ResourceNotFoundException"] * 2
    # A minute, whatever the definition says, against its second.
    assert pause(first) >= 60 * SCALE > pause(second)


def test_states_inside_a_map_are_in_the_history(run: Run) -> None:
    inner = {"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}}
    first, second = run(A={"Type": "Map", "Items": "{% [1, 2] %}", "ItemProcessor": inner, "End": True})
    entered = [[e for e in one.events if e["type"] == "PassStateEntered"] for one in (first, second)]
    assert first.output == second.output == [1, 2]
    assert [len(found) for found in entered] == [0, 2]


@pytest.mark.parametrize("function", ["$hash('a', 'SHA-256')", "$uuid()"])
def test_functions_that_step_functions_adds_to_jsonata(run: Run, function: str) -> None:
    first, second = run(A={"Type": "Pass", "Output": f"{{% {function} %}}", "End": True})
    assert len(first.output) in {36, 64}
    assert second.output == f"Function {function.partition('(')[0]} is currently not supported"


def test_a_failed_execution_has_no_output(cloud: Cloud, run: Run) -> None:
    first, second = run(A={"Type": "Pass", "Output": {"left": 1}, "Next": "B"}, B={"Type": "Fail", "Error": "mine"})
    assert (first.error, second.error) == ("mine", "mine")
    described = cloud.client("stepfunctions").describe_execution(executionArn=run.arn)
    assert (described["status"], json.loads(described["output"])["Error"]) == ("FAILED", "mine")


def test_an_expression_without_a_result(run: Run) -> None:
    first, second = run(A={"Type": "Pass", "Output": "{% $states.input.nothing %}", "End": True})
    assert first.error == second.error == "States.QueryEvaluationError"
    assert first.cause == "JSONata expression did not return a result: $states.input.nothing"
    assert second.cause.endswith("The JSONata expression '$states.input.nothing' returned nothing (undefined).")


def test_an_expression_that_cannot_be_evaluated(run: Run) -> None:
    first, second = run(A={"Type": "Pass", "Output": "{% $number('x') %}", "End": True})
    assert (first.error, second.error) == ("States.QueryEvaluationError", "States.Runtime")


def pause(outcome: Outcome) -> float:
    """Seconds between a failed attempt and the next."""
    at = {str(event["type"]): _moment(event["timestamp"]) for event in reversed(outcome.events)}
    last = max(_moment(e["timestamp"]) for e in outcome.events if e["type"] == "TaskScheduled")
    return (last - at["TaskFailed"]).total_seconds()


def _moment(timestamp: datetime | str) -> datetime:
    return datetime.fromisoformat(timestamp) if isinstance(timestamp, str) else timestamp
