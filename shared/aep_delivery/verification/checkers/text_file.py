"""Files of rows in text, plain or gzip, whatever the form of the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.checkers.base import EMPTY_FILE, Column, Damage, FileCheck
from aep_delivery.verification.checkers.digest import Digested
from aep_delivery.verification.checkers.findings import Findings
from aep_delivery.verification.checkers.gzip_stream import inflate, judge_trailer
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import MIB, Limits

_LOOK = 64 * 1024
"""Bytes looked at on either end where only the structure is asked for."""


class TextRows(Protocol):
    """Counts and judges the rows of a text that comes in pieces."""

    rows: int
    """Rows so far."""
    ends_open: bool
    """Whether the last line has no line end, once it is known to be the last."""

    @property
    def columns(self) -> tuple[Column, ...] | None:
        """The columns, as far as the text shows them."""

    def feed(self, piece: bytes) -> None:
        """Take the next piece. Raises ``Damage`` where the text cannot be read on."""

    def finish(self) -> None:
        """Take the last row, which may end without a line end. Raises ``Damage``."""

    def judge_end(self, tail: bytes) -> None:
        """Judge the last row alone, from bytes that begin anywhere and end with the file."""


class TextChecker:
    """Checks files of rows in text.

    Args:
        gzip: True where the file is gzip, of one or more members.
        rows: Makes the judge of one file's rows.
        level: ``structure`` reads both ends of the file; one too small to have a middle is read to its end and
            answers with ``content``.
    """

    def __init__(
        self, *, gzip: bool, rows: Callable[[Findings, Limits], TextRows], level: Level = Level.CONTENT
    ) -> None:
        self._gzip = gzip
        self._rows = rows
        self._level = level

    def check(self, stored: StoredObject, reader: StorageReader, limits: Limits) -> FileCheck:
        """Read the file to its end; see :class:`~aep_delivery.verification.checkers.base.Checker`."""
        if stored.size == 0:
            return FileCheck(rows=None, sha256=None, findings=(EMPTY_FILE.finding(stored.key),))
        if self._level is not Level.CONTENT and stored.size > 2 * _LOOK:
            return self._check_ends(stored, reader, limits)
        chunks = Digested(reader.stream(stored.key, etag=stored.etag, chunk_size=limits.chunk_bytes))
        findings = Findings(stored.key, limits)
        rows = self._rows(findings, limits)
        damage: list[Damage] = []
        try:
            content: Iterable[bytes] = inflate(chunks, limits) if self._gzip else chunks
            for piece in content:
                rows.feed(piece)
            rows.finish()
        except Damage as found:
            damage.append(found)
        return FileCheck(
            rows=None if damage else rows.rows,
            sha256=None if damage else chunks.hexdigest(),
            findings=findings.all(*damage),
            checksummed=None if damage else self._gzip,
            bytes_read=chunks.size,
            columns=rows.columns,
            ends_open=None if damage else rows.ends_open,
        )

    def _check_ends(self, stored: StoredObject, reader: StorageReader, limits: Limits) -> FileCheck:
        findings = Findings(stored.key, limits)
        rows = self._rows(findings, limits)
        head = reader.read_range(stored.key, 0, _LOOK, etag=stored.etag)
        tail = reader.read_range(stored.key, stored.size - _LOOK, _LOOK, etag=stored.etag)
        damage: list[Damage] = []
        try:
            if self._gzip:
                _feed_some(head, rows, limits)
                judge_trailer(tail, stored.size)
            else:
                rows.feed(head)
                rows.judge_end(tail)
        except Damage as found:
            damage.append(found)
        return FileCheck(
            rows=None,
            sha256=None,
            findings=findings.all(*damage),
            bytes_read=2 * _LOOK,
            columns=rows.columns,
            level=self._level,
        )


def _feed_some(head: bytes, rows: TextRows, limits: Limits) -> None:
    """Inflate the first bytes of a gzip file. That they end inside of a member is no damage here."""
    produced = 0
    try:
        for piece in inflate([head], limits):
            rows.feed(piece)
            produced += len(piece)
            if produced > MIB:
                return
    except Damage as damage:
        if damage.code != "file.truncated":
            raise
