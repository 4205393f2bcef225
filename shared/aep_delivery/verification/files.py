"""The report of each file, from what its check and the manifests say of it."""

from __future__ import annotations

from collections.abc import Sequence

from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.evidence import Evidence
from aep_delivery.verification.inventory import DatasetFiles
from aep_delivery.verification.manifest import ManifestComparison, ManifestEntry
from aep_delivery.verification.report import DatasetReport, FileReport, FileState, Finding, Severity


def dataset_reports(evidence: Evidence, listed: ManifestComparison) -> list[DatasetReport]:
    """One report for each dataset. Rows and bytes count the data files that are there."""
    reports = []
    for files in evidence.inventory:
        data = [_data_file(stored, evidence, listed) for stored in files.data]
        others = [
            *(_unexpected(stored, "set.wrong-type", "The file is of another type.") for stored in files.wrong_type),
            *(_unexpected(stored, "set.unexpected-file", "No export writes this file.") for stored in files.foreign),
            *(_missing(entry, files) for entry in listed.missing if _home(entry, evidence.inventory) is files),
        ]
        reports.append(
            DatasetReport(
                dataset_id=files.dataset_id,
                name=files.name,
                folder=files.folder,
                rows=sum(file.rows or 0 for file in data),
                bytes=sum(file.size for file in data),
                files=[*data, *others],
            )
        )
    return reports


def _data_file(stored: StoredObject, evidence: Evidence, listed: ManifestComparison) -> FileReport:
    check = evidence.checks.get(stored.key)
    findings = list(check.findings) if check else []
    state = FileState.WHOLE
    if stored.key in listed.sizes:
        state = FileState.DIFFERS
        findings.append(
            Finding(
                code="manifest.size-mismatch",
                message=f"The file has {stored.size:,} bytes, the manifest says {listed.sizes[stored.key]:,}.",
                path=stored.key,
            )
        )
    if stored.key in listed.unlisted:
        state = FileState.UNEXPECTED
        findings.append(Finding(code="manifest.unlisted-file", message="No manifest lists the file.", path=stored.key))
    if check and any(finding.severity is Severity.ERROR for finding in check.findings):
        state = FileState.DAMAGED
    if stored.key in evidence.changed or check is None:
        state = FileState.DIFFERS
        findings.append(
            Finding(code="file.changed", message="The file changed while it was verified.", path=stored.key)
        )
    return FileReport(
        key=stored.key,
        state=state,
        size=stored.size,
        rows=check.rows if check else None,
        etag=stored.etag,
        sha256=check.sha256 if check else None,
        storage_checksum=evidence.storage_checksums.get(stored.key),
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


def _missing(entry: ManifestEntry, files: DatasetFiles) -> FileReport:
    key = f"{files.folder}/{entry.name}"
    finding = Finding(code="manifest.file-missing", message="The manifest lists a file that is not there.", path=key)
    return FileReport(key=key, state=FileState.MISSING, size=entry.size, findings=[finding])


def _home(entry: ManifestEntry, inventory: Sequence[DatasetFiles]) -> DatasetFiles:
    """The dataset a missing file belongs to: by its path, else where the manifest lies."""
    sink = entry.sink_path.strip("/")
    by_path = (files for files in inventory if sink and files.found and files.folder.endswith(sink))
    by_manifest = (files for files in inventory if files.manifests)
    return next(by_path, None) or next(by_manifest, inventory[0])
