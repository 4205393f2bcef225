"""The report of each file, from what its check and the manifests say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.columns import columns_of
from aep_delivery.verification.evidence import Evidence
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.figures import Figures
from aep_delivery.verification.inventory import FileSet, patterns
from aep_delivery.verification.manifest import ManifestComparison, ManifestEntry
from aep_delivery.verification.report import (
    AudienceReport,
    DatasetReport,
    ExportReport,
    FileReport,
    FileState,
    Finding,
    Severity,
)


def export_reports(
    expectation: Expectation,
    figures: Figures,
    listed: ManifestComparison,
    of_set: Mapping[str, Sequence[Finding]],
) -> list[ExportReport]:
    """One report for each dataset or audience. Rows and bytes count the data files that are there.

    Args:
        expectation: What must be there.
        figures: The figures of the run, with the evidence.
        listed: What the manifests say.
        of_set: What was found of single files by looking at all of them, by key.
    """
    evidence = figures.evidence
    homes = _homes(listed.missing, expectation, evidence.inventory)
    reports: list[ExportReport] = []
    for index, files in enumerate(evidence.inventory):
        data = [_data_file(stored, evidence, listed, of_set.get(stored.key, ())) for stored in files.data]
        others = [
            *(_unexpected(stored, "set.wrong-type", "The file is of another type.") for stored in files.wrong_type),
            *(_unexpected(stored, "set.unexpected-file", "No export writes this file.") for stored in files.foreign),
            *(
                _unexpected(
                    stored, "set.misplaced-file", f"The file is named as one of {files.name}, whose folder this is not."
                )
                for stored in files.misplaced
            ),
            *(_missing(entry, files) for entry, home in zip(listed.missing, homes, strict=True) if home == index),
        ]
        rows, size = sum(file.rows or 0 for file in data), sum(file.size for file in data)
        columns = columns_of(files, expectation, evidence)
        reports.append(
            AudienceReport(
                audience_id=files.id,
                name=files.name,
                folder=files.folder,
                rows=rows,
                due=figures.is_due(files),
                reported_rows=figures.records_of(files),
                bytes=size,
                columns=columns,
                files=[*data, *others],
            )
            if expectation.audiences
            else DatasetReport(
                dataset_id=files.id,
                name=files.name,
                folder=files.folder,
                rows=rows,
                bytes=size,
                columns=columns,
                files=[*data, *others],
            )
        )
    return reports


def _data_file(
    stored: StoredObject, evidence: Evidence, listed: ManifestComparison, of_set: Sequence[Finding]
) -> FileReport:
    check = evidence.checks.get(stored.key)
    findings = [*(check.findings if check else ()), *of_set]
    state = FileState.DIFFERS if any(item.severity is Severity.ERROR for item in of_set) else FileState.WHOLE
    if stored.key in listed.sizes:
        state = FileState.DIFFERS
        findings.append(
            Finding(
                code="manifest.size-mismatch",
                message=f"The file has {stored.size:,} bytes, the manifest says {listed.sizes[stored.key]:,}.",
                path=stored.key,
            )
        )
    if stored.key in listed.misplaced:
        state = FileState.UNEXPECTED
        findings.append(
            Finding(
                code="set.misplaced-file", message="The manifest lists the file in another folder.", path=stored.key
            )
        )
    if stored.key in listed.unlisted:
        state = FileState.UNEXPECTED
        findings.append(Finding(code="manifest.unlisted-file", message="No manifest lists the file.", path=stored.key))
    if check and any(finding.severity is Severity.ERROR for finding in check.findings):
        state = FileState.DAMAGED
    if stored.key in evidence.changed or check is None:
        state = FileState.DIFFERS
        change = evidence.changed.get(stored.key)
        told = change.told if change else "changed"
        findings.append(
            Finding(code="file.changed", message=f"The file {told} while it was verified.", path=stored.key)
        )
    return FileReport(
        key=stored.key,
        state=state,
        size=stored.size,
        rows=check.rows if check else None,
        etag=stored.etag,
        sha256=check.sha256 if check else None,
        parts=list(check.parts) if check else [],
        storage_checksum=evidence.storage_checksums.get(stored.key),
        level=check.level if check else None,
        checksummed=check.checksummed if check else None,
        last_modified=stored.last_modified,
        findings=findings,
    )


def _unexpected(stored: StoredObject, code: str, message: str) -> FileReport:
    return FileReport(
        key=stored.key,
        state=FileState.UNEXPECTED,
        size=stored.size,
        etag=stored.etag,
        last_modified=stored.last_modified,
        findings=[Finding(code=code, message=message, path=stored.key)],
    )


def _missing(entry: ManifestEntry, files: FileSet) -> FileReport:
    folder = files.folder if files.found else entry.sink_path.strip("/")
    key = f"{folder}/{entry.name}".lstrip("/")
    finding = Finding(code="manifest.file-missing", message="The manifest lists a file that is not there.", path=key)
    return FileReport(key=key, state=FileState.MISSING, size=entry.size, findings=[finding])


def _homes(missing: Sequence[ManifestEntry], expectation: Expectation, inventory: Sequence[FileSet]) -> list[int]:
    """Which dataset or audience each missing file belongs to: by its path or name, else where the manifest lies."""
    shared = patterns(expectation) if missing else []
    by_manifest = next((index for index, files in enumerate(inventory) if files.manifests), 0)
    homes = []
    for entry in missing:
        sink = entry.sink_path.strip("/")
        key = f"{sink}/{entry.name}".lstrip("/")
        by_name = (index for index, each in enumerate(shared) if each.pattern.place(key))
        by_path = (
            index for index, files in enumerate(inventory) if sink and files.found and files.folder.endswith(sink)
        )
        homes.append(next(by_name, next(by_path, by_manifest)))
    return homes
