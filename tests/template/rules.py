"""Our own rules for workflow definitions: what no parser knows, or what we promise."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from typing import Any, get_type_hints

from jsonata.jsonata import Jsonata
from pydantic import BaseModel

from tests.template.definition import ROOT, Definition, Expression, successors

FAILURE_STATE = "HandleFailure"
THROTTLED = "Lambda.TooManyRequestsException"
"""The account runs as many functions as it may. What runs must end first, so this alone is retried for half an hour."""
# AWS: "Handle Lambda service exceptions".
PLATFORM_ERRORS = {
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "States.Timeout",
}
RETRIED = [{"TransientError"}, {THROTTLED}, PLATFORM_ERRORS]
# Functions that Step Functions adds to JSONata (AWS: "JSONata functions provided by Step Functions"); $eval it lacks.
_ADDED = {"partition", "range", "hash", "random", "uuid", "parse"}
_BUILTIN = (set(Jsonata.static_frame.bindings) | _ADDED | {"states"}) - {"eval"}
_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)")
_STATES = re.compile(r"\$states\.(\w+)")
_RESULT_FIELD = re.compile(r"\$states\.result\.Payload\.(\w+)")


def every_state_has_a_comment(definition: Definition) -> Iterator[str]:
    for name, state in definition.states.items():
        if not state.get("Comment"):
            yield f"{name} has no Comment"


def every_state_is_reached(definition: Definition) -> Iterator[str]:
    reached, open_ends = set(), [definition.document["StartAt"]]
    while open_ends:
        name = open_ends.pop()
        if name not in definition.states:
            yield f"there is no state {name}"
        elif name not in reached:
            reached.add(name)
            open_ends += successors(definition.states[name])
    for name in sorted(set(definition.states) - reached):
        yield f"{name} is never reached"


def every_placeholder_is_substituted(definition: Definition) -> Iterator[str]:
    for name in sorted(definition.placeholders - set(definition.substitutions)):
        yield f"${{{name}}} is not in DefinitionSubstitutions"
    for name in sorted(set(definition.substitutions) - definition.placeholders):
        yield f"DefinitionSubstitutions has {name}, which the definition does not use"


def every_task_is_guarded(definition: Definition) -> Iterator[str]:
    for name, state in definition.tasks.items():
        if not isinstance(state.get("TimeoutSeconds"), int):
            yield f"{name} has no TimeoutSeconds"
        retried = [set(rule["ErrorEquals"]) for rule in state.get("Retry", ())]
        if retried != RETRIED:
            yield f"{name} does not retry the standard errors, TransientError first"
        for rule in state.get("Retry", ()):
            if rule.get("MaxDelaySeconds") is None or rule.get("JitterStrategy") is None:
                yield f"{name} retries {rule['ErrorEquals'][0]} without MaxDelaySeconds and JitterStrategy"
        caught = [(rule["ErrorEquals"], rule["Next"]) for rule in state.get("Catch", ())]
        wanted = "Failed" if name == FAILURE_STATE else FAILURE_STATE
        if caught != [(["States.ALL"], wanted)]:
            yield f"{name} does not catch States.ALL and go on to {wanted}"


def every_task_names_itself(definition: Definition) -> Iterator[str]:
    """What a step writes into the timeline and into the failure is the step's own name."""
    for name, state in definition.tasks.items():
        step = definition.step_of(name)
        texts = json.dumps([state.get("Assign", {}), state.get("Catch", [])])
        named = set(re.findall(r"'step': '(\w+)'", texts)) | set(re.findall(r'"step": "(\w+)"', texts))
        if named - {step}:
            yield f"{name} calls itself {', '.join(sorted(named - {step}))} instead of {step}"


def every_variable_is_assigned(definition: Definition) -> Iterator[str]:
    assigned = {variable for state in definition.states.values() for variable in _assigned(state)}
    for expression in definition.expressions():
        for variable in _VARIABLE.findall(_TEXT.sub("", expression.text)):
            if variable not in assigned | _BUILTIN:
                yield f"{expression.place}: ${variable} is assigned nowhere"


def every_states_field_exists(definition: Definition) -> Iterator[str]:
    """``$states.result`` is for the end of a task, ``$states.errorOutput`` for its Catch."""
    for expression in definition.expressions():
        for field in _STATES.findall(_TEXT.sub("", expression.text)):
            if field not in _fields_at(definition, expression):
                yield f"{expression.place}: there is no $states.{field} here"


def every_payload_fits_its_step(definition: Definition) -> Iterator[str]:
    for name, state in definition.tasks.items():
        step = definition.step_of(name)
        if not (ROOT / "functions" / step).is_dir():
            yield f"{name} calls {step}, for which there is no folder in functions/"
            continue
        message, result = models(step)
        given = set(state["Arguments"]["Payload"])
        for field in sorted(given - set(wire_names(message))):
            yield f"{name} passes {field}, which {message.__name__} does not have"
        for field in sorted({wire for wire, required in wire_names(message).items() if required} - given):
            yield f"{name} does not pass {field}, which {message.__name__} requires"
        for field in sorted(set(_RESULT_FIELD.findall(json.dumps(state))) - set(wire_names(result))):
            yield f"{name} reads {field} of its result, which {result.__name__} does not have"


def _assigned(state: dict[str, Any]) -> Iterator[str]:
    for block in (state, *state.get("Catch", ()), *state.get("Choices", ())):
        yield from block.get("Assign", {})


def _fields_at(definition: Definition, expression: Expression) -> set[str]:
    fields = {"input", "context"}
    if ".Catch[" in expression.place:
        return fields | {"errorOutput"}
    if definition.states[expression.state]["Type"] in ("Task", "Map") and ".Arguments" not in expression.place:
        return fields | {"result"}
    return fields


def models(step: str) -> tuple[type[BaseModel], type[BaseModel]]:
    """The models of a step's input and output, as its handler declares them."""
    path = ROOT / "functions" / step / "handler.py"
    spec = importlib.util.spec_from_file_location(f"handler_of_{step}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    hints = get_type_hints(module.handler.__wrapped__)
    return hints["message"], hints["return"]


def wire_names(model: type[BaseModel]) -> dict[str, bool]:
    """The fields as they travel, and whether each is required."""
    return {field.alias or name: field.is_required() for name, field in model.model_fields.items()}
