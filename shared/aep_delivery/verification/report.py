"""What verification found: the verdict and everything it rests on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from aep_delivery.verification.level import Level


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
    """There are data files that this run did not write, or of another form than was asked for."""
    COUNT_MISMATCH = "COUNT_MISMATCH"
    """The rows in the files are not the records the run reports, or not one for each key."""
    RUN_PARTIAL = "RUN_PARTIAL"
    """Adobe reports the run as partly failed; what arrived is whole."""
    EMPTY = "EMPTY"
    """The run had nothing to export, and nothing arrived."""
    VERIFIED = "VERIFIED"
    """All files are there, whole, and add up, as far as the level of verification looks."""

    @property
    def is_good(self) -> bool:
        """True where a consumer may go on."""
        return self in (Verdict.VERIFIED, Verdict.EMPTY)


class Severity(StrEnum):
    ERROR = "error"
    """Decides the verdict."""
    WARNING = "warning"
    """Shown, but does not decide."""
    INFO = "info"
    """Good to know; nothing is wrong."""


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


class FilePart(BaseModel):
    """Bytes of a file that were read by themselves."""

    model_config = ConfigDict(frozen=True)

    start: int
    end: int
    """The byte behind the last one."""
    sha256: str
    """Of these bytes, hexadecimal."""


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
    """Of the object's bytes as stored, where every byte was read, and by one function."""
    parts: list[FilePart] = []
    """What each function read, where that were several: all bytes of the file, in order."""
    storage_checksum: str | None = None
    level: Level | None = None
    """What was looked at; None for a file that was not opened, as it is not one of the run's or not there."""
    checksummed: bool | None = None
    """True where checksums inside the file cover all its data; False where a changed byte could go unseen (plain JSON,
    Parquet without page checksums)."""
    last_modified: datetime | None = None
    findings: list[Finding] = []


class ColumnReport(BaseModel):
    """One column of the files."""

    model_config = ConfigDict(frozen=True)

    name: str
    """Nested ones have dotted names."""
    type: str | None = None
    """In the words of the format; None where it has none, as CSV has none."""


class ChangeKind(StrEnum):
    """What is different about a column, with the sigil reports use for it."""

    ADDED = "added"
    REMOVED = "removed"
    RETYPED = "retyped"

    @property
    def sigil(self) -> str:
        return {"added": "+", "removed": "-", "retyped": "*"}[self.value]


class ColumnChange(BaseModel):
    """One column that is not as it was in the delivery before."""

    model_config = ConfigDict(frozen=True)

    name: str
    kind: ChangeKind
    before: str | None = None
    """Its type then; None where there was no such column, or none with a type."""
    after: str | None = None


class DatasetReport(BaseModel):
    """One dataset of the delivery and its files."""

    model_config = ConfigDict(frozen=True)

    dataset_id: str
    name: str
    folder: str
    """The folder of this run, or its pattern where no folder was found."""
    rows: int
    """Rows of the files in which they could be counted."""
    bytes: int
    columns: list[ColumnReport] = []
    """Of all files; for JSON as far as their first rows show them."""
    column_changes: list[ColumnChange] | None = None
    """Since the last delivery whose files showed columns; None where there is nothing to compare."""
    files: list[FileReport]

    @property
    def id(self) -> str:
        return self.dataset_id


class AudienceReport(BaseModel):
    """One audience of the delivery and its files."""

    model_config = ConfigDict(frozen=True)

    audience_id: str
    name: str
    folder: str
    """The folder of this run's files, or the pattern of their keys where there is none."""
    rows: int
    """Rows of the files in which they could be counted."""
    due: bool = True
    """False where its schedule has no export in this slot: then its files are those of other runs, and not judged."""
    reported_rows: int | None = None
    """Records of this audience that Adobe's run reports."""
    bytes: int
    columns: list[ColumnReport] = []
    """Of all files; for JSON as far as their first rows show them."""
    column_changes: list[ColumnChange] | None = None
    """Since the last delivery whose files showed columns; None where there is nothing to compare."""
    files: list[FileReport]

    @property
    def id(self) -> str:
        return self.audience_id


ExportReport: TypeAlias = DatasetReport | AudienceReport


class Comparison(BaseModel):
    """One figure, as Adobe reports it and as storage shows it."""

    model_config = ConfigDict(frozen=True)

    figure: str
    """``records``, ``files`` or ``bytes``."""
    reported: int | None
    found: int | None
    """None where storage cannot show it: the rows of files that are not read, or cannot be."""
    judged: bool
    """True where a difference decides the verdict."""

    @property
    def agrees(self) -> bool | None:
        """None where there are no two figures to compare."""
        return None if self.reported is None or self.found is None else self.reported == self.found


class Estimate(BaseModel):
    """What looking into the files was expected to take, reckoned before the first was opened."""

    model_config = ConfigDict(frozen=True)

    files: int
    """Files to open."""
    bytes: int
    """Stored bytes to read to their end."""
    requests: int
    """To the storage, with those that list it."""
    batches: int
    """Portions in which the files are checked."""
    cpu_seconds: float
    cost_usd: float
    """Of functions, requests and workflow, by AWS's list prices."""


class VerificationReport(BaseModel):
    """The whole result of verifying one delivery."""

    model_config = ConfigDict(frozen=True)

    verdict: Verdict
    reason: str
    """One sentence for a person."""
    location: str
    """Where was looked: ``s3://bucket/prefix``."""
    level: Level = Level.CONTENT
    """What every file was looked at for, at least."""
    encrypted: bool = False
    """True where the files are encrypted, so that no level looks into them."""
    file_type: Literal["CSV", "JSON", "PARQUET"] | None = None
    rows: int
    """Rows of the files in which they could be counted."""
    uncounted_files: int = 0
    """Data files whose rows could not be counted: damaged, encrypted, or read at a level that counts none."""
    bytes: int
    file_count: int
    datasets: list[DatasetReport] = []
    audiences: list[AudienceReport] = []
    comparisons: list[Comparison]
    findings: list[Finding]
    """Findings of the set as a whole; those of one file are with the file."""
    estimate: Estimate | None = None
    started_at: datetime
    finished_at: datetime

    @property
    def exports(self) -> list[ExportReport]:
        """What was exported: the datasets, or the audiences."""
        return [*self.datasets, *self.audiences]
