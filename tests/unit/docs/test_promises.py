"""Each promise is kept by tests that exist and run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.unit.docs.pages import ROOT

PAGE = ROOT / "docs" / "promises.md"
PROMISES = re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |^What is)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[(?:`(test_\w+)`|[^]]+)\]\((\S+?\.py)\)")


def _tests(promise: str) -> set[tuple[Path, str]]:
    """The tests that a promise is linked to; a link without a name means the one named before it."""
    found = set()
    name = ""
    for named, path in LINK.findall(promise):
        name = named or name
        found.add(((PAGE.parent / path).resolve(), name))
    return found


def test_there_are_ten_and_each_is_a_sentence_with_a_test() -> None:
    assert [number for number, _ in PROMISES] == [str(number) for number in range(1, 11)]
    for _, promise in PROMISES:
        assert re.match(r"\*\*[A-Z].+\.\*\*\n", promise), promise
        assert _tests(promise), promise


def test_the_tests_are_collected() -> None:
    wanted = {test for _, promise in PROMISES for test in _tests(promise)}
    files = sorted({str(path) for path, _ in wanted})
    listed = subprocess.run(  # noqa: S603 - our own tests
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    collected = {(ROOT / path, name) for path, name in re.findall(r"^(\S+\.py)::(\w+)", listed, re.MULTILINE)}
    assert wanted - collected == set()
