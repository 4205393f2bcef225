from __future__ import annotations

import io

import pytest
from rich.console import Console

from aep_delivery.cli.busy import Busy
from aep_delivery.cli.screen import Screen


def _console(**options):
    return Console(file=io.StringIO(), width=100, legacy_windows=False, **options)


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return _console(force_terminal=True)


def test_a_terminal_sees_what_goes_on_and_how_far_and_nothing_stays(terminal):
    with Busy(terminal, "[b]Applying", 2, wanted=True) as busy:
        busy.advance()
        busy.tell("Nearly\x1b[31m there")
        with busy.paused():
            terminal.print("a line between")
    written = terminal.file.getvalue()
    assert "[b]Applying" in written
    assert "1/2" in written
    assert "\x1b[31m there" not in written
    assert written.count("a line between") == 1
    assert written.endswith("\x1b[2K"), "the last thing is that its line is cleared"
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h"), "the cursor is there again"


def test_the_cursor_comes_back_after_an_interruption(terminal):
    with pytest.raises(KeyboardInterrupt), Busy(terminal, "Working", None, wanted=True):
        raise KeyboardInterrupt
    assert "\x1b[?25h" in terminal.file.getvalue()


@pytest.mark.parametrize(
    ("options", "wanted", "term"),
    [
        ({}, True, "xterm"),
        ({"force_terminal": True}, False, "xterm"),
        ({"force_terminal": True}, True, "dumb"),
    ],
)
def test_nothing_at_all_where_no_terminal_is_or_wants_it(monkeypatch, options, wanted, term):
    monkeypatch.setenv("TERM", term)
    console = _console(**options)
    with Busy(console, "Working", 3, wanted=wanted) as busy, busy.paused():
        busy.advance()
        busy.tell("Still")
    assert console.file.getvalue() == ""


def test_no_color_leaves_the_movement_and_takes_the_colours(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    console = _console(force_terminal=True)
    with Busy(console, "Working", 3, wanted=True) as busy:
        busy.advance()
    written = console.file.getvalue()
    assert "Working" in written
    assert "\x1b[3" not in written


def test_on_the_screen_it_is_over_after_an_error(capsys):
    screen = Screen(as_json=False)
    with pytest.raises(ZeroDivisionError), screen.busy("Working"):
        raise ZeroDivisionError
    screen.text("after")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("after\n", "")
