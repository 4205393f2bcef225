from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aep_delivery.runtime.errors import InternalError
from aep_delivery.verification.report import ColumnReport, DatasetReport, FileReport, FileState, VerificationReport
from aep_delivery.workflow.messages import DeliveryRef, PlanRef, VerifyDelivery
from aep_delivery.workflow.steps.verify_delivery import last_report, remember

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = "deliveries/prod/planes/last-report.json"


def message(execution: str = "e-2") -> VerifyDelivery:
    return VerifyDelivery(
        execution=execution,
        delivery=DeliveryRef(delivery_id="prod/planes", config="c"),
        plan=PlanRef(plan="p", changes=0, warnings=0),
        outcome="o",
    )


def report(*columns: str) -> VerificationReport:
    file = FileReport(key="f/part-0", state=FileState.WHOLE, size=1)
    dataset = DatasetReport(
        dataset_id="d",
        name="D",
        folder="f",
        rows=1,
        bytes=1,
        columns=[ColumnReport(name=name) for name in columns],
        files=[file],
    )
    return VerificationReport(
        verdict="VERIFIED",
        reason="r",
        location="s3://b",
        rows=1,
        bytes=1,
        file_count=1,
        datasets=[dataset],
        comparisons=[],
        findings=[],
        started_at=NOW,
        finished_at=NOW,
    )


def test_the_first_delivery_has_no_last_one(services):
    assert last_report(message(), services) is None


def test_the_last_report_is_kept_without_its_files(services):
    remember(report("a", "b"), message("e-1"), services)
    last = last_report(message("e-2"), services)
    assert [column.name for column in last.datasets[0].columns] == ["a", "b"]
    assert last.datasets[0].files == []


def test_a_step_that_is_tried_again_is_not_compared_with_itself(services):
    remember(report("a"), message("e-2"), services)
    assert last_report(message("e-2"), services) is None


def test_where_no_column_was_seen_the_one_before_stays_the_last(services):
    remember(report("a"), message("e-1"), services)
    remember(report(), message("e-2"), services)
    assert last_report(message("e-3"), services).datasets[0].columns[0].name == "a"


def test_a_dataset_without_files_keeps_the_columns_it_had(services):
    def two(first: list[str], second: list[str]) -> VerificationReport:
        datasets = [
            each.model_copy(update={"dataset_id": name})
            for name, columns in (("d-1", first), ("d-2", second))
            for each in report(*columns).datasets
        ]
        return report().model_copy(update={"datasets": datasets})

    remember(two(["a"], ["b"]), message("e-1"), services)
    remember(two(["a", "c"], []), message("e-2"), services)
    last = last_report(message("e-3"), services)
    assert [[column.name for column in each.columns] for each in last.datasets] == [["a", "c"], ["b"]]


@pytest.mark.parametrize("text", ["no JSON", '{"execution": "e-1", "report": {"verdict": "PERFECT"}}'])
def test_one_that_cannot_be_read_is_none(services, text):
    services.documents.put(KEY, text)
    assert last_report(message(), services) is None


def test_one_that_s3_denies_is_none(services, monkeypatch):
    def denied(key: str) -> str:
        raise InternalError(f"not allowed to read {key}", code="aws.refused")

    monkeypatch.setattr(services.documents, "get", denied)
    assert last_report(message(), services) is None
