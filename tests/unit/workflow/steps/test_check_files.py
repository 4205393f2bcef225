"""Many files: handed out, checked batch by batch, and judged as if one function had checked them all."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta

import pytest

from aep_delivery.config.load import load_config
from aep_delivery.planning.declared import DatasetToExport
from aep_delivery.planning.plan import Plan
from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.runtime.errors import InternalError, UserError, boundary_error
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.report import FileState, VerificationReport
from aep_delivery.workflow.config_document import ConfigDocument
from aep_delivery.workflow.documents import write_document
from aep_delivery.workflow.messages import (
    CheckFiles,
    DeliveryRef,
    HandleFailure,
    JudgeFiles,
    KeepFailure,
    PlanRef,
    VerifyDelivery,
)
from aep_delivery.workflow.steps.check_files import check_files, keep_failure
from aep_delivery.workflow.steps.handle_failure import handle_failure
from aep_delivery.workflow.steps.judge_files import judge_files
from aep_delivery.workflow.steps.verify_delivery import verify_delivery

DATASET = "5ef3e324052581191aa6a466"
ROW = b'{"id":1}\n'
DELIVERY = DeliveryRef(delivery_id="prod/nyc-flights", config="config.json")
GIVEN = {
    "execution": "e-1",
    "delivery": DELIVERY,
    "plan": PlanRef(plan="plan.json", changes=0, warnings=0),
    "outcome": "run.json",
}


@pytest.fixture
def files():
    return MemoryReader()


@pytest.fixture
def delivered(services, config_text, files, monkeypatch):
    """Services with a delivery of so many files of one row, ready to be verified."""

    def deliver(count: int, *, records: int | None = None, damaged: int | None = None):
        text = config_text.replace(b"PARQUET", b"JSON")
        config = load_config(text, "flights.yaml")
        document = ConfigDocument(source="flights.yaml", positions={}, config=config.document())
        slot = services.clock.now() - timedelta(hours=1)
        plan = Plan(
            config_fingerprint=config.fingerprint,
            delivery_id=config.delivery_id,
            owner="o",
            serial=0,
            datasets=[DatasetToExport(id=DATASET, name="Flights")],
            schedule={},
            resources=[],
            warnings=[],
        )
        outcome = RunOutcome(
            status=RunStatus.SUCCESS,
            flow_id="f",
            slot=slot,
            completed_at=slot + timedelta(minutes=1),
            records=count if records is None else records,
            files=count,
        )
        for key, kept in (("config.json", document), ("plan.json", plan), ("run.json", outcome)):
            write_document(services.documents, key, kept)
        for number in range(count):
            body = gzip.compress(ROW, mtime=number)
            body = body[:-5] if number == damaged else body
            files.put(f"exports/{DATASET}/exportTime={slot:%Y%m%d%H%M}/part-{number:05}-c000.json.gz", body)
        monkeypatch.setattr(services, "reader", lambda _: files)
        return services

    return deliver


def judged(services, batches):
    for batch in range(batches):
        check_files(CheckFiles(execution="e-1", delivery=DELIVERY, batch=batch), services)
    judged = judge_files(JudgeFiles(**GIVEN, batches=batches), services)
    return judged, VerificationReport.model_validate_json(services.documents.get(judged.report))


def test_few_files_are_judged_at_once(delivered):
    services = delivered(250)
    verified = verify_delivery(VerifyDelivery(**GIVEN), services)
    assert (verified.verdict, verified.batches) == ("VERIFIED", 0)
    assert not [key for key in services.documents.kept if key.startswith("batches/")]
    report = VerificationReport.model_validate_json(services.documents.get(verified.report))
    assert (report.estimate.files, report.estimate.batches) == (250, 1)


def test_many_files_are_handed_out_and_judged_together(delivered):
    services = delivered(650)
    verified = verify_delivery(VerifyDelivery(**GIVEN), services)
    assert (verified.verdict, verified.report, verified.batches) == (None, None, 3)
    judgement, report = judged(services, 3)
    assert judgement.verdict == "VERIFIED"
    assert (report.file_count, report.rows, report.level, report.estimate.batches) == (650, 650, "content", 3)
    assert all(file.sha256 and file.state is FileState.WHOLE for file in report.datasets[0].files)
    assert "deliveries/prod/nyc-flights/last-report.json" in services.documents.kept


def test_one_damaged_file_of_many_is_named(delivered):
    services = delivered(650, damaged=337)
    verify_delivery(VerifyDelivery(**GIVEN), services)
    judgement, report = judged(services, 3)
    assert judgement.verdict == "CORRUPT"
    assert "part-00337-c000" in report.reason
    assert [file.key[-18:] for file in report.datasets[0].files if file.state is FileState.DAMAGED] == [
        "00337-c000.json.gz"
    ]


def test_a_file_that_changes_between_the_batches_is_seen(delivered, files):
    services = delivered(350)
    verify_delivery(VerifyDelivery(**GIVEN), services)
    key = next(iter(files.list_objects("exports/"))).key
    check_files(CheckFiles(execution="e-1", delivery=DELIVERY, batch=0), services)
    files.alter(key, gzip.compress(ROW * 2))
    check_files(CheckFiles(execution="e-1", delivery=DELIVERY, batch=1), services)
    judgement = judge_files(JudgeFiles(**GIVEN, batches=2), services)
    assert judgement.verdict == "UNSTABLE"


def test_a_batch_that_was_not_checked_is_not_passed_over(delivered):
    services = delivered(350)
    verify_delivery(VerifyDelivery(**GIVEN), services)
    check_files(CheckFiles(execution="e-1", delivery=DELIVERY, batch=0), services)
    with pytest.raises(InternalError) as caught:
        judge_files(JudgeFiles(**GIVEN, batches=2), services)
    assert caught.value.code == "work.document-missing"


def failed(services, error="States.ExceedToleratedFailureThreshold"):
    return handle_failure(
        HandleFailure(
            execution="e-1", request={}, delivery=DELIVERY, failed_step="check_files", error=error, cause="exceeded"
        ),
        services,
    )


def test_what_ended_a_batch_ends_the_delivery_under_its_own_code(delivered):
    services = delivered(350)
    error = UserError("No access.", code="storage.access-denied", place="s3://bucket")
    cause = json.dumps({"errorType": "UserError", "errorMessage": str(boundary_error(error))})
    kept = keep_failure(
        KeepFailure(execution="e-1", delivery=DELIVERY, batch=1, error="UserError", cause=cause), services
    )
    assert kept.code == "storage.access-denied"
    handled = failed(services)
    assert handled.error == "storage.access-denied"
    assert "No access." in handled.cause


def test_a_map_that_fails_without_a_word_is_told_as_the_platform_tells_it(delivered):
    handled = failed(delivered(350))
    assert handled.error == "platform.states.exceedtoleratedfailurethreshold"
