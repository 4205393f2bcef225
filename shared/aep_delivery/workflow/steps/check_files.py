"""Opens the files of one batch and keeps what it finds, and keeps why where it cannot."""

from __future__ import annotations

from aep_delivery.runtime.errors import read_cause
from aep_delivery.verification.checking import check_files as check
from aep_delivery.verification.limits import Limits
from aep_delivery.workflow.batch_documents import BatchDocuments, CheckedBatch
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.messages import CheckedFiles, CheckFiles, KeepFailure, KeptFailure
from aep_delivery.workflow.services import Services


def check_files(message: CheckFiles, services: Services) -> CheckedFiles:
    """Check one batch. What is wrong with its files is kept and raises nothing.

    Raises:
        UserError: The storage denies access.
        TransientError: The storage asks to come back.
    """
    config = read_config(services.documents, message.delivery).delivery()
    documents = BatchDocuments(services.documents, message.delivery.delivery_id, message.execution)
    batch = documents.batch(message.batch)
    tasks = [(task.stored, task.level) for task in batch.tasks]
    checked = check(batch.expectation, tasks, services.reader(config), Limits(), sparing=True)
    documents.keep_checked(message.batch, CheckedBatch(files=tuple(checked)))
    return CheckedFiles(batch=message.batch, files=len(checked))


def keep_failure(message: KeepFailure, services: Services) -> KeptFailure:
    """Keep the error that ended a batch: the failure of a distributed map does not say what failed in it."""
    error = read_cause(message.error, message.cause)
    documents = BatchDocuments(services.documents, message.delivery.delivery_id, message.execution)
    documents.keep_failure(error)
    return KeptFailure(code=error.code)
