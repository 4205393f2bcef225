"""A workflow definition as the checks see it: states, expressions, and what the template puts in for placeholders."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_EXPRESSION = re.compile(r"\{%(.*)%\}", re.DOTALL)


@dataclass(frozen=True)
class Expression:
    """One JSONata expression and where it stands."""

    place: str
    state: str
    text: str


@dataclass(frozen=True)
class Definition:
    """One definition and the substitutions that the template gives it.

    Attributes:
        text: The definition as it lies in its file.
        substitutions: ``DefinitionSubstitutions`` of the template.
    """

    text: str
    substitutions: dict[str, Any]

    @cached_property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.text)
        return document

    @property
    def states(self) -> dict[str, dict[str, Any]]:
        states: dict[str, dict[str, Any]] = self.document["States"]
        return states

    @property
    def tasks(self) -> dict[str, dict[str, Any]]:
        return {name: state for name, state in self.states.items() if state["Type"] == "Task"}

    @cached_property
    def placeholders(self) -> set[str]:
        return set(_PLACEHOLDER.findall(self.text))

    @cached_property
    def deployed(self) -> str:
        """The definition as Step Functions gets it, as far as parsers care: a placeholder is an ARN or a number."""
        return _PLACEHOLDER.sub(_some_value, self.text)

    def expressions(self) -> Iterator[Expression]:
        for name, state in self.states.items():
            for place, text in _texts(state, name):
                if match := _EXPRESSION.fullmatch(_PLACEHOLDER.sub(_some_value, text)):
                    yield Expression(place, name, match[1].strip())

    def step_of(self, state: str) -> str:
        """The folder of the function that a Task calls: ``LoadConfigFunctionArn`` means ``load_config``."""
        return self.step_called(self.states[state])

    @staticmethod
    def step_called(task: dict[str, Any]) -> str:
        """The same of a Task itself, wherever it stands."""
        name = task["Arguments"]["FunctionName"].removeprefix("${").removesuffix("FunctionArn}")
        return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _some_value(placeholder: re.Match[str]) -> str:
    return "arn:aws:lambda:us-east-1:123456789012:function:x" if placeholder[1].endswith("Arn") else "7"


def successors(state: dict[str, Any]) -> list[str]:
    """The states that may follow a state."""
    found = [state.get("Next"), state.get("Default")]
    found += [rule.get("Next") for rule in (*state.get("Choices", ()), *state.get("Catch", ()))]
    return [name for name in found if name is not None]


def load_template() -> dict[str, Any]:
    """``template.yaml``, its short forms of functions written out."""
    template: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
    return template


def definitions() -> dict[str, Definition]:
    """All definitions of the template, by path."""
    machines = [r for r in load_template()["Resources"].values() if r["Type"] == "AWS::Serverless::StateMachine"]
    return {
        machine["Properties"]["DefinitionUri"]: Definition(
            (ROOT / machine["Properties"]["DefinitionUri"]).read_text(),
            machine["Properties"]["DefinitionSubstitutions"],
        )
        for machine in machines
    }


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, f"{place}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{place}[{index}]")
