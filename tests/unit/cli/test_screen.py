from __future__ import annotations

import io
import json
import sys

import pytest

from aep_delivery.cli.screen import Screen
from aep_delivery.runtime.errors import UserError
from aep_delivery.runtime.log import logger


def test_json_is_one_document_and_nothing_else(capsys):
    screen = Screen(as_json=True)
    with screen.busy("working"):
        screen.text("text")
        screen.note("note")
        screen.table(["A"], [["b"]])
    screen.document({"a": "ü"})
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"a": "ü"}
    assert captured.err == ""


def test_text_is_not_wrapped_and_not_taken_for_markup(capsys):
    line = "[bold]" + "x" * 300 + "[/] :smile:"
    Screen(as_json=False).text(line)
    assert capsys.readouterr().out == line + "\n"


def test_wide_tables_are_not_cut_where_no_terminal_is(capsys):
    Screen(as_json=False).table(["NAME", "END"], [["n" * 120, "end"]])
    assert "n" * 120 + "  end" in capsys.readouterr().out.splitlines()[1]


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "40")


def test_where_a_terminal_is_too_narrow_for_a_table_no_cell_is_cut(capsys, narrow):
    Screen(as_json=False).table(["RUN", "ROWS"], [["r" * 50, "1"], ["s" * 50, "2"]])
    assert capsys.readouterr().out == f"RUN   {'r' * 50}\nROWS  1\n\nRUN   {'s' * 50}\nROWS  2\n"


def test_a_table_that_fits_stays_one(capsys, narrow):
    Screen(as_json=False).table(["RUN", "ROWS"], [["r" * 34, "1"]])
    assert "\x1b[1mRUN" in capsys.readouterr().out


def test_a_locale_without_the_character_spells_it(monkeypatch):
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    screen = Screen(as_json=False)
    screen.text("✓ ü")
    screen.note("✗")
    sys.stdout.flush()
    sys.stderr.flush()
    assert sys.stdout.buffer.getvalue() == b"\\u2713 \\xfc\n"
    assert sys.stderr.buffer.getvalue() == b"\\u2717\n"


def test_json_is_utf_8_whatever_the_locale(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    Screen(as_json=True).document({"a": "ü✓"})
    sys.stdout.flush()
    assert json.loads(sys.stdout.buffer.getvalue().decode("utf-8")) == {"a": "ü✓"}


def test_errors_go_to_standard_error(capsys):
    Screen(as_json=False).error(UserError("Wrong.", code="x.y", hint="Right."))
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Wrong. [x.y]\n  hint: Right.\n")


def test_the_log_never_reaches_standard_output(capsys):
    Screen(as_json=True)
    logger.error("canary")
    captured = capsys.readouterr()
    assert "canary" not in captured.out + captured.err
    Screen(as_json=True, debug=True)
    logger.error("canary")
    captured = capsys.readouterr()
    assert "canary" not in captured.out
    assert "canary" in captured.err


@pytest.mark.parametrize(("variable", "coloured"), [("NO_COLOR", False), ("FORCE_COLOR", True)])
def test_colours_only_where_they_are_wanted(capsys, monkeypatch, variable, coloured):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv(variable, "1")
    Screen(as_json=False).text("text", style="red")
    assert ("\x1b[31m" in capsys.readouterr().out) is coloured
