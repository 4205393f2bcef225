"""From paths to the whole answer: gather, check, hold the files together, judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.loose_files.checking import Outcome, check_loose
from aep_delivery.verification.loose_files.foreseen import Foreseen, foresee
from aep_delivery.verification.loose_files.gathering import Asked, Gathered, LooseFile, gather, read_one_manifest
from aep_delivery.verification.loose_files.hints import hinted
from aep_delivery.verification.loose_files.places import Place
from aep_delivery.verification.loose_files.report import CheckedPath, CheckReport, CheckVerdict, Found, Remark
from aep_delivery.verification.loose_files.together import compare_manifests, count_finding, doubles, gaps
from aep_delivery.verification.manifest import Manifest, ManifestComparison, ManifestEntry
from aep_delivery.verification.report import FileState, Finding, Severity

_NO_FILES = "There is no data file."


class Watcher(Protocol):
    """Is told how far a check is."""

    def foresee(self, foreseen: Foreseen) -> None:
        """This is what it will take. What is raised here ends it before a file is opened."""

    def begin(self, files: int, size: int) -> None:
        """So many files of so many bytes are to be checked."""

    def done(self, file: LooseFile) -> None:
        """One of them is."""


class UncountableError(Exception):
    """Rows are to be compared that nobody counts: encrypted ones, or text at a lower level. Its text is the path."""


def judge(
    places: Sequence[Place],
    asked: Asked,
    *,
    manifest: Place | None = None,
    processes: int = 1,
    watcher: Watcher | None = None,
    limits: Limits | None = None,
) -> CheckReport:
    """Check files and say whether they are whole.

    Args:
        places: Files and folders.
        asked: What the caller says of them.
        manifest: A manifest to hold them against.
        processes: How many may work at once.
        watcher: Is told how far it is.
        limits: Bounds of each file's check.

    Raises:
        NothingThereError: A place is not there.
        UnknownTypeError: A file that was named itself is of no known type.
        UncountableError: ``asked.records`` cannot be compared.
        UserError: A storage denies access.
        TransientError: A storage asks to come back.
    """
    bounds = limits or Limits()
    given = read_one_manifest(manifest, bounds) if manifest else None
    gathered = gather(places, asked, bounds, manifest=manifest)
    files = sorted(gathered.files, key=lambda file: file.path)
    if asked.records is not None:
        _must_count(files, asked.level)
    if watcher:
        remote = [number for number, place in enumerate(places) if place.remote]
        watcher.foresee(foresee(files, asked, remote=remote, processes=processes))
        watcher.begin(len(files), sum(file.stored.size for file in files))
    done = watcher.done if watcher else lambda _: None
    outcomes = check_loose(files, places, asked, bounds, processes=processes, done=done)
    if isinstance(given, Finding):
        gathered.findings.append(given)
        given = None
    return _report(files, outcomes, gathered, given, asked)


def _must_count(files: Sequence[LooseFile], level: Level) -> None:
    for file in files:
        counts_by_frame = file.kind.file_type == "PARQUET" and level is Level.STRUCTURE
        if file.kind.encrypted or not (level is Level.CONTENT or counts_by_frame):
            raise UncountableError(file.path)


def _report(
    files: Sequence[LooseFile], outcomes: Sequence[Outcome], gathered: Gathered, given: Manifest | None, asked: Asked
) -> CheckReport:
    checks = {file.path: outcome.check for file, outcome in zip(files, outcomes, strict=True)}
    listed = compare_manifests(files, gathered.manifests, given)
    together = [*_of_manifests(listed), *gaps(files), *doubles(files, checks, asked.records), *gathered.findings]
    missing = [_missing(entry) for entry in listed.missing]
    by_path: dict[str | None, list[Finding]] = {}
    for found in together:
        by_path.setdefault(found.path, []).append(found)
    entries = [_entry(file, outcome, by_path.get(file.path, [])) for file, outcome in zip(files, outcomes, strict=True)]
    of_files = [found for file, outcome in zip(files, outcomes, strict=True) for found in _of_one(file, outcome)]
    nothing = not files and not missing and asked.records != 0 and not (given or gathered.manifests)
    findings = [
        *of_files,
        *together,
        *count_finding(files, checks, asked.records),
        *([Finding(code="set.no-files", message=_NO_FILES)] if nothing else []),
    ]
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    return CheckReport(
        verdict=CheckVerdict.INVALID if errors else CheckVerdict.VALID,
        rows=sum(entry.rows or 0 for entry in entries),
        files=sorted([*entries, *missing], key=lambda entry: entry.path),
        unchecksummed=sum(entry.checksummed is False and not entry.encrypted for entry in entries),
        findings=[
            Found(code=item.code, path=item.path, where=item.where, message=message)
            for item, message in hinted(errors, asked)
        ],
    )


def _of_one(file: LooseFile, outcome: Outcome) -> Iterator[Finding]:
    """The findings in one file, with its path in place of its key."""
    if outcome.finding:
        yield outcome.finding
    for finding in outcome.check.findings if outcome.check else ():
        yield finding.model_copy(update={"path": file.path})


def _of_manifests(listed: ManifestComparison) -> Iterator[Finding]:
    for entry in listed.missing:
        message = "The manifest lists a file that is not there."
        yield Finding(code="manifest.file-missing", message=message, path=_path_of(entry))
    for path, size in listed.sizes.items():
        message = f"The manifest says {size:,} bytes."
        yield Finding(code="manifest.size-mismatch", message=message, path=path)
    for path in listed.unlisted:
        yield Finding(code="manifest.unlisted-file", message="No manifest lists the file.", path=path)
    for path in listed.misplaced:
        message = "The manifest lists the file in another folder."
        yield Finding(code="set.misplaced-file", message=message, path=path)
    if listed.unsafe:
        message = f"{listed.unsafe:,} of its names lead out of their folder. They were not looked for."
        yield Finding(code="manifest.unsafe-name", message=message)


def _entry(file: LooseFile, outcome: Outcome, together: Sequence[Finding]) -> CheckedPath:
    check = outcome.check
    of_one = list(_of_one(file, outcome))
    warnings = [found for found in (*of_one, *together) if found.severity is not Severity.ERROR]
    return CheckedPath(
        path=file.path,
        state=_state(check, outcome, together),
        type=file.kind.file_type,
        compression=file.kind.packing,
        encrypted=file.kind.encrypted,
        size=file.stored.size,
        rows=check.rows if check else None,
        sha256=check.sha256 if check else None,
        level=check.level if check else None,
        checksummed=check.checksummed if check else None,
        warnings=[Remark(code=found.code, where=found.where, message=found.message) for found in warnings],
    )


def _state(check: FileCheck | None, outcome: Outcome, together: Sequence[Finding]) -> FileState:
    if check is None:
        changed = outcome.finding is not None and outcome.finding.code == "file.changed"
        return FileState.DIFFERS if changed else FileState.DAMAGED
    if any(found.severity is Severity.ERROR for found in check.findings):
        return FileState.DAMAGED
    codes = {found.code for found in together if found.severity is Severity.ERROR}
    if codes & {"manifest.unlisted-file", "set.misplaced-file", "set.duplicate-file"}:
        return FileState.UNEXPECTED
    return FileState.DIFFERS if codes else FileState.WHOLE


def _missing(entry: ManifestEntry) -> CheckedPath:
    return CheckedPath(
        path=_path_of(entry),
        state=FileState.MISSING,
        type=None,
        compression=None,
        size=entry.size,
        rows=None,
        sha256=None,
        level=None,
        checksummed=None,
    )


def _path_of(entry: ManifestEntry) -> str:
    return f"{entry.sink_path.strip('/')}/{entry.name}".lstrip("/")
