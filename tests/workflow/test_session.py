"""The terminal session of the documentation, word for word, against what ``make cloud`` starts."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.docs.pages import all_samples

pytestmark = pytest.mark.workflow

ROOT = Path(__file__).parents[2]
SECONDS = 150
_END = "\x1e"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PASSING = re.compile(r"\d{4}-\d\d-\d\d|cli-[\w-]+-[0-9a-f]{12}")
_OMITTED = "…"


@contextmanager
def _running(*command: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A program with pipes, in a process group of its own, that is ended with the context, or when its time is up."""
    process = subprocess.Popen(  # noqa: S603 - our own programs
        command,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    too_long = threading.Timer(SECONDS, os.killpg, (process.pid, signal.SIGKILL))
    too_long.start()
    try:
        yield process
    finally:
        too_long.cancel()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@pytest.fixture
def exports() -> Iterator[str]:
    """What ``make cloud`` says to paste into another terminal."""
    with _running(sys.executable, "-m", "demo", "--keep", PYTHONPATH="shared:.", PYTHONUNBUFFERED="1") as cloud:
        assert cloud.stdout is not None
        said = []
        for line in cloud.stdout:
            said.append(line)
            if line.startswith("Ctrl-C here ends it"):
                break
        else:
            pytest.fail("".join(said))
        yield "".join(line for line in said if line.startswith("export "))


class Terminal:
    """A shell that is given one line after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def type(self, line: str) -> list[str]:
        """The lines that the command printed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n_code=$?; printf '{_END}\\n'; (exit $_code)\n")
        self._process.stdin.flush()
        printed: list[str] = []
        for text in self._process.stdout:
            if text == f"{_END}\n":
                return printed
            printed.append(text.rstrip("\n"))
        raise AssertionError(f"the shell ended at {line}: {printed}")


def _session() -> list[tuple[str, list[str]]]:
    """Each command of the session, with what it prints."""
    steps: list[tuple[str, list[str]]] = []
    for sample in all_samples("session"):
        assert sample.page == "docs/how-to/keep-adobe-as-declared.md"
        for line in sample.text.splitlines():
            if line.startswith("$ "):
                steps.append((line.removeprefix("$ "), []))
            else:
                steps[-1][1].append(line)
    return steps


def _as_pattern(lines: list[str]) -> re.Pattern[str]:
    """What may be printed: any id where there is one, any lines where the page omits some."""
    pattern = ""
    for line in lines:
        if line == _OMITTED:
            pattern += r"(?:.*\n)*?"
            continue
        neutral = _PASSING.sub("\0passing\0", _ID.sub("\0id\0", line))
        pattern += re.escape(neutral).replace("\0id\0", f"({_ID.pattern})") + r"\n"
        pattern = pattern.replace("\0passing\0", f"(?:{_PASSING.pattern})")
    return re.compile(pattern)


def _ids(lines: list[str]) -> list[str]:
    return _ID.findall("\n".join(lines))


def test_the_session_goes_from_plan_to_remove() -> None:
    commands = [command.removeprefix("bin/aep-delivery ") for command, _ in _session()]
    assert [command.split()[0] for command in commands] == [
        *("plan", "apply", "plan"),
        *("curl", "drift", "echo", "drift", "plan"),
        "remove",
    ]
    assert "--repair" in commands[6]


def test_the_session_prints_what_the_page_shows(exports: str) -> None:
    known: dict[str, str] = {}
    with _running("bash", "--norc") as process:
        terminal = Terminal(process)
        for line in exports.splitlines():
            terminal.type(line)
        for command, expected in _session():
            printed = terminal.type(_ID.sub(lambda found: known[found[0]], command))
            matched = _as_pattern(expected).fullmatch("".join(f"{line}\n" for line in printed))
            assert matched, "\n".join([f"$ {command}", *printed])
            for told, real in zip(_ids(expected), matched.groups(), strict=True):
                assert known.setdefault(told, real) == real, f"{command}: {told} was another one before"
    assert len({*known.values()}) == len(known) == 4
