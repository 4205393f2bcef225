"""Commands of the pages exist, with the options that they are given."""

from __future__ import annotations

import itertools
import re
import shlex

import pytest
import typer

from aep_delivery.cli import main
from aep_delivery.verification.report import Verdict
from tests.unit.docs.pages import PAGES, ROOT, Sample, samples

COMMANDS = typer.main.get_command(main.app).commands
CONSOLES = [sample for page in PAGES for sample in samples(page) if sample.language == "console"]
CALL = re.compile(r"^\$ (?:.*[|&] )?(?:bin/)?aep-delivery (.*)$", re.MULTILINE)


def _words(line: str) -> list[str]:
    """The words of one call, up to where another program or a file takes over."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    return list(itertools.takewhile(lambda word: word not in ("|", "&&", ">", ";"), lexer))


@pytest.mark.parametrize("sample", [sample for sample in CONSOLES if CALL.search(sample.text)], ids=str)
def test_a_command_is_known_with_its_options(sample: Sample) -> None:
    for line in CALL.findall(sample.text):
        name, *words = _words(line)
        if name.startswith("-"):
            continue
        assert name in COMMANDS, line
        known = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known, line


def test_every_verdict_that_is_not_good_has_a_section_on_what_to_do() -> None:
    text = (ROOT / "docs/how-to/read-a-mismatch.md").read_text("utf-8")
    told = re.findall(r"^## `(\w+)`$", text, re.MULTILINE)
    assert sorted(told) == sorted([*(str(verdict) for verdict in Verdict if not verdict.is_good), "FAILED"])
