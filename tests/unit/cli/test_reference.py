"""The page about the command line names what there is, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from aep_delivery.cli.exits import Exit
from aep_delivery.cli.main import app

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "cli.md").read_text()
PROGRAM = typer.main.get_command(app)


def _table(heading: str) -> list[str]:
    """The first cells of the table under a heading."""
    section = PAGE.split(f"\n{heading}\n", 1)[1].split("\n#", 1)[0]
    first = section.partition("\n|")[2].partition("\n\n")[0]
    return re.findall(r"^\| `?([^`|]+?)`? \|", f"|{first}", re.MULTILINE)[1:]


def test_every_command_is_there_and_no_other():
    assert [row.split()[0] for row in _table("## Commands")] == list(PROGRAM.commands)


@pytest.mark.parametrize("name", list(PROGRAM.commands))
def test_every_option_is_there(name):
    for option in PROGRAM.commands[name].params:
        for spelling in option.opts:
            if spelling.startswith("-"):
                assert re.search(rf"`{spelling}[ `]", PAGE), spelling


def test_every_exit_code_is_there_and_no_other():
    assert [int(row) for row in _table("## Exit codes")] == list(Exit)


def test_every_code_is_there_and_no_other():
    sources = "".join(path.read_text() for path in (ROOT / "shared/aep_delivery/cli").rglob("*.py"))
    own = set(re.findall(r'code="((?:cli|aws)\.[a-z-]+)"', sources))
    assert _table("## Errors") == sorted(own)
