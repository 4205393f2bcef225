from __future__ import annotations

from datetime import timedelta

import pytest

from aep_delivery.verification.receipt import history
from aep_delivery.verification.receipt.models import EarlierRun, Receipt, ResourceAction
from aep_delivery.verification.report import Verdict
from tests.receipts.parts import START
from tests.receipts.samples import failed_early, later, no_run, verified


def run(rows: int | None, *, verdict: str = "VERIFIED", backfill: bool = False) -> EarlierRun:
    return EarlierRun(
        execution=f"d-{rows}",
        verdict=verdict,
        finished_at=START - timedelta(days=1),
        backfill=backfill,
        files=1,
        rows=rows,
        bytes=10 * (rows or 0),
    )


def after(*earlier: EarlierRun, backfill: bool = False, action: ResourceAction = ResourceAction.KEEP) -> Receipt:
    base = verified()
    assert base.run is not None
    return base.model_copy(
        update={
            "earlier": list(earlier),
            "run": base.run.model_copy(update={"backfill": backfill}),
            "resources": [each.model_copy(update={"action": action}) for each in base.resources],
        }
    )


def rows_of(receipt: Receipt) -> history.Series:
    found = history.of(receipt)
    assert found is not None
    return found.rows


def test_the_first_delivery_has_nothing_beside_it() -> None:
    assert history.of(verified()) is None


def test_the_oldest_is_on_the_left_and_this_one_on_the_right() -> None:
    receipt = later()
    found = history.of(receipt)
    assert found is not None
    assert [each.execution for each in found.runs] == [
        *(f"d-{number}" for number in range(9, 0, -1)),
        receipt.request.execution,
    ]
    places = [column.x for column in found.rows.columns]
    assert places == sorted(places)
    assert all(column.x >= 0 and column.x + column.width <= 100 for column in found.bytes.columns)
    assert all(0 <= column.height <= 100 for column in found.bytes.columns)


def test_usual_is_the_median_of_what_was_good_and_not_a_first_full_export() -> None:
    now = history.this_run(verified()).rows
    assert now is not None
    series = rows_of(
        after(run(10), run(20), run(40), run(7, verdict="CORRUPT"), run(0, verdict="EMPTY"), run(9_999, backfill=True))
    )
    assert series.usual == 20
    assert series.change == pytest.approx(now / 20 - 1)


def test_a_first_full_export_is_cut_off_and_not_compared() -> None:
    series = rows_of(after(run(100_000), run(90_000_000, backfill=True)))
    assert series.top == 500_000
    assert [column.cut for column in series.columns] == [True, False, False]
    assert series.columns[0].height == 100
    assert rows_of(after(run(10), backfill=True)).change is None


def test_a_single_full_export_still_has_a_scale() -> None:
    assert rows_of(after(run(0, verdict="EMPTY"), backfill=True)).top >= 390_602


def test_what_could_not_be_counted_is_not_zero() -> None:
    series = rows_of(after(run(None, verdict="FAILED"), run(None)))
    assert [column.value for column in series.columns[:2]] == [None, None]
    assert (series.usual, series.change) == (None, None)
    assert [column.good for column in series.columns] == [True, False, True]


@pytest.mark.parametrize("receipt", [failed_early(), no_run()], ids=["failed", "no-run"])
def test_a_delivery_without_files_leaves_no_figures(receipt: Receipt) -> None:
    told = history.this_run(receipt)
    assert (told.files, told.rows, told.bytes) == (None, None, None)
    assert told.verdict == receipt.verdict


def test_rows_that_were_not_all_counted_are_not_told() -> None:
    receipt = verified()
    assert receipt.verification is not None
    report = receipt.verification.model_copy(update={"uncounted_files": 1})
    told = history.this_run(receipt.model_copy(update={"verification": report}))
    assert told.rows is None
    assert told.bytes == report.bytes


def test_too_few_do_not_tell_what_is_usual() -> None:
    assert rows_of(after(run(10), run(20))).usual is None
    assert rows_of(after(run(10), run(20), run(30))).usual == 20


def test_an_empty_delivery_is_not_a_loss() -> None:
    base = after(run(10), run(20), run(30))
    assert base.verification is not None
    nothing = base.verification.model_copy(update={"verdict": Verdict.EMPTY, "rows": 0, "bytes": 0, "file_count": 0})
    series = rows_of(base.model_copy(update={"verdict": Verdict.EMPTY, "verification": nothing}))
    assert (series.usual, series.change) == (20, None)


@pytest.mark.parametrize(
    ("receipt", "is_full"),
    [
        (after(run(10), action=ResourceAction.CREATE), True),
        (after(run(10), action=ResourceAction.REPLACE), True),
        (after(run(10)), False),
        (after(run(10), backfill=True), True),
        (after(run(None, verdict="FAILED").model_copy(update={"files": None})), True),
        (after(), True),
        (failed_early(), False),
    ],
    ids=["created", "replaced", "kept", "first of its dataflow", "nothing but failures before", "first", "failed"],
)
def test_the_first_run_of_an_incremental_schedule_is_full(receipt: Receipt, is_full: bool) -> None:
    assert history.this_run(receipt).backfill is is_full


def test_each_run_of_a_full_schedule_is_like_the_others() -> None:
    receipt = after(backfill=True)
    assert receipt.asked is not None
    assert receipt.asked.schedule is not None
    schedule = receipt.asked.schedule.model_copy(update={"export_mode": "DAILY_FULL_EXPORT"})
    asked = receipt.asked.model_copy(update={"schedule": schedule})
    assert history.this_run(receipt.model_copy(update={"asked": asked})).backfill is False
