"""Which of the files that lie somewhere are data, and what each of them is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from posixpath import basename

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.local import LocalReader
from aep_delivery.storage.reader import ObjectChangedError, StorageReader, StoredObject
from aep_delivery.verification.dialect import RFC_4180, CsvDialect
from aep_delivery.verification.expectation import FileType
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.loose_files.kinds import (
    LOOK,
    Kind,
    Packing,
    is_hidden,
    is_paper,
    kind_of_content,
    kind_of_name,
)
from aep_delivery.verification.loose_files.places import Place
from aep_delivery.verification.manifest import Manifest, read_manifest
from aep_delivery.verification.names import is_manifest
from aep_delivery.verification.report import Finding


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller says of the files, and how far to look."""

    file_type: FileType | None = None
    """None: as their names and first bytes say."""
    packing: Packing | None = None
    level: Level = Level.CONTENT
    header: bool = True
    """False where the first row of CSV files is one of data."""
    dialect: CsvDialect | None = None
    """Of CSV files; None is that of RFC 4180, with tabs for ``.tsv``."""
    records: int | None = None
    """Rows of all files together; None where nobody knows."""

    def dialect_of(self, kind: Kind) -> CsvDialect:
        """The form of one CSV file."""
        dialect = self.dialect or (CsvDialect(delimiter="\t") if kind.tabs else RFC_4180)
        return dialect if self.header else dialect.model_copy(update={"header": False})


@dataclass(frozen=True, slots=True)
class LooseFile:
    """One data file."""

    place: int
    """Which of the places it was found in."""
    stored: StoredObject
    path: str
    kind: Kind

    @property
    def folder(self) -> str:
        """Its folder as the caller would write it."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return basename(self.path)


@dataclass(slots=True)
class Gathered:
    """Everything that was found."""

    files: list[LooseFile] = field(default_factory=list)
    manifests: dict[str, list[Manifest]] = field(default_factory=dict)
    """Of each folder."""
    findings: list[Finding] = field(default_factory=list)
    """Of names alone; their paths are the caller's."""
    ignored: int = 0
    """Markers and papers."""


class NothingThereError(Exception):
    """A path leads nowhere. Its text is the path."""


class UnknownTypeError(Exception):
    """Neither name nor first bytes tell what the one file is that was asked for. Its text is the path."""


def gather(places: Sequence[Place], asked: Asked, limits: Limits, *, manifest: Place | None = None) -> Gathered:
    """List all places and sort what is there. Of a file whose name is silent the first bytes are read.

    A path that several places lead to is taken once.

    Args:
        places: Files and folders.
        asked: What the caller says of them.
        limits: Bounds of a manifest.
        manifest: The manifest they are to be held against. It is no data, even if it lies among them.

    Raises:
        NothingThereError: A place is not there.
        UnknownTypeError: A file that was named itself is of no known type.
        UserError: A storage denies access.
        TransientError: A storage asks to come back.
    """
    gathered = Gathered()
    alone = len(places) == 1 and places[0].key is not None
    taken = {manifest.identity(manifest.key)} if manifest and manifest.key else set()
    for number, place in enumerate(places):
        with place.open() as reader:
            if isinstance(reader, LocalReader) and place.key is None:
                gathered.findings += [_link(place, key) for key in reader.links() if not is_hidden(key)]
            for stored in _listed(place, reader):
                identity = place.identity(stored.key)
                if identity not in taken:
                    taken.add(identity)
                    _sort_in(gathered, _Seen(number, place, reader, stored, alone), asked, limits)
    return gathered


def read_one_manifest(place: Place, limits: Limits) -> Manifest | Finding:
    """The manifest at a place. Raises as :func:`gather`."""
    with place.open() as reader:
        [stored] = _listed(place, reader)
        found = read_manifest(stored, reader, limits)
        return found.model_copy(update={"path": place.path_of(stored.key)}) if isinstance(found, Finding) else found


@dataclass(frozen=True, slots=True)
class _Seen:
    number: int
    place: Place
    reader: StorageReader
    stored: StoredObject
    alone: bool
    """True for the one file that was asked for."""

    @property
    def named(self) -> bool:
        """True for a file that was asked for by its own name."""
        return self.place.key is not None

    @property
    def path(self) -> str:
        return self.place.path_of(self.stored.key)

    @property
    def inside(self) -> str:
        return self.stored.key.removeprefix(self.place.prefix)


def _sort_in(gathered: Gathered, seen: _Seen, asked: Asked, limits: Limits) -> None:
    name = basename(seen.path)
    by_name = kind_of_name(name)
    if not seen.alone:
        beside = is_hidden(seen.inside) or not name or is_paper(name)
        # A shell's pattern names markers and papers, too; a file of data that is named itself is meant.
        if beside and not (seen.named and by_name.is_known):
            gathered.ignored += 1
            return
        if _is_manifest(gathered, seen, name, limits):
            return
    kind = _told(seen, by_name, asked)
    packed_unknown = by_name.unknown_codec and asked.file_type is None
    # An empty file is damaged whatever its type, and a listing does not ask for it.
    needless = seen.named and (not seen.stored.size or asked.level is Level.LISTING)
    if (kind.is_known and not packed_unknown) or needless:
        gathered.files.append(LooseFile(seen.number, seen.stored, seen.path, kind))
    elif seen.named:
        raise UnknownTypeError(seen.path)
    elif packed_unknown:
        message = "The name says that it is data, packed in a way that is not known."
        gathered.findings.append(Finding(code="file.unknown-type", message=message, path=seen.path))
    else:
        gathered.ignored += 1


def _told(seen: _Seen, by_name: Kind, asked: Asked) -> Kind:
    """What a file is. What the caller says goes over its name."""
    file_type = asked.file_type or by_name.file_type
    packing = "NONE" if file_type == "PARQUET" else asked.packing or by_name.packing
    kind = replace(by_name, file_type=file_type, packing=packing)
    if kind.is_known or not seen.stored.size or asked.level is Level.LISTING:
        return kind
    try:
        head = seen.reader.read_range(seen.stored.key, 0, LOOK, etag=seen.stored.etag)
    except (ObjectChangedError, UserError):
        # Reading it whole will say the same, with its own finding.
        return replace(kind, file_type=kind.file_type or "JSON", packing=kind.packing or "NONE")
    return kind_of_content(head, kind)


def _is_manifest(gathered: Gathered, seen: _Seen, name: str, limits: Limits) -> bool:
    """True for Adobe's manifests, and for what looks like one by its name and is one by its content."""
    if not (name.startswith("manifest") and name.endswith(".json")):
        return False
    try:
        found = read_manifest(seen.stored, seen.reader, limits)
    except ObjectChangedError:
        return is_manifest(name)
    folder = seen.path.rpartition("/")[0]
    if isinstance(found, Manifest):
        gathered.manifests.setdefault(folder, []).append(found)
    elif is_manifest(name):
        gathered.findings.append(found.model_copy(update={"path": seen.path}))
    else:
        return False
    return True


def _listed(place: Place, reader: StorageReader) -> Iterator[StoredObject]:
    if place.key is None:
        return reader.list_objects(place.prefix)
    stored = reader.stat(place.key)
    if stored is None:
        raise NothingThereError(place.path_of(place.key))
    return iter([stored])


def _link(place: Place, key: str) -> Finding:
    return Finding(
        code="file.link-refused",
        message="The name is a symbolic link that leads out of the folder, or nowhere. It was not followed.",
        path=place.path_of(key),
    )
