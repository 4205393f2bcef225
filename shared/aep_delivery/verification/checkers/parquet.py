"""Parquet: magic at both ends, footer, and every page of every column, without decoding values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.checkers.base import EMPTY_FILE, Column, Damage, FileCheck
from aep_delivery.verification.checkers.byte_cursor import ByteCursor
from aep_delivery.verification.checkers.digest import Digested
from aep_delivery.verification.checkers.parquet_footer import ColumnChunk, Footer, read_footer
from aep_delivery.verification.checkers.parquet_pages import walk_pages
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.report import Finding

_MAGIC = b"PAR1"
_ENCRYPTED = b"PARE"
_TAIL = 8
"""The footer's length and the magic."""
_SMALLEST = len(_MAGIC) + _TAIL
_TAIL_LOOK = 64 * 1024
"""Bytes from the end that hold nearly every footer, so that one request is enough."""


class ParquetChecker:
    """Checks Parquet, whatever its pages are compressed with.

    Args:
        level: ``structure`` stops at the footer: its rows, columns and layout are the file's own claims.
    """

    def __init__(self, level: Level = Level.CONTENT) -> None:
        self._level = level

    def check(self, stored: StoredObject, reader: StorageReader, limits: Limits) -> FileCheck:
        """Read the file to its end; see :class:`~aep_delivery.verification.checkers.base.Checker`.

        Two reads: the tail for the footer, then everything from the front. Each column chunk that is damaged gives one
        finding: what follows a broken page in its column cannot be found.
        """
        if stored.size == 0:
            return self._answer(findings=[EMPTY_FILE.finding(stored.key)])
        try:
            footer = footer_of(stored, reader, limits)
        except Damage as damage:
            return self._answer(findings=[damage.finding(stored.key)])
        if self._level is not Level.CONTENT:
            return self._answer(footer, rows=footer.rows, bytes_read=min(stored.size, _TAIL_LOOK))
        chunks = Digested(reader.stream(stored.key, etag=stored.etag, chunk_size=limits.chunk_bytes))
        cursor = ByteCursor(iter(chunks))
        walked = walk_chunks(footer.chunks, cursor, stored.key, limits)
        if walked.stopped:
            return self._answer(footer, findings=walked.findings, bytes_read=chunks.size)
        cursor.drain()
        return self._answer(
            footer,
            rows=None if walked.findings else footer.rows,
            sha256=chunks.hexdigest(),
            findings=walked.findings,
            checksummed=walked.covered and not walked.findings,
            bytes_read=chunks.size,
        )

    def _answer(
        self,
        footer: Footer | None = None,
        *,
        findings: list[Finding] | None = None,
        rows: int | None = None,
        sha256: str | None = None,
        checksummed: bool | None = None,
        bytes_read: int = 0,
    ) -> FileCheck:
        return FileCheck(
            rows=rows,
            sha256=sha256,
            findings=tuple(findings or ()),
            checksummed=checksummed,
            bytes_read=bytes_read,
            columns=columns_of(footer) if footer else None,
            level=self._level,
        )


@dataclass(slots=True)
class Walked:
    """What walking column chunks showed."""

    findings: list[Finding] = field(default_factory=list)
    covered: bool = True
    """True where checksums cover all data."""
    stopped: bool = False
    """True where reading ended early."""


def walk_chunks(chunks: Iterable[ColumnChunk], cursor: ByteCursor, key: str, limits: Limits) -> Walked:
    """Prove column chunks, in the order they lie in the file; `cursor` stands in front of the first one."""
    walked = Walked()
    for chunk in chunks:
        try:
            cursor.skip(chunk.start - cursor.position)
            walked.covered = walk_pages(chunk, cursor, limits) and walked.covered
        except Damage as damage:
            walked.findings.append(damage.finding(key))
            if damage.code == "file.truncated" or len(walked.findings) >= limits.max_findings:
                walked.stopped = True
                return walked
            cursor.skip(chunk.start + chunk.length - cursor.position)
    return walked


def columns_of(footer: Footer) -> tuple[Column, ...]:
    """All columns, in the order of the schema."""
    return tuple(Column(name=leaf.path, type=leaf.type, nullable=leaf.nullable) for leaf in footer.leaves)


def footer_of(stored: StoredObject, reader: StorageReader, limits: Limits) -> Footer:
    """Read and judge the footer of a file that has bytes.

    Raises:
        Damage: ``file.not-parquet``, ``file.truncated``, ``parquet.encrypted``, or what is wrong with the footer.
    """
    tail = reader.read_range(
        stored.key, max(0, stored.size - _TAIL_LOOK), min(stored.size, _TAIL_LOOK), etag=stored.etag
    )
    head = tail[:4] if stored.size <= _TAIL_LOOK else reader.read_range(stored.key, 0, 4, etag=stored.etag)
    if head == _ENCRYPTED or tail.endswith(_ENCRYPTED):
        raise Damage("parquet.encrypted", "The file is encrypted and cannot be checked.", "byte 0")
    if not _MAGIC.startswith(head[: len(_MAGIC)]):
        raise Damage("file.not-parquet", "The file does not begin as Parquet.", "byte 0")
    if stored.size < _SMALLEST or not tail.endswith(_MAGIC):
        raise Damage("file.truncated", "The file does not end as Parquet: no footer.", f"byte {stored.size}")
    length = int.from_bytes(tail[-_TAIL:-4], "little")
    start = stored.size - _TAIL - length
    if start < len(_MAGIC) or length > limits.max_footer_bytes:
        raise Damage("parquet.footer", f"The footer claims {length:,} bytes, more than there can be.", "footer")
    if length + _TAIL <= len(tail):
        data = tail[-_TAIL - length : -_TAIL]
    else:
        data = reader.read_range(stored.key, start, length, etag=stored.etag)
    return read_footer(data, start, limits)
