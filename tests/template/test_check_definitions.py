"""The definitions are sound, and the check that says so would find it if they were not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.template import check_definitions
from tests.template.check_definitions import findings
from tests.template.definition import Definition, definitions
from tests.template.rules import THROTTLED

Break = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def deliver() -> Definition:
    return definitions()["statemachines/deliver.asl.json"]


@pytest.mark.parametrize("path", definitions())
def test_nothing_is_wrong_with(path: str) -> None:
    assert list(findings(definitions()[path])) == []


def _set(state: str, path: str, value: Any) -> Break:
    """Set a field of a state; None takes it away."""

    def change(states: dict[str, Any]) -> None:
        *parents, last = path.split("/")
        at: Any = states[state]
        for part in parents:
            at = at[int(part) if isinstance(at, list) else part]
        key: Any = int(last) if isinstance(at, list) else last
        if value is None:
            del at[key]
        else:
            at[key] = value

    return change


def _no_entry_to(state: str) -> Break:
    def change(states: dict[str, Any]) -> None:
        for other in states.values():
            if other.get("Next") == state:
                other["Next"] = states[state]["Next"]

    return change


BROKEN: dict[str, tuple[Break, str]] = {
    "Next names no state": (_set("LoadConfig", "Next", "Nowhere"), "there is no state Nowhere"),
    "a state is never reached": (_no_entry_to("ReleaseLock"), "ReleaseLock is never reached"),
    "the type is misspelt": (_set("LoadConfig", "Type", "Tusk"), "moto: "),
    "a field is misspelt": (_set("LoadConfig", "Nxt", "AcquireLock"), "cfn-lint: E3601"),
    "a field of the wrong type": (_set("WaitForRun", "Seconds", "soon"), "statelint: "),
    "a state has no comment": (_set("Begin", "Comment", None), "Begin has no Comment"),
    "a task has no timeout": (_set("CheckRun", "TimeoutSeconds", None), "CheckRun has no TimeoutSeconds"),
    "a task retries nothing": (_set("StartRun", "Retry", []), "StartRun does not retry"),
    "a task gives up when it is throttled": (_set("StartRun", "Retry/1", None), "StartRun does not retry"),
    "a task forgets the platform's errors": (_set("StartRun", "Retry/2", None), "StartRun does not retry"),
    "a retry without jitter": (
        _set("StartRun", "Retry/0/JitterStrategy", None),
        "StartRun retries TransientError without",
    ),
    "a task catches nothing": (_set("PlanChanges", "Catch", None), "PlanChanges does not catch States.ALL"),
    "the failure path misses the lock": (
        _set("PlanChanges", "Catch/0/Next", "Failed"),
        "PlanChanges does not catch States.ALL and go on to HandleFailure",
    ),
    "a failure under another step's name": (
        _set("PlanChanges", "Catch/0/Assign/failure/step", "load_config"),
        "PlanChanges calls itself load_config",
    ),
    "JSONata that does not parse": (
        _set("PlanChanges", "Assign/plan", "{% $append($resources, %}"),
        "jsonata: PlanChanges.Assign.plan",
    ),
    "a variable nobody assigns": (
        _set("PlanChanges", "Arguments/Payload/delivery", "{% $delivry %}"),
        "PlanChanges.Arguments.Payload.delivery: $delivry is assigned nowhere",
    ),
    "a function Step Functions lacks": (
        _set("PlanChanges", "Assign/plan", "{% $eval('1') %}"),
        "PlanChanges.Assign.plan: $eval is assigned nowhere",
    ),
    "a result before there is one": (
        _set("PlanChanges", "Arguments/Payload/delivery", "{% $states.result.Payload %}"),
        "there is no $states.result here",
    ),
    "an error outside of Catch": (
        _set("PlanChanges", "Assign/plan", "{% $states.errorOutput %}"),
        "there is no $states.errorOutput here",
    ),
    "a payload field too many": (
        _set("AcquireLock", "Arguments/Payload/colour", "red"),
        "AcquireLock passes colour, which AcquireLock does not have",
    ),
    "a payload field missing": (
        _set("AcquireLock", "Arguments/Payload/delivery", None),
        "AcquireLock does not pass delivery, which AcquireLock requires",
    ),
    "a result field that is none": (
        _set("VerifyDelivery", "Assign/report", "{% $states.result.Payload.raport %}"),
        "VerifyDelivery reads raport of its result, which Verified does not have",
    ),
    "a placeholder nobody fills": (
        _set("AcquireLock", "Arguments/FunctionName", "${AcquireLocksFunctionArn}"),
        "${AcquireLocksFunctionArn} is not in DefinitionSubstitutions",
    ),
    "a function that is none": (
        _set("AcquireLock", "Arguments/FunctionName", "${TakeLockFunctionArn}"),
        "AcquireLock calls take_lock, for which there is no folder",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_it_finds_that(what: str, deliver: Definition) -> None:
    change, expected = BROKEN[what]
    document = json.loads(deliver.text)
    change(document["States"])
    found = []
    for finding in findings(Definition(json.dumps(document), deliver.substitutions)):
        found.append(finding)
        if expected in finding:
            return
    pytest.fail(f"{expected!r} is not in {found}")


def _patience(rule: dict[str, Any]) -> float:
    """How long a rule retries at most on average, in seconds: each wait is random between nothing and its delay."""
    delays = [rule["IntervalSeconds"] * rule["BackoffRate"] ** attempt for attempt in range(rule["MaxAttempts"])]
    return float(sum(min(delay, rule["MaxDelaySeconds"]) for delay in delays)) / 2


def _retries(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield from value.get("Retry", ())
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _retries(each)


@pytest.mark.parametrize("path", definitions())
def test_a_step_outwaits_functions_that_run_for_a_quarter_of_an_hour(path: str) -> None:
    """In a new account ten functions run at a time, and one may take fifteen minutes."""
    throttled = [rule for rule in _retries(definitions()[path].document) if rule["ErrorEquals"] == [THROTTLED]]
    assert throttled
    assert min(map(_patience, throttled)) >= 2 * 900


def test_it_finds_a_substitution_that_is_not_used(deliver: Definition) -> None:
    found = findings(Definition(deliver.text, {**deliver.substitutions, "Extra": "x"}))
    assert list(found) == ["DefinitionSubstitutions has Extra, which the definition does not use"]


def test_it_exits_with_a_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], deliver: Definition
) -> None:
    monkeypatch.setattr(check_definitions, "definitions", lambda: {"a.asl.json": deliver})
    monkeypatch.setattr(check_definitions, "CHECKS", (lambda _: iter(["it is Monday"]),))
    assert check_definitions.main() == 1
    assert capsys.readouterr().out == "a.asl.json: it is Monday\n"
    monkeypatch.setattr(check_definitions, "CHECKS", ())
    assert check_definitions.main() == 0
