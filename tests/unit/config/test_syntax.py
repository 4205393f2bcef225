"""What a person reads for the slips that keep a text from being YAML."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aep_delivery.config.errors import ConfigError
from aep_delivery.config.load import load_config

GOOD = """\
version: 1
name: nyc-flights
sandbox: prod
destination:
  type: sftp
  auth:
    type: sftp-password
    secret: secret://flights-destination
  remotePath: exports
  datasetFileType: PARQUET
  compression: GZIP
datasets:
  - name: events
scheduleParams:
  exportMode: FIRST_FULL_THEN_INCREMENTAL
  interval: 3
  timeUnit: hour
"""


def _said(text: str) -> tuple[str, str, str | None]:
    with pytest.raises(ConfigError) as caught:
        load_config(text.encode(), "c")
    first = caught.value.diagnostics[0]
    return first.place.removeprefix("c:"), first.message, first.hint


def test_the_text_they_are_made_from_is_a_config() -> None:
    assert load_config(GOOD.encode(), "c").name == "nyc-flights"


@pytest.mark.parametrize(
    ("old", "new", "place", "message", "hint"),
    [
        pytest.param(
            "    secret:",
            "   secret:",
            "8:4",
            "this line is indented by 3, its neighbours by 4",
            "Indent it by 4, like line 7.",
            id="a-blank-too-few",
        ),
        pytest.param(
            "  remotePath:",
            " remotePath:",
            "9:2",
            "this line is indented by 1, its neighbours by 2",
            "Indent it by 2, like line 6.",
            id="behind-a-section",
        ),
        pytest.param(
            "  - name: events",
            "  - name: events\n   id: x",
            "14:4",
            "this line is indented by 3, its neighbours by 4",
            "Indent it by 4, like line 13.",
            id="in-an-item",
        ),
        pytest.param(
            "sandbox:",
            "  sandbox:",
            "3:3",
            "is indented deeper than line 2, which has a value already",
            "Take the blanks before it away.",
            id="too-deep-at-the-top",
        ),
        pytest.param(
            "  remotePath: exports",
            "  remotePath: exports # here\n\n    # and\n    more: x",
            "12:5",
            "is indented deeper than line 9, which has a value already",
            "Indent it by 2, like line 9.",
            id="too-deep-in-a-section",
        ),
        pytest.param(
            "destination:",
            "destination",
            "4:1",
            "a ':' is missing after 'destination'",
            "Write `destination: …`.",
            id="no-colon",
        ),
        pytest.param(
            "  timeUnit: hour",
            "  timeUnit",
            "17:3",
            "a ':' is missing after 'timeUnit'",
            "Write `timeUnit: …`.",
            id="no-colon-on-the-last-line",
        ),
        pytest.param(
            "remotePath: exports",
            "remotePath:exports",
            "9:14",
            "a blank is missing after ':'",
            "Write `remotePath: exports`.",
            id="no-blank-after-a-colon",
        ),
        pytest.param(
            "interval: 3",
            "interval:3",
            "16:12",
            "a blank is missing after ':'",
            "Write `interval: 3`.",
            id="no-blank-before-a-number",
        ),
        pytest.param(
            "  - name: events",
            "  -name: events",
            "13:3",
            "a blank is missing after '-'",
            "Write `- ` before each item.",
            id="no-blank-after-the-only-dash",
        ),
        pytest.param(
            "  - name: events",
            "  - name: a\n  -name: events",
            "14:3",
            "a blank is missing after '-'",
            "Write `- ` before the first field of an item.",
            id="no-blank-after-a-dash",
        ),
    ],
)
def test_a_slip_is_told_where_it_is(old: str, new: str, place: str, message: str, hint: str) -> None:
    assert GOOD.count(old) == 1
    assert _said(GOOD.replace(old, new)) == (place, message, hint)


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\n- a: b\n",
        "a: [1\nb: 2\n",
        'a: "x\n  b: 2\n',
        "a: |\n  text\nb: c: d\n",
        "a: some words\n  that go on\n  b: c\n",
    ],
)
def test_what_is_none_of_them_is_told_in_the_words_of_the_parser(text: str) -> None:
    assert _said(text)[1].startswith("cannot be read as YAML: ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("secret: secret://flights-destination", "secret:hunter2"),
        ("secret: secret://flights-destination", "secret:\n      - a\n      hunter2"),
        ("secret: secret://flights-destination", "secret:\n      hunter2:hunter2\n      a: b"),
        ("secret: secret://flights-destination", "password:hunter2"),
    ],
)
def test_a_secret_is_not_shown_with_its_slip(old: str, new: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(GOOD.replace(old, new).encode(), "c")
    assert caught.value.code == "config.syntax"
    assert "hunter2" not in caught.value.document().model_dump_json()


_PIECES = [
    *GOOD.splitlines(keepends=True),
    " ",
    "  ",
    "\n",
    ":",
    "-",
    "- ",
    "#",
    '"',
    "'",
    "|",
    "{",
    "]",
    "\t",
    "?",
    "x",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_no_text_ends_in_anything_but_a_config_or_findings(text: str) -> None:
    with contextlib.suppress(ConfigError):
        load_config(text.encode(), "c")


@settings(deadline=None)
@given(st.integers(0, len(GOOD)), st.sampled_from(["", *_PIECES]), st.integers(0, 3))
def test_no_change_of_a_config_ends_in_anything_else(at: int, put: str, taken: int) -> None:
    with contextlib.suppress(ConfigError):
        load_config((GOOD[:at] + put + GOOD[at + taken :]).encode(), "c")
