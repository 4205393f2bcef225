"""Opens the delivered files and keeps what it finds."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from aep_delivery.planning.plan import Plan
from aep_delivery.running.models import RunOutcome
from aep_delivery.runtime.errors import InternalError
from aep_delivery.verification.report import VerificationReport
from aep_delivery.verification.verify import verify_delivery as verify
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.documents import folder_of, read_document, write_document
from aep_delivery.workflow.expectation import expectation_of, rules_of
from aep_delivery.workflow.messages import Verified, VerifyDelivery
from aep_delivery.workflow.services import Services


class LastReport(BaseModel):
    """What the next delivery is compared with: the report without its files, beside the folders of the executions."""

    model_config = ConfigDict(frozen=True)

    execution: str
    report: VerificationReport


def verify_delivery(message: VerifyDelivery, services: Services) -> Verified:
    """Verify the files of the run. What is wrong with them is in the report and raises nothing.

    Raises:
        UserError: The storage denies access.
        TransientError: The storage asks to come back.
    """
    config = read_config(services.documents, message.delivery).delivery()
    plan = read_document(services.documents, message.plan.plan, Plan)
    outcome = read_document(services.documents, message.outcome, RunOutcome)
    report = verify(
        expectation_of(config, plan),
        outcome,
        rules_of(config),
        services.reader(config),
        services.clock,
        last=last_report(message, services),
    )
    key = f"{folder_of(message.delivery.delivery_id, message.execution)}/report.json"
    verified = Verified(verdict=report.verdict, report=write_document(services.documents, key, report))
    remember(report, message, services)
    return verified


def last_report(message: VerifyDelivery, services: Services) -> VerificationReport | None:
    """What verification found of this delivery the last time; None where there was none, or of this very execution.

    It only serves to tell what is different, so one that cannot be read is no reason to fail: S3 denies what is not
    there to those who may not list, and another version may have written it.
    """
    try:
        last = read_document(services.documents, _last_key(message), LastReport)
    except InternalError:
        return None
    return last.report if last.execution != message.execution else None


def remember(report: VerificationReport, message: VerifyDelivery, services: Services) -> None:
    """Keep the report, where it shows columns, for the next delivery."""
    if not any(export.columns for export in report.exports):
        return
    light = report.model_copy(
        update={
            "datasets": [dataset.model_copy(update={"files": []}) for dataset in report.datasets],
            "audiences": [audience.model_copy(update={"files": []}) for audience in report.audiences],
            "findings": [],
        }
    )
    write_document(services.documents, _last_key(message), LastReport(execution=message.execution, report=light))


def _last_key(message: VerifyDelivery) -> str:
    return f"deliveries/{message.delivery.delivery_id}/last-report.json"
