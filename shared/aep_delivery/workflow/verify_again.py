"""Verifies anew what a run has delivered, in this process, through the very steps of the ``deliver`` workflow."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import partial

from aep_delivery.events.inbound import DeliveryRequest
from aep_delivery.storage.reader import StorageReader
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.receipt.page import render_page
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.documents import Documents, MemoryDocuments, folder_of
from aep_delivery.workflow.in_process import patiently
from aep_delivery.workflow.messages import (
    CheckFiles,
    DeliveryRef,
    JudgeFiles,
    PlanRef,
    RecordOutcome,
    TimelineEntry,
    VerifyDelivery,
)
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.steps.check_files import check_files
from aep_delivery.workflow.steps.judge_files import judge_files
from aep_delivery.workflow.steps.record_outcome import receipt_of
from aep_delivery.workflow.steps.verify_delivery import verify_delivery


class _Drafts(MemoryDocuments):
    """Documents that are written to memory and read from there or, where they are none of these, from elsewhere."""

    def __init__(self, installed: Documents) -> None:
        super().__init__()
        self._installed = installed

    def get(self, key: str) -> str:
        return self.kept[key] if key in self.kept else self._installed.get(key)


def verify_again(
    delivery_id: str,
    delivered_by: str,
    execution: str,
    services: Services,
    *,
    watch: Callable[[StorageReader], StorageReader],
    tell: Callable[[str], None],
    before: Receipt | None,
) -> Receipt:
    """Verify the files of a run that an execution has awaited, and keep a receipt of its own for it.

    What is expected is what that execution's config and plan say, and how its run ended. Nothing is written beside the
    new folder: no event is sent, and neither the outcome that is remembered nor what the next delivery is compared with
    changes.

    Args:
        delivery_id: ``sandbox/name``.
        delivered_by: The execution that awaited the run.
        execution: Of this verification; the name of its folder.
        services: The collaborators. The clock is slept on between attempts.
        watch: Gets the reader of the destination, and gives the one to use.
        tell: Gets a line for people where something takes long.
        before: The execution's own receipt, which tells what was done in Adobe and of the deliveries before it.

    Raises:
        UserError: The destination's secret cannot be read, or the storage denies access.
        TransientError: The storage asks to come back, in all attempts.
        InternalError: A document of the execution is missing, or another version wrote it.
    """
    drafts = _Drafts(services.documents)
    own = copy(services)
    own.documents = drafts
    # An attribute goes before the method of its class; whoever runs the steps elsewhere has other methods.
    vars(own)["reader"] = lambda config: watch(services.reader(config))
    folder = folder_of(delivery_id, delivered_by)
    delivery = DeliveryRef(delivery_id=delivery_id, config=f"{folder}/config.json")
    plan = PlanRef(plan=f"{folder}/plan.json", changes=0, warnings=0)
    outcome = f"{folder}/run.json"
    began = services.clock.now()
    report = _report(VerifyDelivery(execution=execution, delivery=delivery, plan=plan, outcome=outcome), own, tell)
    message = RecordOutcome(
        execution=execution,
        request=_request(delivery, own).model_copy(update={"requested_at": began}),
        delivery=delivery,
        plan=plan,
        resources=[],
        outcome=outcome,
        report=report,
        timeline=[TimelineEntry(step="verify_delivery", entered_at=began, left_at=services.clock.now())],
    )
    receipt = receipt_of(message, own)
    if before is not None:
        receipt = receipt.model_copy(update={"resources": before.resources, "earlier": before.earlier})
    kept = folder_of(delivery_id, execution)
    services.documents.put(f"{kept}/report.json", drafts.kept[report])
    services.documents.put(f"{kept}/receipt.html", render_page(receipt), "text/html")
    services.documents.put(f"{kept}/receipt.json", receipt.to_json())
    return receipt


def _report(message: VerifyDelivery, services: Services, tell: Callable[[str], None]) -> str:
    """The key of the report, by the steps of the workflow: many files are checked batch after batch."""
    verified = patiently(partial(verify_delivery, message, services), services.clock, tell)
    if verified.report is not None:
        return verified.report
    for number in range(verified.batches):
        batch: CheckFiles | None = CheckFiles(execution=message.execution, delivery=message.delivery, batch=number)
        while batch:
            batch = batch.following(patiently(partial(check_files, batch, services), services.clock, tell))
    together = JudgeFiles(**dict(message), batches=verified.batches)
    return patiently(partial(judge_files, together, services), services.clock, tell).report


def _request(delivery: DeliveryRef, services: Services) -> DeliveryRequest:
    """The request of this verification, for the config that was delivered."""
    document = read_config(services.documents, delivery)
    origin = document.sources[0] if document.sources else None
    return DeliveryRequest(
        bucket=services.settings.config_bucket,
        key=origin.key if origin else document.source,
        version_id=origin.version if origin else None,
        trigger="cli",
        requested_at=services.clock.now(),
    )
