"""Ends a delivery that has a verdict: the receipt, its page, and the event."""

from __future__ import annotations

from aep_delivery.planning.plan import Plan
from aep_delivery.running.models import RunOutcome
from aep_delivery.verification.receipt.models import Delivery, Receipt, Request
from aep_delivery.verification.report import VerificationReport
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.documents import folder_of, read_document
from aep_delivery.workflow.messages import Recorded, RecordOutcome
from aep_delivery.workflow.run_claims import settle_runs
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.steps import receipts
from aep_delivery.workflow.verdict_figures import count_verdict


def record_outcome(message: RecordOutcome, services: Services) -> Recorded:
    """Write the receipt of a delivery whose files were judged."""
    receipt = receipt_of(message, services)
    uri, page = receipts.keep(receipt, folder_of(receipt.delivery.id, message.execution), services)
    recorded = Recorded(
        verdict=str(receipt.verdict),
        good=receipt.is_good,
        summary=f"{receipt.reason} Receipt: {page}",
        receipt=uri,
        receipt_page=page,
    )
    settle_runs(receipt, recorded, services)
    count_verdict(receipt)
    return recorded


def receipt_of(message: RecordOutcome, services: Services) -> Receipt:
    """Put the receipt together from the documents of an execution."""
    config = read_config(services.documents, message.delivery).delivery()
    plan = read_document(services.documents, message.plan.plan, Plan)
    report = read_document(services.documents, message.report, VerificationReport)
    request = message.request
    return Receipt(
        delivery=Delivery(
            id=config.delivery_id, name=config.name, sandbox=config.sandbox, description=config.description
        ),
        request=Request(
            bucket=request.bucket,
            key=request.key,
            version_id=request.version_id,
            trigger=request.trigger,
            execution=message.execution,
            requested_at=request.requested_at,
        ),
        verdict=report.verdict,
        reason=report.reason,
        finished_at=report.finished_at,
        asked=receipts.asked(config, plan),
        resources=receipts.resources(message.resources, plan),
        warnings=receipts.warnings(plan),
        run=read_document(services.documents, message.outcome, RunOutcome),
        verification=report,
        timeline=receipts.timeline(message.timeline),
    )
