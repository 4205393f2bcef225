"""What a checker takes and gives."""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel, ConfigDict

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.report import FilePart, Finding


class Column(BaseModel):
    """One column of a file. Nested ones have dotted names."""

    model_config = ConfigDict(frozen=True)

    name: str
    type: str | None = None
    """In the words of the format: a Parquet type, ``string`` or ``number|string`` for JSON; None where the format has
    no types, as CSV has none."""
    nullable: bool = True
    """False where the file itself says that every row has a value."""


class FileCheck(BaseModel):
    """What reading one file to its end showed."""

    model_config = ConfigDict(frozen=True)

    rows: int | None
    """Rows counted in the content; None where it could not be read to the end."""
    sha256: str | None
    """Of the bytes as stored, hexadecimal; None where not every byte was read, or not in one go."""
    parts: tuple[FilePart, ...] = ()
    """What was read in several goes: all bytes of the file, in order."""
    findings: tuple[Finding, ...] = ()
    checksummed: bool | None = None
    """True where checksums inside the file cover all its data, so that no changed byte can go unseen; None where
    the file was not read that far."""
    bytes_read: int = 0
    """Bytes asked of the storage and got."""
    columns: tuple[Column, ...] | None = None
    """The schema: all of it for Parquet and CSV, for JSON as the first rows show it; None where it is not known."""
    ends_open: bool | None = None
    """True where the last line of a text has no line end; None where the file was not read that far, or is no text."""
    level: Level = Level.CONTENT
    """What the check looked at."""


class Checker(Protocol):
    """Reads one file to its end and proves that it is whole. One for each file format."""

    def check(self, stored: StoredObject, reader: StorageReader, limits: Limits) -> FileCheck:
        """Check one file in constant memory. Damage is a finding, not an error, and never quotes the content.

        Raises:
            ObjectChangedError: The object was rewritten while it was read.
            UserError: The storage denies access.
            TransientError: The storage asks to come back.
        """


class Damage(Exception):  # noqa: N818 - it is found in a file, not made by the program
    """A file, or a part of it, cannot be read on. Raised inside the checkers, which turn it into a finding.

    Args:
        code: The finding's code.
        message: The finding's sentence, without content of the file.
        where: The place in the file.
    """

    def __init__(self, code: str, message: str, where: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.where = where

    def finding(self, key: str) -> Finding:
        return Finding(code=self.code, message=self.message, path=key, where=self.where)


EMPTY_FILE = Damage("file.empty", "The file has no bytes; an export without rows still writes a frame or no file.")
