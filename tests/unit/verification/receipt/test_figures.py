from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.verification.receipt import figures


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (1000, "1,000"), (336776, "336,776"), (-1234567, "-1,234,567")],
)
def test_counts_have_commas_as_findings_have(number: int, text: str) -> None:
    assert figures.count(number) == text


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0.0, "±0%"), (0.004, "±0%"), (-0.004, "±0%"), (0.123, "+12%"), (-1, "−100%"), (15.5, "+1,550%")],  # noqa: RUF001 - a real minus
)
def test_changes_are_told_in_whole_percent(fraction: float, text: str) -> None:
    assert figures.percent(fraction) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (102_348, "99.9 KiB"),
        (500_000, "488 KiB"),
        (1024**2 - 1, "1.0 MiB"),
        (1024**2, "1 MiB"),
        (15_641_418, "14.9 MiB"),
        (3 * 1024**4, "3 TiB"),
        (5000 * 1024**5, "5,000 PiB"),
    ],
)
def test_sizes_are_in_binary_units(number: int, text: str) -> None:
    assert figures.size(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0.0 s"),
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (59.7, "1 min"),
        (252, "4 min 12 s"),
        (11100, "3 h 5 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float, text: str) -> None:
    assert figures.duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(("number", "text"), [(3, "+3"), (-3, "\N{MINUS SIGN}3"), (0, "0")])
def test_differences_carry_their_sign(number: int, text: str) -> None:
    assert figures.signed(number) == text


@pytest.mark.parametrize(("number", "text"), [(1, "1 file"), (0, "0 files"), (2, "2 files")])
def test_one_is_singular(number: int, text: str) -> None:
    assert figures.plural(number, "file") == text


@pytest.mark.parametrize(
    ("key", "folder", "seen"),
    [
        ("a/b/part-0", "a/b", "part-0"),
        ("a/b/part-0", "a/b/", "part-0"),
        ("a/b2/part-0", "a/b", "a/b2/part-0"),
        ("a/b/part-0", "a/b, a/c", "a/b/part-0"),
    ],
)
def test_keys_are_told_from_their_folder(key: str, folder: str, seen: str) -> None:
    assert figures.within(key, folder) == seen


def test_times_are_told_in_utc() -> None:
    when = datetime(2027, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert figures.moment(when) == "2026-12-31 23:30:00 UTC"
    assert figures.iso(when) == "2026-12-31T23:30:00Z"
    assert datetime.fromisoformat(figures.iso(when)) == when.astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a⟨U+001B⟩[31mb"),
        ("invoice\u202efdp.exe", "invoice⟨U+202E⟩fdp.exe"),
        ("two\nlines", "two⟨U+000A⟩lines"),
        ("\u05e8\u05db\u05d1\u05ea", "\u05e8\u05db\u05d1\u05ea"),
        ("\u0645\u06cc\u200c\u062e\u0648", "\u0645\u06cc\u200c\u062e\u0648"),
        ("zero\u200bwidth", "zero⟨U+200B⟩width"),
    ],
)
def test_characters_that_act_are_spelled_out(text: str, shown: str) -> None:
    assert figures.visible(text) == shown


@given(st.text())
def test_nothing_that_acts_is_left(text: str) -> None:
    shown = figures.visible(text)
    assert not {char for char in shown if char < " " or "\x7f" <= char <= "\x9f" or "\u202a" <= char <= "\u202e"}
    assert figures.visible(shown) == shown
