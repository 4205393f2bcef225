"""Ends a delivery that an error stopped: the lock, a receipt that says why, and the event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aep_delivery.planning.plan import Plan
from aep_delivery.runtime.errors import DeliveryError, ErrorDocument, read_cause
from aep_delivery.runtime.log import logger
from aep_delivery.verification.receipt.models import Delivery, Receipt, Request
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.documents import failure_folder, folder_of, read_document
from aep_delivery.workflow.messages import FailureHandled, HandleFailure
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.steps import receipts
from aep_delivery.workflow.verdict_figures import count_verdict

_DISTRIBUTED = "check_files"
_SUPERSEDED = "config.superseded"


def handle_failure(message: HandleFailure, services: Services) -> FailureHandled:
    """Release the lock, keep a failure receipt and announce it; of a config that was replaced, release the lock alone.

    It works with whatever the workflow had when it failed: the config may be unreadable, the plan never made.
    """
    delivery = message.delivery
    error = _error(message, services)
    if delivery is not None:
        services.store.release_lock(delivery.delivery_id, message.execution)
    if error.code == _SUPERSEDED:
        logger.info("a newer version of the config is delivered instead")
        return FailureHandled(error=error.code, cause=error.as_text(), superseded=True)
    request, now = _texts(message.request), services.clock.now()
    key = request.get("key") or "unknown"
    sandbox, _, name = delivery.delivery_id.partition("/") if delivery else (None, "", key.rpartition("/")[2])
    receipt = Receipt(
        delivery=Delivery(id=delivery.delivery_id if delivery else name, name=name, sandbox=sandbox),
        request=Request(
            bucket=request.get("bucket"),
            key=request.get("key"),
            version_id=request.get("versionId"),
            trigger=request.get("trigger") or "unknown",
            execution=message.execution,
            requested_at=_moment(request.get("requestedAt")) or now,
        ),
        verdict="FAILED",
        reason=error.message,
        finished_at=now,
        failure=error,
        timeline=receipts.timeline(message.timeline),
    )
    receipt = _with_what_is_known(receipt, message, services)
    folder = folder_of(delivery.delivery_id, message.execution) if delivery else failure_folder(message.execution)
    uri, page = receipts.keep(receipt, folder, services)
    count_verdict(receipt)
    return FailureHandled(error=error.code, cause=f"{error.as_text()}\nReceipt: {page}", receipt=uri, receipt_page=page)


def _error(message: HandleFailure, services: Services) -> ErrorDocument:
    """What stopped the delivery. Of a distributed map the platform only says that something in it failed."""
    error = read_cause(message.error, message.cause)
    if message.delivery is None or message.failed_step != _DISTRIBUTED:
        return error
    from aep_delivery.workflow.batch_documents import BatchDocuments  # noqa: PLC0415 - few failures pay for it

    try:
        return BatchDocuments(services.documents, message.delivery.delivery_id, message.execution).failure()
    except DeliveryError:
        return error


def _with_what_is_known(receipt: Receipt, message: HandleFailure, services: Services) -> Receipt:
    """The receipt with what earlier steps kept; a document that cannot be read must not hide the error itself."""
    if message.delivery is None:
        return receipt
    try:
        config = read_config(services.documents, message.delivery).delivery()
        plan = read_document(services.documents, message.plan.plan, Plan) if message.plan else None
    except DeliveryError as error:
        logger.warning("documents of the failed delivery cannot be read", extra={"code": error.code})
        return receipt
    return receipt.model_copy(
        update={
            "delivery": receipt.delivery.model_copy(update={"description": config.description}),
            "asked": receipts.asked(config, plan),
            "resources": receipts.resources(message.resources, plan),
            "warnings": receipts.warnings(plan) if plan else [],
        }
    )


def _texts(request: dict[str, Any]) -> dict[str, str]:
    """The texts of the request: what started the workflow may be anything."""
    return {name: value for name, value in request.items() if isinstance(value, str)}


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
