"""Which objects in storage are a delivery's, of all its runs: for deleting them, so in doubt an object is not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.folders import DEFAULT_TEMPLATE, FolderPattern, folder_pattern
from aep_delivery.verification.names import NameKind, kind_of

_DATASET_MACRO = re.compile("%DATASET_(?:ID|NAME)%")
_SUCCESS = "_SUCCESS"
_EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class ExportedFiles:
    """What lies in the folders of a delivery."""

    own: tuple[StoredObject, ...]
    """What an export wrote: data files of the delivery's type, manifests, Spark's marker."""
    left: int
    """How many other objects lie beside them."""

    @property
    def size(self) -> int:
        """Bytes of its own files."""
        return sum(stored.size for stored in self.own)


def own_folders(expectation: Expectation) -> tuple[FolderPattern, ...]:
    """The folders that are this delivery's alone, over all its runs, one pattern for each dataset.

    Raises:
        UserError: ``remove.files-not-told-apart`` where the template names no dataset, or where a part of the folder's
            name is not known, so that the files of others would match too.
    """
    template = DEFAULT_TEMPLATE if expectation.foldername_template is None else expectation.foldername_template
    patterns = tuple(folder_pattern(expectation, dataset) for dataset in expectation.datasets)
    known = all(token.literal or token.field for pattern in patterns for token in pattern.tokens)
    if not _DATASET_MACRO.search(template) or not known:
        raise UserError(
            f"The folders of this delivery cannot be told from those of others: {patterns[0].text}.",
            code="remove.files-not-told-apart",
            hint="Remove without --delete-files, and delete the files yourself.",
            place="scheduleParams.foldernameTemplate",
        )
    return patterns


def exported_files(expectation: Expectation, reader: StorageReader) -> ExportedFiles:
    """List the files of a delivery. Reads no content.

    Raises:
        UserError: ``remove.files-not-told-apart``, or the storage denies the listing.
        TransientError: The storage asks to come back.
    """
    own: dict[str, StoredObject] = {}
    others: set[str] = set()
    for pattern in own_folders(expectation):
        for stored in reader.list_objects(pattern.list_prefix(*_EVER)):
            place = pattern.place(stored.key)
            if place is None:
                continue
            kind = kind_of(place.name, stored.size, expectation.dataset_file_type, expectation.compression)
            if kind in (NameKind.DATA, NameKind.MANIFEST) or place.name == _SUCCESS:
                own[stored.key] = stored
            else:
                others.add(stored.key)
    return ExportedFiles(own=tuple(own.values()), left=len(others))
