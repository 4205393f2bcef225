"""Brings together what the batches found, and keeps the report."""

from __future__ import annotations

from aep_delivery.verification.limits import Limits
from aep_delivery.verification.parts.checking import joined_files
from aep_delivery.verification.verify import judge
from aep_delivery.workflow.batch_documents import BatchDocuments
from aep_delivery.workflow.messages import Judged, JudgeFiles
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.steps.verify_delivery import Task, keep_report, last_report


def judge_files(message: JudgeFiles, services: Services) -> Judged:
    """List again and judge, with the checks that others have made.

    Raises:
        UserError: The storage denies access.
        TransientError: The storage asks to come back.
        InternalError: ``work.document-missing``; a batch was not checked.
    """
    task = Task(message, services)
    documents = BatchDocuments(services.documents, message.delivery.delivery_id, message.execution)
    listing = documents.listing()
    batches = [documents.checked(number) for number in range(message.batches)]
    data = [stored for files in listing.inventory for stored in files.data]
    parts = [part for batch in batches for part in batch.parts]
    report = judge(
        task.expectation,
        task.outcome,
        task.rules,
        listing,
        [
            *(file for batch in batches for file in batch.files),
            *joined_files(task.expectation, data, parts, task.reader, Limits()),
        ],
        reader=task.reader,
        clock=services.clock,
        last=last_report(message, services),
    )
    return Judged(verdict=report.verdict, report=keep_report(report, message, services))
