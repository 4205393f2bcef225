from __future__ import annotations

from typing import Any

import pytest

from aep_delivery.verification import splits
from aep_delivery.verification.key_pattern import KeyPattern
from aep_delivery.verification.report import Finding, Severity
from aep_delivery.verification.splits import MAX_ROWS
from aep_delivery.verification.templates import Token
from tests.unit.verification.seen import figures, file_set

FOLDER = (Token(literal="out/x/"),)
NAMED = KeyPattern(FOLDER, (Token(literal="gold"),))


def told(rows: dict[str, int | None], pattern: KeyPattern = NAMED, **reported: Any) -> list[Finding]:
    files = file_set(*rows)
    return list(splits.findings(files, pattern, figures(files, rows=rows, **reported)))


def parts(*numbers: int, rows: int | None = MAX_ROWS) -> dict[str, int | None]:
    return {f"out/x/gold{f'_{number}' * (number > 1)}.csv": rows for number in numbers}


def gaps(found: list[Finding]) -> list[tuple[str, str | None]]:
    """The missing name, and the file behind it."""
    assert {one.code for one in found} <= {"set.split-gap"}
    return [(one.message.split()[4].rstrip(","), one.path) for one in found]


def test_parts_that_follow_each_other_are_whole() -> None:
    assert told(parts(1, 2, 3)) == []
    assert told(parts(1, rows=3)) == []
    assert told({}) == []


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        pytest.param((2, 3), [("gold", 2)], id="the first"),
        pytest.param((1, 3), [("gold_2", 3)], id="one"),
        pytest.param((1, 4, 6), [("gold_2", 4), ("gold_3", 4), ("gold_5", 6)], id="several"),
        pytest.param((1, 9), [("gold_2", 9), ("gold_3", 9), ("gold_4", 9)], id="many, of which three are told"),
        pytest.param((3,), [("gold", 3)], id="all before it"),
    ],
)
def test_a_number_that_is_not_there_is_told_with_the_file_behind_it(
    numbers: tuple[int, ...], missing: list[tuple[str, int]]
) -> None:
    assert gaps(told(parts(*numbers))) == [(name, f"out/x/gold_{later}.csv") for name, later in missing]


@pytest.mark.parametrize(
    ("name", "open_end"),
    [
        ((Token(literal="gold"),), False),
        ((Token(field="year"), Token(literal="gold")), False),
        ((Token(literal="gold"), Token(field="year")), False),
        ((Token(literal="gold_"), Token()), True),
        ((Token(), Token(literal="_gold")), False),
        ((), True),
    ],
    ids=["a text", "a text behind a year", "a year", "anything", "a text behind anything", "nothing"],
)
def test_where_a_name_may_end_in_anything_a_number_may_be_a_part_of_it(name: tuple[Token, ...], open_end: bool) -> None:
    assert splits._ends_open(KeyPattern(FOLDER, name)) is open_end


def test_names_are_numbered_each_for_itself() -> None:
    any_name = KeyPattern(FOLDER, (Token(field="year"), Token(literal="gold")))
    rows: dict[str, int | None] = dict.fromkeys(("out/x/2026gold.csv", "out/x/2027gold_2.csv"), MAX_ROWS)

    assert gaps(told(rows, any_name)) == [("2027gold", "out/x/2027gold_2.csv")]


def test_a_part_that_is_too_long_is_told() -> None:
    [found] = told(parts(1, rows=MAX_ROWS + 1))

    assert (found.code, found.path, found.severity) == ("file.too-many-rows", "out/x/gold.csv", Severity.ERROR)
    assert "5,000,001" in found.message


@pytest.mark.parametrize(
    ("records", "severity"),
    [(MAX_ROWS * 2 - 1, Severity.WARNING), (MAX_ROWS * 2, Severity.ERROR), (None, Severity.ERROR)],
)
def test_a_short_part_before_another_is_told_and_decides_unless_the_rows_add_up(
    records: int | None, severity: Severity
) -> None:
    rows = {**parts(1, rows=MAX_ROWS - 1), **parts(2)}

    [found] = told(rows, records=records)

    assert (found.code, found.path, found.severity) == ("set.split-not-full", "out/x/gold.csv", severity)
    assert "4,999,999" in found.message


def test_where_not_all_rows_are_counted_nobody_knows_and_the_others_are_looked_at_all_the_same() -> None:
    rows = {**parts(1, rows=None), **parts(2, rows=5), **parts(3)}

    [found] = told(rows, records=MAX_ROWS)

    assert (found.path, found.severity) == ("out/x/gold_2.csv", Severity.WARNING)


def test_a_file_that_was_not_read_is_no_short_one() -> None:
    files = file_set("out/x/gold.csv", "out/x/gold_2.csv")
    assert list(splits.findings(files, NAMED, figures(files, rows={}))) == []
