"""Adobe's file manifest: which files a run wrote and how large they are. It has no row counts and no checksums.

Adobe: "Export datasets to cloud storage destinations", file manifest.
"""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import basename

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.report import Finding

_LONGEST_NAME = 4096
"""Characters; of S3's keys all together have 1,024."""


class ManifestEntry(BaseModel):
    """One line of ``exportResults``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(max_length=_LONGEST_NAME)
    size: int = Field(ge=0, lt=1 << 63)
    """Bytes."""
    sink_path: str = Field(default="", alias="sinkPath", max_length=_LONGEST_NAME)


class Manifest(BaseModel):
    """One ``manifest-<destination id>-<run id>.json``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    flow_run_id: str | None = Field(default=None, alias="flowRunId")
    results: tuple[ManifestEntry, ...] = Field(alias="exportResults")


class ManifestComparison(BaseModel):
    """What manifests and storage say of each other."""

    model_config = ConfigDict(frozen=True)

    missing: tuple[ManifestEntry, ...] = ()
    """Listed, but not there."""
    sizes: dict[str, int] = {}
    """Listed bytes of those objects whose size differs, by key."""
    unlisted: tuple[str, ...] = ()
    """Keys of data files that no manifest lists."""
    misplaced: tuple[str, ...] = ()
    """Keys of data files that a manifest lists in another folder."""
    unsafe: int = 0
    """Entries whose name leaves its folder. They are not looked up, and not repeated in messages."""


def read_manifest(stored: StoredObject, reader: StorageReader, limits: Limits) -> Manifest | Finding:
    """The manifest, or the finding that it cannot be read.

    Raises:
        ObjectChangedError: It was rewritten since it was listed.
    """
    if stored.size > limits.max_manifest_bytes:
        return _invalid(stored, f"The manifest is larger than {limits.max_manifest_bytes} bytes.")
    content = reader.read_range(stored.key, 0, stored.size, etag=stored.etag)
    if content.count(b"{") - 1 > limits.max_manifest_files:
        return _invalid(stored, f"The manifest lists more than {limits.max_manifest_files:,} files.")
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return _invalid(stored, "The manifest is not what Adobe documents.", where or None)


def compare(manifests: Iterable[Manifest], data: Iterable[StoredObject]) -> ManifestComparison:
    """Hold the manifests of a run against its data files, both ways.

    Files are matched by name, as part names are unique; where a name is there twice, ``sinkPath`` decides. A file whose
    folder is not the one of its line, though another of the run's folders is, lies in the wrong one.
    """
    data = list(data)
    folders = {stored.key.rpartition("/")[0] for stored in data}
    by_name: dict[str, list[StoredObject]] = {}
    for stored in data:
        by_name.setdefault(basename(stored.key), []).append(stored)
    missing: list[ManifestEntry] = []
    sizes: dict[str, int] = {}
    misplaced: list[str] = []
    unsafe = 0
    for entry in {(line.name, line.sink_path): line for manifest in manifests for line in manifest.results}.values():
        if "/" in entry.name or entry.name in {"", ".", ".."}:
            unsafe += 1
            continue
        match = _match(entry, by_name.get(entry.name, []))
        if match is None:
            missing.append(entry)
            continue
        by_name[entry.name].remove(match)
        if match.size != entry.size:
            sizes[match.key] = entry.size
        if not _lies_in(match, entry) and any(_is(folder, entry) for folder in folders):
            misplaced.append(match.key)
    unlisted = sorted(stored.key for left in by_name.values() for stored in left)
    return ManifestComparison(
        missing=tuple(missing),
        sizes=sizes,
        unlisted=tuple(unlisted),
        misplaced=tuple(misplaced),
        unsafe=unsafe,
    )


def _match(entry: ManifestEntry, candidates: list[StoredObject]) -> StoredObject | None:
    exact = (stored for stored in candidates if _lies_in(stored, entry))
    return next(exact, candidates[0] if candidates else None)


def _lies_in(stored: StoredObject, entry: ManifestEntry) -> bool:
    return _is(stored.key.rpartition("/")[0], entry)


def _is(folder: str, entry: ManifestEntry) -> bool:
    """True where the line's ``sinkPath`` may be this folder: it may begin with the bucket, or be left out."""
    sink = entry.sink_path.strip("/")
    return (
        folder == sink
        or f"/{folder}".endswith(f"/{sink}")
        or (bool(folder) and sink.endswith(f"/{folder}"))
        or not sink
    )


def _invalid(stored: StoredObject, message: str, where: str | None = None) -> Finding:
    return Finding(code="manifest.invalid", message=message, path=stored.key, where=where)
