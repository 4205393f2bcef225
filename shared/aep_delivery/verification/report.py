"""What verification found: the verdict and everything it rests on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Verdict(StrEnum):
    """The one word a receipt ends in. The list is closed; the first that applies, from the top, is given."""

    RUN_FAILED = "RUN_FAILED"
    """Adobe says the run failed."""
    NO_RUN = "NO_RUN"
    """There was no run before the deadline."""
    UNSTABLE = "UNSTABLE"
    """Files were still changing while they were read."""
    CORRUPT = "CORRUPT"
    """At least one file cannot be read to its end."""
    INCOMPLETE = "INCOMPLETE"
    """Files that must be there are not."""
    SIZE_MISMATCH = "SIZE_MISMATCH"
    """A file's size differs from its line in Adobe's manifest."""
    UNEXPECTED_FILES = "UNEXPECTED_FILES"
    """There are data files that this run did not write, or of the wrong type."""
    COUNT_MISMATCH = "COUNT_MISMATCH"
    """The rows in the files are not the records the run reports."""
    RUN_PARTIAL = "RUN_PARTIAL"
    """Adobe reports the run as partly failed; what arrived is whole."""
    EMPTY = "EMPTY"
    """The run had nothing to export, and nothing arrived."""
    VERIFIED = "VERIFIED"
    """All files are there, whole, and add up."""

    @property
    def is_good(self) -> bool:
        """True where a consumer may go on."""
        return self in (Verdict.VERIFIED, Verdict.EMPTY)


class Severity(StrEnum):
    ERROR = "error"
    """Decides the verdict."""
    WARNING = "warning"
    """Shown, but does not decide."""


class FileState(StrEnum):
    """The state of one file, with the sigil reports use for it."""

    WHOLE = "whole"
    DAMAGED = "damaged"
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    DIFFERS = "differs"

    @property
    def sigil(self) -> str:
        return {"whole": "=", "damaged": "!", "missing": "-", "unexpected": "+", "differs": "*"}[self.value]


class Finding(BaseModel):
    """One thing that is not as it should be."""

    model_config = ConfigDict(frozen=True)

    code: str
    """Stable: ``file.truncated``, ``set.count-mismatch``."""
    message: str
    severity: Severity = Severity.ERROR
    path: str | None = None
    """The object key, where it is about one file."""
    where: str | None = None
    """The place in the file: ``byte 1024``, ``row 17``, ``row group 2, column person.name, page 3``."""


class FileReport(BaseModel):
    """One file of the delivery."""

    model_config = ConfigDict(frozen=True)

    key: str
    state: FileState
    size: int
    """Bytes."""
    rows: int | None = None
    """Rows counted in the content; None where it could not be read to the end."""
    etag: str | None = None
    sha256: str | None = None
    """Of the object's bytes as stored, where every byte was read."""
    storage_checksum: str | None = None
    checksummed: bool | None = None
    """True where checksums inside the file cover all its data; False where a changed byte could go unseen (plain JSON,
    Parquet without page checksums)."""
    last_modified: datetime | None = None
    findings: list[Finding] = []


class DatasetReport(BaseModel):
    """One dataset of the delivery and its files."""

    model_config = ConfigDict(frozen=True)

    dataset_id: str
    name: str
    folder: str
    """The folder of this run, or its pattern where no folder was found."""
    rows: int
    bytes: int
    files: list[FileReport]


class Comparison(BaseModel):
    """One figure, as Adobe reports it and as storage shows it."""

    model_config = ConfigDict(frozen=True)

    figure: str
    """``records``, ``files`` or ``bytes``."""
    reported: int | None
    found: int
    judged: bool
    """True where a difference decides the verdict."""

    @property
    def agrees(self) -> bool | None:
        """None where Adobe reports no figure."""
        return None if self.reported is None else self.reported == self.found


class VerificationReport(BaseModel):
    """The whole result of verifying one delivery."""

    model_config = ConfigDict(frozen=True)

    verdict: Verdict
    reason: str
    """One sentence for a person."""
    location: str
    """Where was looked: ``s3://bucket/prefix``."""
    rows: int
    bytes: int
    file_count: int
    datasets: list[DatasetReport]
    comparisons: list[Comparison]
    findings: list[Finding]
    """Findings of the set as a whole; those of one file are with the file."""
    started_at: datetime
    finished_at: datetime
