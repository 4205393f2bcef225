"""The files of a delivery that is about to be removed."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.plan import Plan
from aep_delivery.runtime.errors import DeliveryError, UserError
from aep_delivery.state.records import Applied
from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.exported_files import ExportedFiles, exported_files, own_patterns
from aep_delivery.verification.inventory import patterns
from aep_delivery.workflow.config_document import ConfigDocument
from aep_delivery.workflow.documents import read_document, write_document
from aep_delivery.workflow.expectation import expectation_of
from aep_delivery.workflow.services import Services

_END = {True: "*", False: "/"}
"""What follows the pattern of file names, and of folders."""


class FilesToDelete(BaseModel):
    """What a removal leaves to do, in the work bucket beside the folders of the executions."""

    model_config = ConfigDict(frozen=True)

    applied: Applied | None
    """What tells where the files are; None once they are deleted."""


class DeliveredFiles:
    """The files of one delivery, as it was applied last. Made before the removal, which forgets what was applied.

    Args:
        delivery_id: ``sandbox/name``.
        services: The collaborators.

    Raises:
        UserError: ``remove.files-unknown`` where nothing is recorded as applied, ``remove.files-not-told-apart``, or
            the destination's secret cannot be read.
    """

    def __init__(self, delivery_id: str, services: Services) -> None:
        self._delivery_id = delivery_id
        self._services = services
        applied = services.store.applied(delivery_id) or self._left_by_a_removal()
        if applied is None:
            raise UserError(
                f"It is not recorded what was applied of {delivery_id}, so its files are not known.",
                code="remove.files-unknown",
                hint="Remove without --delete-files, and delete the files yourself.",
            )
        self._applied = applied
        config, self._expectation = self._read(applied)
        own = own_patterns(self._expectation)
        self.folders = tuple(
            f"{self._expectation.location}/{pattern.text}{_END[pattern.names_files]}" for pattern in own
        )
        """Where they lie, for a person; for audiences what they are called, too."""
        self._reader = services.reader(config)
        self._cleaner = services.cleaner(config)

    def find(self) -> ExportedFiles:
        """The files there are now.

        Raises:
            UserError: ``remove.files-shared`` where another delivery writes into the same folders.
        """
        found = exported_files(self._expectation, self._reader)
        self._refuse_shared(found.own)
        return found

    def keep_in_mind(self) -> None:
        """Keep what was applied for a later deletion: the removal forgets it, and deleting may fail."""
        self._note(self._applied)

    def delete(self) -> tuple[int, int]:
        """Delete the files there are now. Returns how many are deleted, and how many others are left beside them."""
        found = self.find()
        deleted = self._cleaner.delete_objects(stored.key for stored in found.own)
        self._note(None)
        return deleted, found.left

    def _note(self, applied: Applied | None) -> None:
        write_document(self._services.documents, _note_key(self._delivery_id), FilesToDelete(applied=applied))

    def _left_by_a_removal(self) -> Applied | None:
        """What was applied of a delivery that is removed, while its files are still to be deleted."""
        try:
            return read_document(self._services.documents, _note_key(self._delivery_id), FilesToDelete).applied
        except DeliveryError:  # There is none, or S3 does not say so to those who may not list.
            return None

    def _refuse_shared(self, own: tuple[StoredObject, ...]) -> None:
        store = self._services.store
        for other in sorted(set(store.deliveries()) - {self._delivery_id}):
            applied = store.applied(other)
            if applied is None:
                continue
            _, theirs = self._read(applied)
            if not may_be_the_same(theirs.location, self._expectation.location):
                continue
            of_theirs = [each.pattern for each in patterns(theirs)]
            shared = [stored.key for stored in own if any(pattern.place(stored.key) for pattern in of_theirs)]
            if shared:
                raise UserError(
                    f"{len(shared):,} of the files may be those of {other}, which writes to the same folders.",
                    code="remove.files-shared",
                    hint="Remove without --delete-files, and delete the files yourself.",
                    place=f"{theirs.location}/{shared[0]}",
                )

    def _read(self, applied: Applied) -> tuple[DeliveryConfig, Expectation]:
        config = read_document(self._services.documents, applied.config_key, ConfigDocument).delivery()
        return config, expectation_of(config, read_document(self._services.documents, applied.plan_key, Plan))


def _note_key(delivery_id: str) -> str:
    return f"deliveries/{delivery_id}/files-to-delete.json"


def may_be_the_same(one: str, other: str) -> bool:
    """False where two locations are certainly not the same storage: most do not say their server or account."""
    if one == other:
        return True
    # A container that one destination names may be in the credentials of another.
    azure, by_account = ("azure:", "abfss:", "adls:"), ("abfss:", "adls:")
    both = one.startswith(azure) and other.startswith(azure)
    return both and (one.startswith(by_account) or other.startswith(by_account))
