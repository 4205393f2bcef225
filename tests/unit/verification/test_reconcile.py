from __future__ import annotations

from typing import Any

import pytest

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.verification import reconcile
from aep_delivery.verification.evidence import Change, Evidence
from aep_delivery.verification.expectation import Expectation, Rules
from aep_delivery.verification.keys import KeyCount
from aep_delivery.verification.report import (
    ChangeKind,
    ColumnChange,
    ColumnReport,
    DatasetReport,
    Severity,
    Verdict,
    VerificationReport,
)
from tests.unit.verification.seen import SLOT, figures, file_set, stored

GOLD = file_set("out/a")


@pytest.mark.parametrize(
    ("count", "code", "severity", "said"),
    [
        (KeyCount(duplicates=1), "set.duplicate-keys", Severity.ERROR, "earlier row: 1."),
        (KeyCount(duplicates=1_200, share=0.5), "set.duplicate-keys", Severity.ERROR, "at least 1,200."),
        (KeyCount(duplicates=3, unread=1), "set.duplicate-keys", Severity.ERROR, "earlier row: 3."),
        (KeyCount(share=0.25), "set.keys-not-checked", Severity.INFO, "1 in 4 deduplication keys"),
        (KeyCount(share=1 / 2048), "set.keys-not-checked", Severity.INFO, "1 in 2,048 deduplication keys"),
        (KeyCount(unread=1), "set.keys-not-checked", Severity.INFO, "not all deduplication keys"),
        (KeyCount(unread=1, share=0.5), "set.keys-not-checked", Severity.INFO, "not all deduplication keys"),
    ],
)
def test_keys_that_are_there_twice_decide_and_those_that_nobody_compared_are_told(
    count: KeyCount, code: str, severity: Severity, said: str
) -> None:
    [found] = reconcile._of_keys(GOLD, Evidence(inventory=[GOLD], keys={"gold": count}))

    assert (found.code, found.severity) == (code, severity)
    assert GOLD.name in found.message
    assert said in found.message


@pytest.mark.parametrize("keys", [{}, {"gold": KeyCount(rows=5)}, {"silver": KeyCount(duplicates=1)}])
def test_keys_that_are_there_once_or_of_nobody_are_not_told(keys: dict[str, KeyCount]) -> None:
    assert list(reconcile._of_keys(GOLD, Evidence(inventory=[GOLD], keys=keys))) == []


NONE = file_set(ids=("silver",))


@pytest.mark.parametrize(
    ("reported", "rules", "code", "severity", "said"),
    [
        pytest.param(
            {"audience_records": {"silver": 1}, "records": 3},
            Rules(),
            "set.audience-missing",
            Severity.ERROR,
            "the run reports 1 record of it",
            id="its own figure, before the totals",
        ),
        pytest.param(
            {"audience_records": {"silver": 1_000}},
            Rules(record_count="report"),
            "set.audience-empty",
            Severity.WARNING,
            "1,000 records",
            id="its own figure, which does not decide",
        ),
        pytest.param({"records": 3}, Rules(), "set.audience-empty", Severity.WARNING, "add up", id="the totals"),
        pytest.param({"records": 4}, Rules(), "set.audience-missing", Severity.ERROR, "make up", id="other totals"),
        pytest.param({}, Rules(), "set.audience-empty", Severity.WARNING, "incremental", id="nothing"),
        pytest.param({"backfill": True}, Rules(), "set.audience-missing", Severity.ERROR, "make up", id="all there is"),
    ],
)
def test_an_audience_without_files_is_missing_where_figures_say_so(
    reported: dict[str, Any], rules: Rules, code: str, severity: Severity, said: str
) -> None:
    seen = figures(GOLD, NONE, rows={"out/a": 3}, rules=rules, **reported)

    [found] = reconcile._of_absence(seen, seen.comparisons(), audiences=True)

    assert (found.code, found.severity, found.path) == (code, severity, "out")
    assert said in found.message


@pytest.mark.parametrize(
    "reported",
    [
        {"audience_records": {"silver": 0}},
        {"audiences": ["gold"]},
        {"status": RunStatus.FAILED},
        {"status": RunStatus.NO_RUN},
    ],
    ids=["nothing to send", "not due", "failed", "no run"],
)
def test_an_audience_that_had_nothing_to_send_is_not_missing(reported: dict[str, Any]) -> None:
    seen = figures(GOLD, NONE, rows={"out/a": 3}, **reported)
    assert list(reconcile._of_absence(seen, seen.comparisons(), audiences=True)) == []


def test_where_no_file_is_there_at_all_each_folder_is_told() -> None:
    seen = figures(file_set(), NONE, rows={}, records=3)

    found = list(reconcile._of_absence(seen, seen.comparisons(), audiences=True))

    assert [(one.code, one.path) for one in found] == [("set.no-files", "out"), ("set.no-files", "out")]
    assert all("out" in one.message for one in found)


@pytest.mark.parametrize(("errors", "said"), [(["X-1: Aborted.", "X-2"], " X-1: Aborted."), ([], "")])
@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (RunStatus.FAILED, "run.failed", "Adobe reports the run as failed."),
        (RunStatus.PARTIAL, "run.partial", "Adobe reports the run as partly failed."),
    ],
)
def test_a_run_that_failed_is_told_with_adobes_first_words(
    status: RunStatus, code: str, told: str, errors: list[str], said: str
) -> None:
    [found] = reconcile._of_run(RunOutcome(status=status, flow_id="f", slot=SLOT, errors=errors))

    assert (found.code, found.message) == (code, told + said)


def test_what_changed_and_is_no_data_is_told_by_its_key() -> None:
    changed = {"out/new": Change(None, stored("out/new")), "out/a": Change(stored("out/a"), None)}

    [found] = reconcile._of_stability(Evidence(inventory=[GOLD], changed=changed), data_keys={"out/a"})

    assert (found.code, found.path) == ("set.changed", "out/new")
    assert "appeared" in found.message


def dataset(dataset_id: str, *columns: str, changes: list[ColumnChange] | None = None) -> DatasetReport:
    return DatasetReport(
        dataset_id=dataset_id,
        name=dataset_id,
        folder="out",
        rows=1,
        bytes=1,
        columns=[ColumnReport(name=name) for name in columns],
        column_changes=changes,
        files=[],
    )


def expectation(file_type: str) -> Expectation:
    datasets = [{"id": "d1", "name": "Flights"}]
    return Expectation.model_validate(
        {"location": "s3://b", "datasets": datasets, "file_type": file_type, "compression": "NONE"}
    )


@pytest.mark.parametrize(
    ("file_type", "severity"),
    [("CSV", Severity.WARNING), ("PARQUET", Severity.WARNING), ("JSON", Severity.INFO)],
)
def test_a_column_that_json_does_not_show_may_be_there(file_type: str, severity: Severity) -> None:
    gone = dataset("d1", changes=[ColumnChange(name="a", kind=ChangeKind.REMOVED)])

    [found] = reconcile._of_changes(expectation(file_type), Rules(), [gone])

    assert (found.code, found.severity) == ("schema.column-removed", severity)


def test_columns_are_compared_with_those_of_the_last_delivery_of_the_same_dataset() -> None:
    last = VerificationReport(
        verdict=Verdict.VERIFIED,
        reason="",
        location="s3://b",
        file_type="CSV",
        rows=1,
        bytes=1,
        file_count=1,
        datasets=[dataset("d1", "a")],
        comparisons=[],
        findings=[],
        started_at=SLOT,
        finished_at=SLOT,
    )
    now = [dataset("d1", "a", "b"), dataset("new", "c")]

    compared = reconcile._since_last(expectation("CSV"), now, last)

    assert [one.column_changes for one in compared] == [[ColumnChange(name="b", kind=ChangeKind.ADDED)], None]
    assert reconcile._since_last(expectation("JSON"), now, last) == now
    assert reconcile._since_last(expectation("CSV"), now, None) == now
