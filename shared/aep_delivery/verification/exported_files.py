"""Which objects in storage are a delivery's, of all its runs: for deleting them, so in doubt an object is not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.filenames import audience_pattern
from aep_delivery.verification.folders import DEFAULT_TEMPLATE, folder_pattern
from aep_delivery.verification.key_pattern import KeyPattern, Place
from aep_delivery.verification.names import NameKind, kind_of, kind_of_named

_DATASET_MACRO = re.compile("%DATASET_(?:ID|NAME)%")
_AUDIENCE_MACRO = re.compile("%SEGMENT_(?:ID|NAME)%")
_SUCCESS = "_SUCCESS"
_EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class ExportedFiles:
    """What lies in the folders of a delivery."""

    own: tuple[StoredObject, ...]
    """What an export wrote: data files of the delivery's type; of datasets manifests and Spark's marker, too."""
    left: int
    """How many other objects lie beside them."""

    @property
    def size(self) -> int:
        """Bytes of its own files."""
        return sum(stored.size for stored in self.own)


def own_patterns(expectation: Expectation) -> tuple[KeyPattern, ...]:
    """The folders, or for audiences the file names, that are this delivery's alone, over all its runs: one pattern for
    each dataset or audience.

    Raises:
        UserError: ``remove.files-not-told-apart`` where a template names no dataset or audience, or where a part of
            the name is not known, so that the files of others would match too.
    """
    if expectation.audiences:
        patterns = tuple(audience_pattern(expectation, audience) for audience in expectation.audiences)
        templates = [expectation.path + (item.filename_template or "") for item in expectation.audiences]
        macro, place = _AUDIENCE_MACRO, "filenameTemplate"
    else:
        patterns = tuple(folder_pattern(expectation, dataset) for dataset in expectation.datasets)
        template = expectation.foldername_template
        templates = [DEFAULT_TEMPLATE if template is None else template]
        macro, place = _DATASET_MACRO, "scheduleParams.foldernameTemplate"
    known = all(token.known for pattern in patterns for token in pattern.tokens)
    if not all(macro.search(template) for template in templates) or not known:
        raise UserError(
            f"The files of this delivery cannot be told from those of others: {patterns[0].text}.",
            code="remove.files-not-told-apart",
            hint="Remove without --delete-files, and delete the files yourself.",
            place=place,
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
    for pattern in own_patterns(expectation):
        for stored in reader.list_objects(pattern.list_prefix(*_EVER)):
            place = pattern.place(stored.key)
            if place is not None and _is_exported(place, stored, expectation):
                own[stored.key] = stored
            elif pattern.folder_of(stored.key) is not None:
                others.add(stored.key)
    return ExportedFiles(own=tuple(own.values()), left=len(others - own.keys()))


def _is_exported(place: Place, stored: StoredObject, expectation: Expectation) -> bool:
    if expectation.audiences:
        # A manifest in a folder that audiences share does not say by its name whose it is.
        return kind_of_named(place, stored.size, expectation) is NameKind.DATA
    kind = kind_of(place.name, stored.size, expectation)
    return kind in (NameKind.DATA, NameKind.MANIFEST) or place.name == _SUCCESS
