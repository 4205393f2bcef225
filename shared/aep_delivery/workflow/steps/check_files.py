"""Opens the files of one batch and keeps what it finds, and keeps why where it cannot."""

from __future__ import annotations

from aep_delivery.runtime.errors import read_cause
from aep_delivery.storage.reader import StorageReader
from aep_delivery.verification.batches import Large, most_bytes
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.parts.checking import check_leg, check_parts, check_tasks
from aep_delivery.verification.parts.seal import seal, unseal
from aep_delivery.workflow.batch_documents import Batch, BatchDocuments, CheckedBatch, Progress
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.messages import CheckedFiles, CheckFiles, KeepFailure, KeptFailure
from aep_delivery.workflow.services import Services


def check_files(message: CheckFiles, services: Services) -> CheckedFiles:
    """Check one batch, or of a file that takes longer than one function has, one leg. What is wrong with the files is
    kept and raises nothing.

    Raises:
        UserError: The storage denies access.
        TransientError: The storage asks to come back.
    """
    config = read_config(services.documents, message.delivery).delivery()
    documents = BatchDocuments(services.documents, message.delivery.delivery_id, message.execution)
    batch = documents.batch(message.batch)
    reader, seconds = services.reader(config), services.settings.check_seconds
    if batch.tasks[0].large is Large.IN_LEGS:
        return _check_leg(message, batch, documents, reader, services)
    checked = check_tasks(batch.expectation, batch.tasks, reader, Limits(), sparing=True)
    parts = check_parts(batch.expectation, batch.tasks, reader, Limits(), seconds=seconds)
    documents.keep_checked(message.batch, CheckedBatch(files=tuple(checked), parts=tuple(parts)))
    return CheckedFiles(batch=message.batch, files=len(checked))


def _check_leg(
    message: CheckFiles, batch: Batch, documents: BatchDocuments, reader: StorageReader, services: Services
) -> CheckedFiles:
    """Read a file on for as long as there is time, and hand it over where there is more of it."""
    [task] = batch.tasks
    so_far = documents.progress(message.batch, message.leg) if message.leg else None
    begun, seconds = services.clock.now(), services.settings.check_seconds
    most = most_bytes(batch.expectation, seconds)
    outcome = check_leg(
        batch.expectation,
        task.stored,
        so_far.legs if so_far else (),
        unseal(so_far.handover, message.seal.get_secret_value()) if so_far else None,
        reader,
        limits=Limits(),
        # Reckoned by bytes, so that it ends in time where all is well; by the clock where the storage is slow.
        is_over=lambda size: size >= most or (services.clock.now() - begun).total_seconds() >= seconds,
    )
    if outcome.handover is None:
        documents.keep_checked(message.batch, CheckedBatch(files=outcome.files))
        return CheckedFiles(batch=message.batch, files=len(outcome.files))
    sealed, key = seal(outcome.handover)
    documents.keep_progress(message.batch, message.leg + 1, Progress(legs=outcome.legs, handover=sealed))
    return CheckedFiles(batch=message.batch, files=0, leg=message.leg + 1, seal=key)


def keep_failure(message: KeepFailure, services: Services) -> KeptFailure:
    """Keep the error that ended a batch: the failure of a distributed map does not say what failed in it."""
    error = read_cause(message.error, message.cause)
    documents = BatchDocuments(services.documents, message.delivery.delivery_id, message.execution)
    documents.keep_failure(error)
    return KeptFailure(code=error.code)
