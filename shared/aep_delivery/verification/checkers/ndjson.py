"""Newline-delimited JSON, plain or gzip: one object a line, by the strict grammar of RFC 8259.

Decided where the RFC leaves room: NaN and Infinity are no JSON. A lone surrogate escape is damage, as it has no UTF-8
and most readers refuse it. Repeated names are let through: the grammar allows them, and readers agree on the last one.
Numbers of any size are sound. A byte order mark is damage. A last line without newline is sound, as is a carriage
return before it; a blank line is not, as a writer of rows never makes one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import msgspec

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.checkers.base import EMPTY_FILE, Damage, FileCheck
from aep_delivery.verification.checkers.digest import Digested
from aep_delivery.verification.checkers.gzip_stream import inflate
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.report import Finding, Severity


class _AnyObject(msgspec.Struct, gc=False):
    """Any JSON object: msgspec walks through unknown fields by the grammar without making Python values of them."""


class NdjsonChecker:
    """Checks NDJSON.

    Args:
        gzip: True where the file is gzip, of one or more members.
    """

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip

    def check(self, stored: StoredObject, reader: StorageReader, limits: Limits) -> FileCheck:
        """Read the file to its end; see :class:`~aep_delivery.verification.checkers.base.Checker`."""
        if stored.size == 0:
            return FileCheck(rows=None, sha256=None, findings=(EMPTY_FILE.finding(stored.key),))
        chunks = Digested(reader.stream(stored.key, etag=stored.etag, chunk_size=limits.chunk_bytes))
        rows = RowCounter(stored.key, limits)
        try:
            content: Iterable[bytes] = inflate(chunks, limits) if self._gzip else chunks
            for piece in content:
                rows.feed(piece)
            rows.finish()
        except Damage as damage:
            return FileCheck(rows=None, sha256=None, findings=(*rows.findings(), damage.finding(stored.key)))
        return FileCheck(
            rows=rows.rows, sha256=chunks.hexdigest(), findings=tuple(rows.findings()), checksummed=self._gzip
        )


class RowCounter:
    """Counts and judges the rows of a text that comes in pieces.

    Args:
        key: The file the findings are about.
        limits: Bounds of a line and of the findings listed.
    """

    def __init__(self, key: str, limits: Limits) -> None:
        self.rows = 0
        """Rows so far, broken ones included; blank lines are none."""
        self._key = key
        self._limits = limits
        self._decode = msgspec.json.Decoder(_AnyObject).decode
        self._lines = 0
        self._open: list[bytes] = []
        self._open_bytes = 0
        self._findings: list[Finding] = []
        self._unlisted = 0

    def feed(self, piece: bytes) -> None:
        """Take the next piece.

        Raises:
            Damage: ``json.line-too-long``.
        """
        end = piece.rfind(b"\n")
        first = piece.find(b"\n") if end >= 0 else len(piece)
        if self._open_bytes + first > self._limits.max_line_bytes:
            raise Damage(
                "json.line-too-long",
                f"A row is longer than {self._limits.max_line_bytes} bytes.",
                f"row {self._lines + 1}",
            )
        if end < 0:
            self._open.append(piece)
            self._open_bytes += len(piece)
            return
        self._judge(b"".join((*self._open, piece[:end])))
        self._open = [piece[end + 1 :]]
        self._open_bytes = len(piece) - end - 1

    def finish(self) -> None:
        """Take the last line, which may end without a newline."""
        rest = b"".join(self._open)
        if rest:
            self._judge(rest)

    def findings(self) -> list[Finding]:
        """All findings so far, the last one saying how many more there are."""
        if not self._unlisted:
            return list(self._findings)
        more = Finding(
            code="file.more-findings",
            message=f"{self._unlisted:,} more rows of this file have findings.",
            severity=Severity.WARNING,
            path=self._key,
        )
        return [*self._findings, more]

    def _judge(self, block: bytes) -> None:
        """Judge whole lines: all at once where they are sound, one by one to name those that are not."""
        lines = block.split(b"\n")
        try:
            if not block.isascii():
                # Decoding by the grammar passes over the bytes inside of strings.
                block.decode()
            deque(map(self._decode, lines), maxlen=0)
            self.rows += len(lines)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            for number, line in enumerate(lines, start=self._lines + 1):
                self._judge_line(number, line)
        self._lines += len(lines)

    def _judge_line(self, number: int, line: bytes) -> None:
        if not line.strip(b" \t\r"):
            self._add("json.blank-line", "A line is blank.", number)
            return
        self.rows += 1
        try:
            line.decode()
            # First any value at all: the decoder of objects stops at the first byte of another one.
            msgspec.json.decode(line, type=msgspec.Raw)
            self._decode(line)
        except UnicodeDecodeError:
            self._add("json.not-utf8", "A row is not UTF-8.", number)
        except msgspec.ValidationError:
            self._add("json.not-an-object", "A row is JSON, but not an object.", number)
        except msgspec.DecodeError:
            self._add("json.invalid", "A row is not one JSON object.", number)
        except RecursionError:
            self._add("json.too-deep", "A row is nested too deeply to be read.", number)

    def _add(self, code: str, message: str, line: int) -> None:
        if len(self._findings) < self._limits.max_findings:
            self._findings.append(Finding(code=code, message=message, path=self._key, where=f"row {line}"))
        else:
            self._unlisted += 1
