"""Every numbered case of Adobe's rules for destinations and audiences is tested under its number.

Only tests of the product count, not those that try whether the emulated Adobe refuses what Adobe does.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
CASES = {
    24: "every destination of the first generation has the tutorials' bodies",
    25: "the six storages of the current generation have the tutorials' bodies for datasets",
    27: "impossible access keys are refused before any call, and not shown",
    28: "a role is sent as Assumed Role; a role and keys are refused",
    29: "CSV without options is sent with all of them",
    30: "options of CSV with JSON, two file types, and unknown delimiters are refused",
    31: "datasets as JSON without compression only where insisted on",
    32: "a container has no bucketName, nor has ADLS",
    33: "names of containers",
    34: "paths, and the macros at their end",
    35: "plain SFTP of the first generation goes without format",
    37: "rotating credentials replaces all of them, with one operation",
    38: "a connection test with the result false is a failure",
    39: "a flow specification of the other kind stops everything before the dataflow",
    40: "a single full export at an hour, without an end",
    41: "a single export with an end is refused",
    43: "first full, then incremental every six hours",
    44: "weekly increments and full exports every three hours are refused",
    45: "monthly exports: not after segmentation, not at ADLS, with a warning at the first generation",
    46: "exports start at full hours, written with two digits",
    47: "a start in the past or less than an hour ahead is refused",
    49: "file names of the first generation name destination and audience; without a time there is a warning",
    50: "two times in a file name, 256 characters and unknown macros are refused",
    52: "an audience that changes is replaced whole, all others have no operation",
    53: "what Adobe adds is no difference: no patch",
    54: "more than 250 audiences or 50 attributes bring a warning",
    55: "deduplication keys: one namespace, or up to two attributes",
    56: "an audience without a name is the same audience",
    57: "12,000,000 rows are three files, the second called _2",
}
NUMBER = re.compile(r"(?:^|[^a-z0-9])t(\d\d)(?![a-z0-9])", re.IGNORECASE)


def product_modules() -> Iterator[Path]:
    """Those of the product; this module's own text is no test of anything."""
    for path in sorted(TESTS.rglob("test_*.py")):
        if "emulator" not in path.relative_to(TESTS).as_posix() and path != Path(__file__):
            yield path


def names(module: Path) -> Iterator[str]:
    """Names of tests, and ids of their parameters."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name
            for decorator in node.decorator_list:
                yield from parameter_ids(decorator)


def parameter_ids(decorator: ast.expr) -> Iterator[str]:
    for node in ast.walk(decorator):
        if isinstance(node, ast.keyword) and node.arg in ("id", "ids"):
            yield from (
                part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


@functools.cache
def numbers() -> dict[int, set[str]]:
    """Where each number is found."""
    found: dict[int, set[str]] = {}
    named = [(module.name, name) for module in product_modules() for name in names(module)]
    # Each of these configs is a test of test_bad_configs, by its name.
    named += [("bad config", path.stem) for path in (TESTS / "unit" / "config" / "bad").glob("*.yaml")]
    for where, name in named:
        for number in NUMBER.findall(name):
            found.setdefault(int(number), set()).add(f"{where}: {name}")
    return found


@pytest.mark.parametrize(("number", "rule"), CASES.items(), ids=[f"case {number}" for number in CASES])
def test_a_case_is_tested_under_its_number(number: int, rule: str) -> None:
    assert numbers().get(number), f"no test has t{number} in its name: {rule}"
