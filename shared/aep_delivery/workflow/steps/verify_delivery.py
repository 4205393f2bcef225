"""Opens the delivered files and keeps what it finds."""

from __future__ import annotations

from aep_delivery.planning.plan import Plan
from aep_delivery.running.models import RunOutcome
from aep_delivery.verification.expectation import Rules
from aep_delivery.verification.verify import verify_delivery as verify
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.documents import folder_of, read_document, write_document
from aep_delivery.workflow.expectation import expectation_of
from aep_delivery.workflow.messages import Verified, VerifyDelivery
from aep_delivery.workflow.services import Services


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
        Rules(record_count=config.verify.record_count.value, file_count=config.verify.file_count.value),
        services.reader(config),
        services.clock,
    )
    key = f"{folder_of(message.delivery.delivery_id, message.execution)}/report.json"
    return Verified(verdict=report.verdict, report=write_document(services.documents, key, report))
