"""The steps of the workflow that verify a delivery, on storage in memory: one function, or several that share a file."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.settings import Settings
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.estimate import bytes_per_second
from aep_delivery.verification.report import Finding, Severity, VerificationReport
from aep_delivery.workflow.config_document import ConfigDocument
from aep_delivery.workflow.documents import MemoryDocuments, write_document
from aep_delivery.workflow.messages import CheckFiles, DeliveryRef, JudgeFiles, PlanRef, VerifyDelivery
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.steps.check_files import check_files
from aep_delivery.workflow.steps.judge_files import judge_files
from aep_delivery.workflow.steps.verify_delivery import verify_delivery
from tests.proof.corruption.deliveries import EXPORTED, Delivery
from tests.proof.corruption.forms import config, expectation, plan

WHOLE = 600.0
"""Seconds of a function that reads any file of the proof alone."""
_LEAST = 5
"""Bytes of a file that one function reads at least: no part is empty then."""
_CLOCK = FixedClock(EXPORTED.replace(hour=9))
_SETTINGS = {
    "OWNER": "stack",
    "STATE_TABLE": "table",
    "WORK_BUCKET": "work",
    "CONFIG_BUCKET": "configs",
    "DESTINATION_SECRET_PREFIX": "stack/destinations/",
    "DELIVER_STATE_MACHINE": "arn:aws:states:us-east-1:123456789012:stateMachine:deliver",
}
_EXECUTIONS = count()


class _Services(Services):
    """Services without AWS, for one delivery."""

    def __init__(self, storage: MemoryReader, seconds: float) -> None:
        settings = Settings.from_environment(_SETTINGS).model_copy(update={"check_seconds": seconds})
        super().__init__(settings, _CLOCK)
        self.documents = MemoryDocuments()
        self.storage = storage

    def reader(self, config: object) -> MemoryReader:
        return self.storage


def verify(
    delivery: Delivery, seconds: float = WHOLE, make: Callable[[], MemoryReader] = MemoryReader
) -> VerificationReport:
    """The report of the steps, however many functions they take.

    Args:
        delivery: what lies in storage, and how the run ended.
        seconds: that one function has for one file.
        make: makes the storage.
    """
    services = _Services(delivery.reader(make), seconds)
    if delivery.before is not None:
        services.storage = delivery.before.reader()
        _report(delivery.before, services)
        services.storage = delivery.reader(make)
    return _report(delivery, services)


def seconds_to_divide(delivery: Delivery, parts: int = 6) -> float:
    """A function's time in which it cannot read the largest file alone.

    No column chunk of Parquet can be divided, so there it is nearly the whole file that fits.

    Args:
        delivery: the delivery.
        parts: about how many functions share the largest file of another type.
    """
    largest = max(len(delivery.files[key]) for key in delivery.data)
    most = largest - 1 if delivery.form.file_type == "PARQUET" else max(_LEAST, 5 * largest // max(parts, 5) - 1)
    return (most + 0.5) / bytes_per_second(expectation(delivery.form))


def findings(report: VerificationReport) -> list[Finding]:
    """All of a report."""
    return [*report.findings, *(found for export in report.exports for file in export.files for found in file.findings)]


def errors(report: VerificationReport) -> set[str]:
    """Codes of the findings that decide."""
    return {found.code for found in findings(report) if found.severity is Severity.ERROR}


def remarks(report: VerificationReport) -> set[str]:
    """Codes of the findings that do not decide."""
    return {found.code for found in findings(report) if found.severity is not Severity.ERROR}


def told(report: VerificationReport) -> VerificationReport:
    """All of a report but how it was read: by how many, and when."""
    update = {"estimate": None, "started_at": report.finished_at}
    of_datasets = [
        export.model_copy(
            update={"files": [file.model_copy(update={"sha256": None, "parts": []}) for file in export.files]}
        )
        for export in report.exports
    ]
    return report.model_copy(update={**update, "datasets" if report.datasets else "audiences": of_datasets})


def _report(delivery: Delivery, services: _Services) -> VerificationReport:
    form, documents, execution = delivery.form, services.documents, f"e-{next(_EXECUTIONS)}"
    kept = ConfigDocument(source="proof.yaml", positions={}, config=config(form).document())
    for name, document in (("config.json", kept), ("plan.json", plan(form)), ("run.json", delivery.outcome)):
        write_document(documents, name, document)
    ref = DeliveryRef(delivery_id="prod/proof", config="config.json")
    of_plan = PlanRef(plan="plan.json", changes=0, warnings=0)
    message = VerifyDelivery(execution=execution, delivery=ref, plan=of_plan, outcome="run.json")
    verified = verify_delivery(message, services)
    key = verified.report
    if key is None:
        for number in range(verified.batches):
            batch: CheckFiles | None = CheckFiles(execution=execution, delivery=ref, batch=number)
            while batch:
                batch = batch.following(check_files(batch, services))
        judged = JudgeFiles(
            execution=execution, delivery=ref, plan=of_plan, outcome="run.json", batches=verified.batches
        )
        key = judge_files(judged, services).report
    return VerificationReport.model_validate_json(documents.get(key))
