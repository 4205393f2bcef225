"""Brings together what the batches found, and keeps the report."""

from __future__ import annotations

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
    report = judge(
        task.expectation,
        task.outcome,
        task.rules,
        documents.listing(),
        [file for number in range(message.batches) for file in documents.checked(number).files],
        reader=task.reader,
        clock=services.clock,
        last=last_report(message, services),
    )
    return Judged(verdict=report.verdict, report=keep_report(report, message, services))
