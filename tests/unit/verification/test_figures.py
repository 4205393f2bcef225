from __future__ import annotations

from typing import Any

import pytest

from aep_delivery.verification.expectation import Rules
from tests.unit.verification.seen import check, figures, file_set, stored

GOLD = file_set("out/a", "out/b")
SILVER = file_set("out/c", ids=("silver",))
BOTH = file_set("out/a", "out/b", ids=("gold", "silver"))


@pytest.mark.parametrize(
    ("reported", "adds_up", "too_many"),
    [
        pytest.param({"audience_records": {"gold": 7}, "records": 99}, True, False, id="as reported of it"),
        pytest.param({"audience_records": {"gold": 6}, "records": 10}, False, True, id="one more than reported of it"),
        pytest.param({"audience_records": {"gold": 8}, "records": 10}, False, False, id="one less"),
        pytest.param({"audience_records": {"silver": 7}, "records": 10}, True, False, id="as reported of all"),
        pytest.param({"records": 9}, False, True, id="one more than reported of all"),
        pytest.param({"records": 11}, False, False, id="one less than reported of all"),
        pytest.param({}, False, False, id="nothing reported"),
    ],
)
def test_rows_are_held_against_the_nearest_figure(reported: dict[str, Any], adds_up: bool, too_many: bool) -> None:
    seen = figures(GOLD, SILVER, rows={"out/a": 3, "out/b": 4, "out/c": 3}, **reported)

    assert seen.adds_up(GOLD) is adds_up
    assert seen.too_many(GOLD) is too_many


def test_too_many_rows_decide_only_where_the_figure_does() -> None:
    seen = figures(GOLD, rows={"out/a": 3, "out/b": 4}, rules=Rules(record_count="report"), records=1)

    assert not seen.too_many(GOLD)
    assert not seen.adds_up(GOLD)


@pytest.mark.parametrize("rows", [{"out/a": 3}, {"out/a": 3, "out/b": None}], ids=["unread", "damaged"])
@pytest.mark.parametrize("reported", [{"audience_records": {"gold": 3}}, {"records": 3}, {"records": 1}])
def test_where_not_all_rows_were_counted_nothing_is_said(rows: dict[str, int | None], reported: dict[str, Any]) -> None:
    seen = figures(GOLD, rows=rows, **reported)

    assert not seen.adds_up(GOLD)
    assert not seen.too_many(GOLD)


def test_a_file_without_rows_counts_as_one() -> None:
    seen = figures(GOLD, rows={"out/a": 0, "out/b": 4}, records=4)

    assert seen.adds_up(GOLD)
    assert [one.found for one in seen.comparisons() if one.figure == "records"] == [4]


@pytest.mark.parametrize(
    ("by_audience", "known"),
    [({"gold": 3, "silver": 4}, 7), ({"gold": 3}, None), ({}, None), ({"gold": 0, "silver": 0}, 0)],
)
def test_of_audiences_that_share_their_files_all_must_be_reported(
    by_audience: dict[str, int], known: int | None
) -> None:
    assert figures(BOTH, rows={}, audience_records=by_audience).records_of(BOTH) == known


@pytest.mark.parametrize(
    ("audiences", "due"), [([], True), (["gold"], True), (["silver", "gold"], True), (["silver"], False)]
)
def test_an_audience_is_due_where_the_run_was_of_it(audiences: list[str], due: bool) -> None:
    assert figures(GOLD, rows={}, audiences=audiences).is_due(GOLD) is due


@pytest.mark.parametrize("required", [True, False])
def test_the_whole_run_is_compared(required: bool) -> None:
    rules = Rules(record_count="require", file_count="report") if required else Rules(record_count="report")
    sets = file_set(stored("out/a", 5), stored("out/b", 7)), SILVER
    seen = figures(*sets, rows={"out/a": 3, "out/c": 4}, rules=rules, records=8, files=4, bytes=22)

    assert [(one.figure, one.reported, one.found, one.judged) for one in seen.comparisons()] == [
        ("records", 8, 7, required),
        ("files", 4, 3, not required),
        ("bytes", 22, 22, False),
    ]


def test_where_no_row_was_counted_there_is_no_figure_of_them() -> None:
    records, *_ = figures(GOLD, rows={"out/a": check(None)}, records=8).comparisons()
    assert records.found is None

    records, *_ = figures(file_set(), rows={}, records=8).comparisons()
    assert records.found == 0, "no file, no row"
