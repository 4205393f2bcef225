"""CSV files in a zip file."""

from __future__ import annotations

from collections.abc import Sequence

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.checkers.base import EMPTY_FILE, Column, Damage, FileCheck
from aep_delivery.verification.checkers.byte_cursor import ByteCursor
from aep_delivery.verification.checkers.csv_rows import CsvRows
from aep_delivery.verification.checkers.digest import Digested
from aep_delivery.verification.checkers.findings import Findings
from aep_delivery.verification.checkers.zip_directory import Directory, read_directory
from aep_delivery.verification.checkers.zip_member import read_member
from aep_delivery.verification.dialect import RFC_4180, CsvDialect
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.report import Severity

_LOCAL_HEADER = b"PK\x03\x04"


class ZipChecker:
    """Checks a zip file whose members are CSV.

    Args:
        dialect: The form of the members.
        columns: The columns there must be, in their order; None where that is not known.
        level: ``structure`` stops at the archive's directory.
    """

    def __init__(
        self,
        *,
        dialect: CsvDialect = RFC_4180,
        columns: Sequence[str] | None = None,
        level: Level = Level.CONTENT,
    ) -> None:
        self._dialect = dialect
        self._columns = columns
        self._level = level

    def check(self, stored: StoredObject, reader: StorageReader, limits: Limits) -> FileCheck:
        """Read the directory at the end, then every member from the front; see
        :class:`~aep_delivery.verification.checkers.base.Checker`. An archive within an archive is never opened.
        """
        findings = Findings(stored.key, limits)
        if stored.size == 0:
            return FileCheck(rows=None, sha256=None, findings=findings.all(EMPTY_FILE), level=self._level)
        try:
            directory = read_directory(stored, reader, limits)
        except Damage as damage:
            return FileCheck(rows=None, sha256=None, findings=findings.all(damage), level=self._level)
        if self._level is not Level.CONTENT:
            return FileCheck(rows=None, sha256=None, level=self._level)
        chunks = Digested(reader.stream(stored.key, etag=stored.etag, chunk_size=limits.chunk_bytes))
        try:
            rows, columns = self._read(directory, ByteCursor(iter(chunks)), findings, limits)
        except Damage as damage:
            return FileCheck(rows=None, sha256=None, findings=findings.all(damage), bytes_read=chunks.size)
        return FileCheck(
            rows=rows,
            sha256=chunks.hexdigest(),
            findings=findings.all(),
            checksummed=True,
            bytes_read=chunks.size,
            columns=columns,
        )

    def _read(
        self, directory: Directory, cursor: ByteCursor, findings: Findings, limits: Limits
    ) -> tuple[int, tuple[Column, ...] | None]:
        total = 0
        columns: tuple[Column, ...] | None = None
        for member in directory.members:
            _skip_gap(cursor, member.start, findings)
            content = read_member(member, cursor, limits)
            if member.is_folder:
                if any(content):
                    raise Damage("zip.size", "A folder has content.", member.where)
                continue
            rows = CsvRows(self._dialect, findings, limits, expected=self._columns, place=member.where)
            for piece in content:
                rows.feed(piece)
            rows.finish()
            total += rows.rows
            columns = columns or rows.columns
        _skip_gap(cursor, directory.start, findings)
        cursor.drain()
        return total, columns


def _skip_gap(cursor: ByteCursor, until: int, findings: Findings) -> None:
    """Bytes no entry of the directory speaks of: a member that the directory lacks is damage, the rest is odd."""
    if cursor.position > until:
        raise Damage("zip.overlap", "A member reaches into the next one.", f"byte {until}")
    if cursor.position == until:
        return
    where = f"byte {cursor.position}"
    if cursor.peek(4) == _LOCAL_HEADER:
        raise Damage("zip.unlisted-member", "A member is missing in the directory.", where)
    findings.add("zip.unlisted-bytes", "Bytes belong to no member.", where, Severity.WARNING)
    cursor.skip(until - cursor.position)
