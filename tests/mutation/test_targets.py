"""What is mutated is there, and so is what guards it: a name that went would be noticed only by the long run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.mutation.survivors import explanations
from tests.mutation.targets import TARGETS, Target

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "shared/aep_delivery"


def functions(module: str) -> Iterator[str]:
    """``planning.diff.changed_fields``, and methods behind their class."""
    name = module.replace("/", ".")
    for node in ast.parse((PACKAGE / f"{module}.py").read_text()).body:
        if isinstance(node, ast.FunctionDef):
            yield f"{name}.{node.name}"
        elif isinstance(node, ast.ClassDef):
            yield from (f"{name}.{node.name}.{one.name}" for one in node.body if isinstance(one, ast.FunctionDef))


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_modules_and_tests_are_there(target: Target) -> None:
    assert [module for module in target.modules if not (PACKAGE / f"{module}.py").is_file()] == []
    assert [test for test in target.tests if not (ROOT / "tests" / test).is_file()] == []


def test_what_is_explained_is_mutated() -> None:
    mutated = [name for target in TARGETS for module in target.modules for name in functions(module)]

    for one in explanations():
        assert [name for name in mutated if fnmatchcase(name, one.where)], one.where
        assert re.compile(one.change)
        assert one.why
