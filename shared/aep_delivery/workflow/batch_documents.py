"""What travels between the functions that check one delivery's files together, in the work bucket.

::

    batches/<sandbox>/<name>/<execution>/listing.json     what lies in storage, before it is opened
    batches/<sandbox>/<name>/<execution>/00000.json       the files of a batch
    batches/<sandbox>/<name>/<execution>/00000.done.json  what checking them showed
    batches/<sandbox>/<name>/<execution>/00000.leg-1.json how far a file is that is read in legs
    batches/<sandbox>/<name>/<execution>/failure.json     why a batch could not be checked

Nobody needs them once the delivery has ended: the bucket's lifecycle removes them.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from aep_delivery.runtime.errors import ErrorDocument
from aep_delivery.verification.batches import FileTask, Listing
from aep_delivery.verification.checking import CheckedFile
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.parts.models import PartCheck
from aep_delivery.verification.parts.seal import Sealed
from aep_delivery.workflow.documents import Document, Documents, read_document


class Batch(BaseModel):
    """Files that one function checks."""

    model_config = ConfigDict(frozen=True)

    expectation: Expectation
    tasks: tuple[FileTask, ...]


class CheckedBatch(BaseModel):
    """What checking a batch showed. A file that changed meanwhile is not in it, or not all of its parts."""

    model_config = ConfigDict(frozen=True)

    files: tuple[CheckedFile, ...]
    parts: tuple[PartCheck, ...] = ()
    """Of files that are read by several functions side by side."""


class Progress(BaseModel):
    """How far a file is that is read by several functions one after another."""

    model_config = ConfigDict(frozen=True)

    legs: tuple[PartCheck, ...]
    handover: Sealed


class BatchDocuments:
    """The documents of one execution's batches. They may be large, so they are written without indents.

    Args:
        documents: The work bucket.
        delivery_id: ``sandbox/name``.
        execution: Whose they are.
    """

    def __init__(self, documents: Documents, delivery_id: str, execution: str) -> None:
        self._documents = documents
        self._folder = f"batches/{delivery_id}/{execution}"

    def keep_listing(self, listing: Listing) -> None:
        self._keep("listing", listing)

    def listing(self) -> Listing:
        return self._read("listing", Listing)

    def keep_batch(self, number: int, batch: Batch) -> None:
        self._keep(f"{number:05}", batch)

    def batch(self, number: int) -> Batch:
        return self._read(f"{number:05}", Batch)

    def keep_checked(self, number: int, checked: CheckedBatch) -> None:
        self._keep(f"{number:05}.done", checked)

    def checked(self, number: int) -> CheckedBatch:
        return self._read(f"{number:05}.done", CheckedBatch)

    def keep_progress(self, number: int, leg: int, progress: Progress) -> None:
        self._keep(f"{number:05}.leg-{leg}", progress)

    def progress(self, number: int, leg: int) -> Progress:
        return self._read(f"{number:05}.leg-{leg}", Progress)

    def keep_failure(self, failure: ErrorDocument) -> None:
        self._keep("failure", failure)

    def failure(self) -> ErrorDocument:
        return self._read("failure", ErrorDocument)

    def _keep(self, name: str, document: BaseModel) -> None:
        self._documents.put(f"{self._folder}/{name}.json", document.model_dump_json(exclude_defaults=True))

    def _read(self, name: str, model: type[Document]) -> Document:
        return read_document(self._documents, f"{self._folder}/{name}.json", model)
