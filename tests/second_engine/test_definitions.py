"""No definition depends on what the engines do differently: what is read and written in the same breath."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.cloud.engine import ROOT

DEFINITIONS = sorted((ROOT / "statemachines").glob("*.asl.json"))
_VARIABLE = re.compile(r"\$(\w+)")
_FUNCTIONS = frozenset({"hash", "uuid", "random", "parse", "partition", "range"})


def states(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """All states with their names, those inside Maps too."""
    for name, state in machine["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"])


def named(value: object) -> set[str]:
    """The variables and functions that the expressions in a value name."""
    return set(_VARIABLE.findall(json.dumps(value)))


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.name)
def test_nothing_is_read_after_it_was_assigned_in_the_same_state(path: Path) -> None:
    for name, state in states(json.loads(path.read_text())):
        for block in (state, *state.get("Catch", [])):
            assigned: set[str] = set()
            for variable, value in block.get("Assign", {}).items():
                assert not named(value) & assigned, f"{name}: {variable}"
                assigned.add(variable)
            assert not named(block.get("Output")) & assigned, f"{name}: Output"


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.name)
def test_a_map_names_no_variable_of_its_parent_and_no_function_is_missing(path: Path) -> None:
    for name, state in states(json.loads(path.read_text())):
        assert not named(state) & _FUNCTIONS, name
        if "ItemProcessor" in state:
            inner = dict(states(state["ItemProcessor"]))
            own = {variable for one in inner.values() for variable in one.get("Assign", {})}
            known = own | {"states", "append", "now", "substring", "join", "count", "exists", "string"}
            assert named(inner) <= known, f"{name}: {named(inner) - known}"
