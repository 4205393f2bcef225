"""Lists the delivered files, and opens them where they are few."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from aep_delivery.planning.plan import Plan
from aep_delivery.running.models import RunOutcome
from aep_delivery.runtime.errors import InternalError
from aep_delivery.runtime.log import logger
from aep_delivery.verification.batches import Large, batches_of, tasks_of
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.parts.checking import check_tasks
from aep_delivery.verification.report import ColumnReport, ExportReport, VerificationReport
from aep_delivery.verification.verify import judge, list_files
from aep_delivery.workflow.batch_documents import Batch, BatchDocuments
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.documents import folder_of, read_document, write_document
from aep_delivery.workflow.expectation import expectation_of, rules_of
from aep_delivery.workflow.messages import JudgeFiles, Verified, VerifyDelivery
from aep_delivery.workflow.services import Services


class LastReport(BaseModel):
    """What the next delivery is compared with: the report without its files, beside the folders of the executions."""

    model_config = ConfigDict(frozen=True)

    execution: str
    report: VerificationReport


class Task:
    """What is to be verified, as the documents of the execution say.

    Args:
        message: What the step was told.
        services: The collaborators.
    """

    def __init__(self, message: VerifyDelivery | JudgeFiles, services: Services) -> None:
        config = read_config(services.documents, message.delivery).delivery()
        plan = read_document(services.documents, message.plan.plan, Plan)
        self.expectation = expectation_of(config, plan)
        self.outcome = read_document(services.documents, message.outcome, RunOutcome)
        self.rules = rules_of(config)
        self.reader = services.reader(config)


def verify_delivery(message: VerifyDelivery, services: Services) -> Verified:
    """List the files of the run, and verify them where they are few. Many are handed out in batches.

    What is wrong with the files is in the report and raises nothing.

    Raises:
        UserError: The storage denies access.
        TransientError: The storage asks to come back.
    """
    task = Task(message, services)
    seconds = services.settings.check_seconds
    listing = list_files(task.expectation, task.outcome, task.reader, services.clock, seconds=seconds)
    logger.info("files listed", extra={"estimate": listing.estimate.model_dump()})
    tasks = tasks_of(task.expectation, listing.inventory, seconds=seconds)
    batches = batches_of(tasks)
    if len(batches) > 1 or any(each.large is Large.IN_LEGS for each in tasks):
        documents = BatchDocuments(services.documents, message.delivery.delivery_id, message.execution)
        documents.keep_listing(listing)
        for number, batch in enumerate(batches):
            documents.keep_batch(number, Batch(expectation=task.expectation, tasks=tuple(batch)))
        return Verified(batches=len(batches), estimate=listing.estimate)
    report = judge(
        task.expectation,
        task.outcome,
        task.rules,
        listing,
        check_tasks(task.expectation, tasks, task.reader, Limits()),
        reader=task.reader,
        clock=services.clock,
        last=last_report(message, services),
    )
    key = keep_report(report, message, services)
    return Verified(verdict=report.verdict, report=key, estimate=listing.estimate)


def keep_report(report: VerificationReport, message: VerifyDelivery | JudgeFiles, services: Services) -> str:
    """Keep a report for the receipt, and for the next delivery; returns its key."""
    key = f"{folder_of(message.delivery.delivery_id, message.execution)}/report.json"
    write_document(services.documents, key, report)
    remember(report, message, services)
    return key


def last_report(message: VerifyDelivery | JudgeFiles, services: Services) -> VerificationReport | None:
    """What verification found of this delivery the last time; None where there was none, or of this very execution.

    It only serves to tell what is different, so one that cannot be read is no reason to fail: S3 denies what is not
    there to those who may not list, and another version may have written it.
    """
    last = _kept_last(message, services)
    return last.report if last is not None and last.execution != message.execution else None


def remember(report: VerificationReport, message: VerifyDelivery | JudgeFiles, services: Services) -> None:
    """Keep the report, where it shows columns, for the next delivery.

    A dataset or audience that had no files this time keeps the columns it had before.
    """
    if not any(export.columns for export in report.exports):
        return
    last = _kept_last(message, services)
    known = {export.id: export.columns for export in last.report.exports} if last is not None else {}
    light = report.model_copy(
        update={
            "datasets": [_light(dataset, known) for dataset in report.datasets],
            "audiences": [_light(audience, known) for audience in report.audiences],
            "findings": [],
        }
    )
    write_document(services.documents, _last_key(message), LastReport(execution=message.execution, report=light))


def _light(export: ExportReport, known: Mapping[str, list[ColumnReport]]) -> ExportReport:
    return export.model_copy(update={"files": [], "columns": export.columns or known.get(export.id, [])})


def _kept_last(message: VerifyDelivery | JudgeFiles, services: Services) -> LastReport | None:
    try:
        return read_document(services.documents, _last_key(message), LastReport)
    except InternalError:
        return None


def _last_key(message: VerifyDelivery | JudgeFiles) -> str:
    return f"deliveries/{message.delivery.delivery_id}/last-report.json"
