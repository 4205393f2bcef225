from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.verification.receipt.chart import MAX_COLUMNS, bytes_chart, round_top, rows_chart
from aep_delivery.verification.report import FileReport, FileState


@given(st.integers(min_value=1, max_value=10**18), st.booleans())
def test_the_scale_holds_the_value_and_is_not_far_above_it(value: int, binary: bool) -> None:
    top = round_top(value, binary=binary)
    assert value <= top <= 2.5 * value


@pytest.mark.parametrize(
    ("value", "binary", "top"),
    [(412, False, 500), (36_264, False, 50_000), (1024**2, True, 1024**2), (17_304, True, 20 * 1024), (0, True, 1)],
)
def test_scales_are_round(value: int, binary: bool, top: int) -> None:
    assert round_top(value, binary=binary) == top


@given(st.integers(min_value=1, max_value=700))
def test_every_file_is_in_exactly_one_column(count: int) -> None:
    files = [FileReport(key=f"{number:04}", state=FileState.WHOLE, size=number, rows=1) for number in range(count)]
    chart = bytes_chart(files)
    assert len(chart.columns) <= MAX_COLUMNS
    assert sum(column.files for column in chart.columns) == count
    assert sum(column.value for column in chart.columns) == sum(file.size for file in files)
    assert max(column.x + column.width for column in chart.columns) <= 100
    assert all(0 <= column.height <= 100 for column in chart.columns)
    assert [column.first.key for column in chart.columns] == sorted(column.first.key for column in chart.columns)


def test_heights_are_in_proportion(make_part: Callable[..., FileReport]) -> None:
    files = [make_part("f", 0).model_copy(update={"rows": rows}) for rows in (500, 250, 0, None)]
    assert [column.height for column in rows_chart(files).columns] == [100, 50, 0, 0]


def test_one_damaged_file_marks_the_column_it_shares(make_part: Callable[..., FileReport]) -> None:
    files = [make_part("f", number) for number in range(600)]
    files[137] = make_part("f", 137, rows=None, state=FileState.DAMAGED)
    marked = [place for place, column in enumerate(rows_chart(files).columns) if column.sigil]
    assert marked == [13]


def test_no_files_make_an_empty_chart() -> None:
    assert rows_chart([]).columns == []
