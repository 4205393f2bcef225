"""LocalStack's Step Functions engine, as moto carries it, on the workflows and the functions of an embedded cloud.

It interprets the very definitions that the embedded cloud has deployed. Three things are put in from outside: the
evaluator of JSONata, which moto left out; the client of Lambda, so that the functions run in their sandboxes and under
their roles; and a clock whose seconds are shorter.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Protocol
from unittest.mock import patch

from jsonata import Jsonata
from jsonata.jexception import JException
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.jsonata import jsonata
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from emulator.cloud.engine import REGION, Cloud

ACCOUNT = "000000000000"


@dataclass(frozen=True)
class Outcome:
    """An execution that is over, on either engine.

    Attributes:
        name: Of the execution.
        status: As Step Functions says it.
        error: Empty where there was none.
        cause: As ``error``.
        output: Parsed; None where it failed.
        events: The history.
    """

    name: str
    status: str
    error: str
    cause: str
    output: Any
    events: list[dict[str, Any]]

    @property
    def states(self) -> list[str]:
        """The states it entered, in order, without those inside Maps."""
        entered = (event for event in self._outside_maps() if event["type"].endswith("StateEntered"))
        return [event["stateEnteredEventDetails"]["name"] for event in entered]

    @property
    def errors(self) -> list[str]:
        """The errors that steps ended with, in order, also those that were retried; without those inside Maps."""
        return [e["taskFailedEventDetails"]["error"] for e in self._outside_maps() if e["type"] == "TaskFailed"]

    def _outside_maps(self) -> Iterator[dict[str, Any]]:
        inside = False
        for event in self.events:
            inside = event["type"] == "MapStateStarted" or (inside and not event["type"].startswith("MapState"))
            if not inside:
                yield event


class Engine(Protocol):
    """What both engines can do."""

    def start(self, machine: str, name: str, given: Any) -> Any:
        """Start an execution and return what the others take.

        Args:
            machine: The ARN of a state machine of the embedded cloud, whose definition is taken as it stands.
            name: Of the execution.
            given: Its input.
        """

    def so_far(self, execution: Any) -> Outcome:
        """An execution as it stands."""

    def outcome(self, execution: Any, *, seconds: float = 240) -> Outcome:
        """The end of an execution. Raises ``TimeoutError``."""


class FirstEngine:
    """The embedded cloud's own."""

    def __init__(self, cloud: Cloud) -> None:
        self._client = cloud.client("stepfunctions")

    def start(self, machine: str, name: str, given: Any) -> str:
        answer = self._client.start_execution(stateMachineArn=machine, name=name, input=json.dumps(given))
        return str(answer["executionArn"])

    def so_far(self, execution: str) -> Outcome:
        found = self._client.describe_execution(executionArn=execution)
        return Outcome(
            name=found["name"],
            status=found["status"],
            error=found.get("error", ""),
            cause=found.get("cause", ""),
            # It has one where an execution failed, too, which AWS has not.
            output=json.loads(found["output"]) if found["status"] == "SUCCEEDED" else None,
            events=self._client.get_execution_history(executionArn=execution, maxResults=1000)["events"],
        )

    def outcome(self, execution: str, *, seconds: float = 240) -> Outcome:
        return _ended(lambda: self.so_far(execution), seconds)


class SecondEngine:
    """LocalStack's. Made by :func:`second_engine`."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._backend = StepFunctionsParserBackend(REGION, ACCOUNT)

    def start(self, machine: str, name: str, given: Any) -> Execution:
        deployed = self._cloud.client("stepfunctions").describe_state_machine(stateMachineArn=machine)
        role = f"arn:aws:iam::{ACCOUNT}:role/{deployed['name']}"
        made = self._backend.create_state_machine(deployed["name"], deployed["definition"], role)
        return self._backend.start_execution(made.arn, name, json.dumps(given))

    def so_far(self, execution: Execution) -> Outcome:
        return Outcome(
            name=execution.name,
            status=execution.status,
            error=execution.error or "",
            cause=execution.cause or "",
            output=execution.output if execution.status == "SUCCEEDED" else None,
            events=[{**event, "type": event["type"].value} for event in execution.to_history_output()["events"]],
        )

    def outcome(self, execution: Execution, *, seconds: float = 240) -> Outcome:
        return _ended(lambda: self.so_far(execution), seconds)


def _ended(so_far: Callable[[], Outcome], seconds: float) -> Outcome:
    end = time.monotonic() + seconds
    while (outcome := so_far()).status == "RUNNING":
        if time.monotonic() > end:
            raise TimeoutError(f"{outcome.name} still runs after {seconds} s, in {outcome.states[-1:]}")
        time.sleep(0.1)
    return outcome


@contextlib.contextmanager
def second_engine(cloud: Cloud, *, wait_scale: float) -> Iterator[SecondEngine]:
    """The second engine beside an embedded cloud, whose functions it invokes.

    Args:
        cloud: With the stack deployed.
        wait_scale: What the seconds of Wait and Retry are multiplied with.
    """

    def wait(self: WaitFunction, env: object, wait_seconds: float) -> None:
        # moto counts in whole seconds, of which there are none here.
        time.sleep(wait_seconds * wait_scale)

    def client_for(**_ignored: Any) -> Any:
        return cloud.client("lambda")

    shorter = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds * wait_scale))
    with (
        patch.object(jsonata, "_eval_jsonata", evaluate),
        patch.object(lambda_eval_utils, "boto_client_for", client_for),
        patch.object(retrier_decl, "time", shorter),
        patch.object(WaitFunction, "_wait_interval", wait),
    ):
        yield SecondEngine(cloud)


def evaluate(expression: str) -> Any:
    """What moto's engine asks of Java: a JSONata expression, with all that it may name declared in it, to JSON."""
    try:
        value = Jsonata.jsonata(expression).evaluate(None)
    # The evaluator lets errors of Python's through where a function of JSONata's is given what it cannot take.
    except (JException, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise jsonata.JSONataException("UNKNOWN", str(error)) from error
    return json.loads(json.dumps(value))
