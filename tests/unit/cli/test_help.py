"""The help teaches by examples that are true, and says how each command ends."""

from __future__ import annotations

import inspect
import re
import shlex
from pathlib import Path

import pytest
import typer

from aep_delivery.cli import main
from aep_delivery.cli.main import app

PROGRAM = typer.main.get_command(app)
PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "cli.md").read_text()
COLUMNS = 76
"""Of a line in a terminal of 80, after the help's own indent."""
SHELL = {"|", ">", "<", "&&", ";", "||"}


def _section(text, heading):
    found = re.search(rf"^{heading}:\n((?:  .*\n?)+)", inspect.cleandoc(text), re.MULTILINE)
    return [line[2:] for line in found[1].splitlines()] if found else []


def _help(name):
    return next(command for command in app.registered_commands if command.name == name).callback.__doc__


def _examples():
    for name in PROGRAM.commands:
        for line in _section(_help(name), "Examples"):
            yield pytest.param(name, line, id=line)
    for line in _section(main._start.__doc__, "A first tour"):
        example = re.split(r"  +", line)[0]
        yield pytest.param(shlex.split(example)[1], example, id=f"tour: {example}")


def _calls(line):
    """The calls of the program in one line for a shell."""
    call = []
    for word in [*shlex.split(line), ";"]:
        if word not in SHELL:
            call.append(word)
            continue
        if call[:1] == ["aep-delivery"]:
            yield call[1:]
        call = []


@pytest.mark.parametrize(("name", "line"), list(_examples()))
def test_every_example_is_understood_and_fits_into_a_terminal(name, line):
    # What `check` shows are paths, and those of object storage are long.
    assert len(line) <= COLUMNS or name == "check"
    calls = [*_calls(line)]
    assert calls
    for command, *arguments in calls:
        assert command in PROGRAM.commands
        with PROGRAM.commands[command].make_context(command, arguments) as context:
            assert not context.args


def test_an_example_that_is_not_understood_would_be_seen():
    with pytest.raises(typer.TyperException):
        PROGRAM.commands["validate"].make_context("validate", ["--nope"])


@pytest.mark.parametrize("name", list(PROGRAM.commands))
def test_every_command_has_two_to_four_examples_at_the_end(name):
    assert 2 <= len(_section(_help(name), "Examples")) <= 4
    assert inspect.cleandoc(_help(name)).rpartition("\n\n")[2].startswith("Examples:")


@pytest.mark.parametrize("name", list(PROGRAM.commands))
def test_exit_codes_of_the_help_are_those_of_the_reference(name):
    said = [line.split()[0] for line in _section(_help(name), "Exit codes")]
    row = re.search(rf"^\| `{name}` \| ([\d, ]+) \|$", PAGE, re.MULTILINE)
    assert row
    assert said == row[1].split(", ")


@pytest.mark.parametrize("name", list(PROGRAM.commands))
def test_no_option_shows_the_name_of_a_python_type(name):
    with PROGRAM.commands[name].make_context(name, [], resilient_parsing=True) as context:
        usage, shown = context.command.get_usage(context), context.command.get_help(context)
    assert "[[" not in usage
    assert "<bool>" not in shown


@pytest.mark.parametrize("name", ["check", "verify"])
def test_the_help_of_files_names_every_kind_of_place_and_a_tab_as_it_is_typed(name):
    with PROGRAM.commands[name].make_context(name, [], resilient_parsing=True) as context:
        options = {option.name: option.help for option in context.command.params}
    places = options["paths" if name == "check" else "targets"]
    assert all(scheme in places for scheme in ("s3://", "gs://", "sftp://", "azure://", "https://"))
    assert r"; \t is a tab" in options["delimiter"]
