"""What is said of a part of a file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.checkers.base import Column
from aep_delivery.verification.report import FilePart, Finding


class Part(BaseModel):
    """The bytes from `start` to `end`. What begins in them belongs to the part, and is read beyond its end."""

    model_config = ConfigDict(frozen=True)

    start: int
    end: int


class PartTask(BaseModel):
    """One part to look at."""

    model_config = ConfigDict(frozen=True)

    stored: StoredObject
    part: Part


class Run(BaseModel):
    """What was read in one go, from where a row (or a column chunk) begins to where another one does."""

    model_config = ConfigDict(frozen=True)

    start: int
    end: int
    """Where whatever follows begins; behind the end of the part, where the last row reaches over it."""
    rows: int | None = 0
    """None where they could not be counted."""
    numbers: int = 0
    """How many numbers of rows were used up: blank lines of JSON have one, and are no rows."""
    findings: tuple[Finding, ...] = ()
    """The first ones. Rows are numbered from the start of the run."""
    unlisted: int = 0
    """How many more there are."""
    ends_open: bool | None = None
    """Whether the last line has no line end, of text."""
    damage: Finding | None = None
    """What ended the reading of the whole file."""
    checksummed: bool = False


class PartCheck(BaseModel):
    """What reading one part showed.

    Nobody who begins in the middle of a file knows whether that is inside of a quoted field. So there may be two runs
    that begin at different places; whoever knows where the part before ended knows which one is true. Where both come
    to the same row, the rest is read once.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    part: Part
    runs: tuple[Run, ...] = ()
    """From each place where the first row may begin; none where no row begins in the part."""
    common: Run | None = None
    """What follows, whichever run is the true one."""
    digest: FilePart | None = None
    """The SHA-256 of the bytes this part stands for."""
    bytes_read: int = 0
    columns: tuple[Column, ...] | None = None
    """Of the file, from its first part."""
    too_large: bool = False
    """True where the file has something too large for a function that cannot be cut."""
