from __future__ import annotations

import errno
import json
import os
import subprocess
from pathlib import Path

import pytest

from aep_delivery.cli import __main__, connection, main
from aep_delivery.cli.main import app
from aep_delivery.runtime.errors import TransientError

COMMANDS = [command.name for command in app.registered_commands]


def test_alone_it_shows_its_help(offline):
    result = offline()
    assert result.exit_code == 0
    assert all(name in result.stdout for name in COMMANDS)
    assert "130  interrupted" in result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_every_command_has_examples_line_by_line(offline, name):
    result = offline(name, "--help")
    assert result.exit_code == 0
    lines = [line.strip() for line in result.stdout.splitlines()]
    examples = lines[lines.index("Examples") + 1 :]
    assert examples[0].startswith(f"aep-delivery {name}")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_json(offline, name):
    assert "--json" in offline(name, "--help").stdout


def test_the_version(offline):
    assert offline("--version").exit_code == 0


@pytest.mark.parametrize("arguments", [["plan"], ["plan", "x.yaml", "--nope"], ["nope"], ["apply", "a", "b"]])
def test_a_command_line_that_is_not_understood_is_not_taken_for_changes(offline, arguments):
    result = offline(*arguments)
    assert result.exit_code == 1
    assert "[cli.usage]" in result.stderr
    assert "--help" in result.stderr
    code, document = offline.json(*arguments)
    assert (code, document["code"], document["error"]) == (1, "cli.usage", "UserError")


def _fail(error):
    def connect(stack):
        raise error

    return connect


def test_an_error_is_shown_with_code_and_hint(offline, monkeypatch):
    error = TransientError("Adobe is busy.", code="adobe.busy", hint="Come back.", retry_after_seconds=5)
    monkeypatch.setattr(connection, "connect", _fail(error))
    result = offline("status")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Adobe is busy. [adobe.busy]\n  hint: Come back.\n"
    code, document = offline.json("status")
    assert (code, document) == (1, error.document().model_dump(mode="json"))


def test_a_defect_shows_no_stack_trace_and_no_foreign_message(offline, monkeypatch):
    monkeypatch.setattr(connection, "connect", _fail(ZeroDivisionError("canary")))
    result = offline("status")
    assert result.exit_code == 1
    assert "[internal.unexpected]" in result.stderr
    assert "canary" not in result.output
    assert "Traceback" not in result.output


def test_what_the_system_refuses_is_no_defect(offline, monkeypatch):
    monkeypatch.setattr(connection, "connect", _fail(OSError(errno.ENOSPC, "No space left on device", "plan.json")))
    code, document = offline.json("status")
    assert (code, document["code"], document["place"]) == (1, "cli.system", "plan.json")
    assert "No space left on device" in document["message"]


def test_ctrl_c_while_it_is_starting_shows_no_stack_trace(monkeypatch):
    monkeypatch.setattr(main, "run", _fail(KeyboardInterrupt()).__get__("stack"))
    with pytest.raises(SystemExit) as caught:
        __main__.start()
    assert caught.value.code == 130


def test_debug_shows_the_stack_trace(offline, monkeypatch):
    monkeypatch.setattr(connection, "connect", _fail(ZeroDivisionError("canary")))
    result = offline("status", "--debug")
    assert result.exit_code == 1
    assert "Traceback" in result.stderr
    assert result.stdout == ""


def test_an_interruption_has_its_own_exit_code(offline, monkeypatch):
    monkeypatch.setattr(connection, "connect", _fail(KeyboardInterrupt()))
    assert offline.json("status")[0] == 130


def test_no_colour_without_a_terminal(offline, config_file):
    assert "\x1b" not in offline("validate", config_file()).output


def test_it_runs_as_a_module_and_imports_nothing_of_the_folder_it_is_called_in(tmp_path):
    (tmp_path / "typer.py").write_text("raise SystemExit('shadowed')")
    wrapper = Path(__file__).parents[3] / "bin" / "aep-delivery"
    called = subprocess.run(  # noqa: S603 - our own program
        [wrapper, "schema"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert json.loads(called.stdout)["$id"].startswith("urn:aep-delivery")
