"""What is written where no terminal is, or where nobody wants colours, is plain text."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aep_delivery.cli.main import app

SHARED = Path(__file__).parents[3] / "shared"
NAMES = [command.name for command in app.registered_commands]
COLOUR = re.compile(r"\x1b\[(?:\d+;)*[349]\d")
"""Bold stays: NO_COLOR asks for no colours."""
CALLS = [["validate", "nowhere.yaml"], ["init", "x.yaml"], ["doctor", "--nope"], ["runs"]]


def _environment(**more):
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(SHARED), "TERM": "xterm-256color", **more}


def _in_a_terminal(arguments, folder, **environment):
    """Standard output and error of a call whose terminal is a real one."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "aep_delivery.cli", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env=_environment(**environment),
    ) as called:
        os.close(theirs)
        text = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # Linux: the other side is closed.
                break
            if not part:
                break
            text += part
        called.wait(timeout=60)
    os.close(ours)
    return text.decode()


@pytest.mark.parametrize("name", NAMES)
def test_help_is_plain(offline, name):
    assert "\x1b" not in offline(name, "--help").output


@pytest.mark.parametrize("arguments", CALLS, ids=" ".join)
def test_errors_are_plain(offline, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    result = offline(*arguments)
    assert result.exit_code == 1
    assert "\x1b" not in result.output


def test_a_terminal_has_colours_unless_no_color_is_set(tmp_path):
    assert COLOUR.search(_in_a_terminal(["init", "x.json"], tmp_path))
    assert not COLOUR.search(_in_a_terminal(["init", "x.json"], tmp_path, NO_COLOR="1"))
