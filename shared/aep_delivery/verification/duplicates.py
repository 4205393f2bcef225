"""Files of one run that are the same, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator

from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.evidence import Evidence
from aep_delivery.verification.figures import Figures
from aep_delivery.verification.inventory import FileSet
from aep_delivery.verification.report import Finding, Severity


def findings(files: FileSet, figures: Figures) -> Iterator[Finding]:
    """Each file of a dataset or audience that equals an earlier one, by size and hash or the storage's checksum.

    Equal rows may happen to lie in two files, so it is a warning unless there are more rows than the run reports. Files
    without rows are always alike. ETags are no hash in most storages and not compared.
    """
    first: dict[tuple[int, str], str] = {}
    for stored in files.data:
        digest = _digest(stored, figures.evidence)
        if digest is None:
            continue
        earlier = first.setdefault((stored.size, digest), stored.key)
        if earlier != stored.key:
            yield Finding(
                code="set.duplicate-file",
                message=f"The file is the same as {earlier.rpartition('/')[2]}, byte for byte.",
                severity=Severity.ERROR if figures.too_many(files) else Severity.WARNING,
                path=stored.key,
            )


def _digest(stored: StoredObject, evidence: Evidence) -> str | None:
    check = evidence.checks.get(stored.key)
    if check is None or check.rows == 0 or not stored.size:
        return None
    # Files of one size are cut at the same places; gzip files are not, as a function's time is not the same twice.
    of_parts = " ".join(f"{part.end}:{part.sha256}" for part in check.parts)
    return check.sha256 or of_parts or evidence.storage_checksums.get(stored.key)
