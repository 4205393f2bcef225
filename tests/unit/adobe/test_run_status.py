from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.adobe.models import Run
from aep_delivery.adobe.run_status import (
    ReportedStatus,
    RunFigures,
    audience_records,
    audiences_of,
    concerns,
    normalise_status,
    reported_status,
    run_figures,
)

SUCCESS: dict[str, Any] = {
    "durationSummary": {"startedAtUTC": 1675807719411, "completedAtUTC": 1675807719416},
    "sizeSummary": {"outputBytes": 855202780},
    "recordSummary": {
        "inputRecordCount": 7823447,
        "outputRecordCount": 7808223,
        "skippedRecordCount": 15224,
        "failedRecordCount": 0,
        "skippedInfo": [
            {"code": "ACTIVATION_BATCH-0000-SKIP", "message": "Records didn't match attribute filter.", "count": 15224}
        ],
    },
    "fileSummary": {"outputFileCount": 2},
    "statusSummary": {"status": "success", "errors": []},
}
FAILURE: dict[str, Any] = {
    "durationSummary": {"startedAtUTC": 1675807719411, "completedAtUTC": 1675807719416},
    "recordSummary": {"failedInfo": [{"code": "ACTIVATION_BATCH-0000-FAILED", "message": "Job aborted."}]},
    "statusSummary": {
        "status": "failed",
        "errors": [{"code": "ACTIVATION_BATCH-0000-FAILED", "message": "Job aborted."}],
    },
}


def run(metrics: dict[str, Any] | None) -> Run:
    return Run.model_validate({"id": "r1", "metrics": metrics} if metrics is not None else {"id": "r1"})


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Success", "SUCCESS"),
        ("success", "SUCCESS"),
        ("COMPLETED", "SUCCESS"),
        ("PARTIAL_SUCCESS", "PARTIAL"),
        ("partialSuccess", "PARTIAL"),
        ("PARTIAL_FAILURE", "PARTIAL"),
        ("Processing", "RUNNING"),
        ("Waiting", "RUNNING"),
        ("IN_PROGRESS", "RUNNING"),
        ("inProgress", "RUNNING"),
        ("in-progress", "RUNNING"),
        ("QUEUED", "RUNNING"),
        ("SCHEDULED", "RUNNING"),
        ("Failed", "FAILED"),
        ("weird", "UNKNOWN"),
    ],
)
def test_t69_every_vocabulary_is_understood(word: str, status: str) -> None:
    assert normalise_status(word) == status
    assert reported_status(run({"statusSummary": {"status": word}})) == status


@given(st.text())
def test_t69_no_word_crashes(word: str) -> None:
    assert normalise_status(word) in ReportedStatus


def test_t71_adobes_example_of_a_success() -> None:
    figures = run_figures(run(SUCCESS))

    assert reported_status(run(SUCCESS)) is ReportedStatus.SUCCESS
    assert figures == RunFigures(
        input_records=7823447,
        records=7808223,
        skipped=15224,
        failed=0,
        files=2,
        bytes=855202780,
        started=datetime(2023, 2, 7, 22, 8, 39, 411000, tzinfo=UTC),
        completed=datetime(2023, 2, 7, 22, 8, 39, 416000, tzinfo=UTC),
        skip_reasons=["ACTIVATION_BATCH-0000-SKIP: Records didn't match attribute filter."],
    )
    assert figures.balanced is True


def test_t72_adobes_example_of_a_failure() -> None:
    figures = run_figures(run(FAILURE))

    assert reported_status(run(FAILURE)) is ReportedStatus.FAILED
    assert figures.errors == ["ACTIVATION_BATCH-0000-FAILED: Job aborted."]
    assert (figures.records, figures.files, figures.bytes, figures.balanced) == (None, None, None, None)


@pytest.mark.parametrize(
    "metrics",
    [None, {}, {"statusSummary": None}, {"statusSummary": {}}, {"durationSummary": {"startedAtUTC": 1675807719411}}],
)
def test_t74_a_run_that_says_nothing_is_under_way(metrics: dict[str, Any] | None) -> None:
    assert reported_status(run(metrics)) is ReportedStatus.RUNNING


def test_a_run_that_ended_without_a_status_is_unknown() -> None:
    ended = run({"durationSummary": {"startedAtUTC": 1, "stoppedAtUTC": 2}, "recordSummary": {"inputRecordCount": 0}})

    assert reported_status(ended) is ReportedStatus.UNKNOWN


def test_a_success_with_errors_or_failed_records_is_partial() -> None:
    with_errors = SUCCESS | {"statusSummary": {"status": "success", "errors": [{"code": "CONNECTOR-2001-500"}]}}
    with_failures = SUCCESS | {"recordSummary": {"failedRecordCount": 1}}

    assert reported_status(run(with_errors)) is ReportedStatus.PARTIAL
    assert reported_status(run(with_failures)) is ReportedStatus.PARTIAL
    assert run_figures(run(with_errors)).errors == ["CONNECTOR-2001-500"]


def test_both_spellings_of_figures_are_read() -> None:
    figures = run_figures(
        run({"durationSummary": {"stoppedAtUTC": 1675807719416}, "recordSummary": {"createdRecordCount": 5}})
    )

    assert figures.records == 5
    assert figures.completed == datetime(2023, 2, 7, 22, 8, 39, 416000, tzinfo=UTC)
    assert run_figures(run({"recordSummary": {"createdRecordCount": 5, "outputRecordCount": 0}})).records == 0


def summarised(*entities: dict[str, object], source: str = "segment:s") -> Run:
    records = {
        "sourceSummaries": [{"id": "c", "entitySummaries": [{"id": source, "inputRecordCount": 1}]}],
        "targetSummaries": [{"id": "t", "entitySummaries": list(entities)}, {"id": "u"}],
    }
    return Run.model_validate({"id": "r", "metrics": {"recordSummary": records}})


def test_a_run_says_of_which_audiences_it_is() -> None:
    run = summarised(
        {"id": "segment:a", "outputRecordCount": 3},
        {"id": "segment:b", "createdRecordCount": 4},
        {"id": "segment:a", "outputRecordCount": 2},
        {"id": "segment:c"},
        {"id": "dataset:d", "outputRecordCount": 9},
        {"id": "segment:"},
        {"id": "segment:e:f", "outputRecordCount": 1},
        {},
    )

    assert audiences_of(run) == {"s", "a", "b", "c", "e:f"}
    assert audience_records(run) == {"a": 5, "b": 4, "e:f": 1}
    assert concerns(run, ["x", "b"])
    assert not concerns(run, ["x"])


def test_a_run_that_does_not_say_may_be_of_any_audience() -> None:
    run = Run.model_validate({"id": "r"})

    assert audiences_of(run) == set()
    assert audience_records(run) == {}
    assert concerns(run, ["x"])


def test_of_many_messages_some_are_repeated_and_none_at_length() -> None:
    errors = [{"code": f"E-{number}", "message": "\x1b[2J" + "x" * 10_000} for number in range(9_000)]

    told = run_figures(run({"statusSummary": {"status": "failed", "errors": errors}})).errors

    assert len(told) == 50
    assert all(len(one) == 500 and one.isprintable() for one in told)
