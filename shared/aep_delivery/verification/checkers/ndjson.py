"""Newline-delimited JSON, plain or gzip: one object a line, by the strict grammar of RFC 8259.

Decided where the RFC leaves room: NaN and Infinity are no JSON. A lone surrogate escape is damage, as it has no UTF-8
and most readers refuse it. Repeated names are let through: the grammar allows them, and readers agree on the last one.
Numbers of any size are sound. A byte order mark is damage. A last line without newline is sound, as is a carriage
return before it; a blank line is not, as a writer of rows never makes one.
"""

from __future__ import annotations

import os
from typing import Literal

import msgspec

from aep_delivery.verification.checkers.base import Column, Damage
from aep_delivery.verification.checkers.findings import Findings
from aep_delivery.verification.checkers.json_shape import JsonShape
from aep_delivery.verification.checkers.text_file import TextChecker
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits

_MARK = int.from_bytes(os.urandom(7), "big") | 1 << 56
"""Stands between two rows where many are looked at in one call. Nobody can know it when a file is written."""
_BETWEEN = b",%d," % _MARK
_BLOCK = 256 * 1024
"""Bytes judged at once: larger ones cost the system a new piece of memory each time, a fifth of all time."""


class _AnyObject(msgspec.Struct, gc=False):
    """Any JSON object: msgspec walks through unknown fields by the grammar without making Python values of them."""


class NdjsonChecker(TextChecker):
    """Checks NDJSON.

    Args:
        gzip: True where the file is gzip, of one or more members.
        level: How much to prove.
    """

    def __init__(self, *, gzip: bool, level: Level = Level.CONTENT) -> None:
        super().__init__(gzip=gzip, rows=RowCounter, level=level)


class RowCounter:
    """Counts and judges the rows of a text that comes in pieces.

    Args:
        findings: Where to tell what is found.
        limits: Bounds of a line.
        shape: What the columns are gathered in; None for one of its own.
    """

    def __init__(self, findings: Findings, limits: Limits, *, shape: JsonShape | None = None) -> None:
        self.rows = 0
        """Rows so far, broken ones included; blank lines are none."""
        self.ends_open = False
        """Whether the last line has no line end, once it is known to be the last."""
        self._limits = limits
        self._findings = findings
        self._shape = shape or JsonShape()
        self._decode = msgspec.json.Decoder(_AnyObject).decode
        rows = list[_AnyObject | Literal[_MARK]]  # type: ignore[valid-type]  # known to msgspec, not to mypy
        self._decode_all = msgspec.json.Decoder(rows).decode
        self._lines = 0
        self._open: list[bytes] = []
        self._open_bytes = 0

    @property
    def numbers(self) -> int:
        """The number of the last row so far; blank lines have one."""
        return self._lines

    @property
    def open(self) -> bytes:
        """The row that has not ended, as far as it came."""
        return b"".join(self._open)

    def last_row(self) -> int:
        """Where in :attr:`open` its last row begins."""
        return 0

    def end_of_row(self, data: bytes) -> int | None:
        """Where the row ends that `data` begins with; None where it goes on behind."""
        return data.find(b"\n") + 1 or None

    def feed(self, piece: bytes) -> None:
        """Take the next piece.

        Raises:
            Damage: ``json.line-too-long``.
        """
        for start in range(0, len(piece), _BLOCK):
            self._feed(piece[start : start + _BLOCK])

    def _feed(self, piece: bytes) -> None:
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
        self._judge(b"".join((b"[", *self._open, memoryview(piece)[:end], b"]")))
        self._open = [piece[end + 1 :]]
        self._open_bytes = len(piece) - end - 1

    def finish(self) -> None:
        """Take the last line, which may end without a newline."""
        if any(self._open):
            self.ends_open = True
            self._judge(b"".join((b"[", *self._open, b"]")))

    def judge_end(self, tail: bytes) -> None:
        """Judge the last row alone; a row that is longer than `tail` is left alone."""
        before, newline, line = tail.removesuffix(b"\n").rpartition(b"\n")
        if before or newline:
            self._judge_line("last row", line)

    @property
    def columns(self) -> tuple[Column, ...] | None:
        """The columns of the first rows; None without any row."""
        return self._shape.columns() or None

    def _judge(self, block: bytes) -> None:
        """Judge whole lines in brackets: all at once where they are sound, one by one to name those that are not."""
        start = 1
        while start < len(block) and not self._shape.is_full:
            end = block.find(b"\n", start)
            end = end if end >= 0 else len(block) - 1
            self._shape.add(block[start:end])
            start = end + 1
        rows = self._count(block)
        self.rows += rows
        self._lines += rows
        if not rows:
            for line in block[1:-1].split(b"\n"):
                self._lines += 1
                self._judge_line(f"row {self._lines}", line)

    def _count(self, block: bytes) -> int:
        """The rows of a block in which every line is one object; 0 where only a look at each line can tell.

        Each line end becomes a mark between two items of an array. Where marks and objects take turns in it, as many
        marks as there were line ends, none of those stood inside of an object, and no line holds two.
        """
        marked = block.replace(b"\n", _BETWEEN)
        ends = (len(marked) - len(block)) // (len(_BETWEEN) - 1)
        try:
            if not block.isascii():
                # Decoding by the grammar passes over the bytes inside of strings.
                block.decode()
            items = self._decode_all(marked)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return 0
        return ends + 1 if len(items) == 2 * ends + 1 and items[1::2] == [_MARK] * ends else 0

    def _judge_line(self, where: str, line: bytes) -> None:
        if not line.strip(b" \t\r"):
            self._findings.add("json.blank-line", "A line is blank.", where)
            return
        self.rows += 1
        try:
            line.decode()
            # First any value at all: the decoder of objects stops at the first byte of another one.
            msgspec.json.decode(line, type=msgspec.Raw)
            self._decode(line)
        except UnicodeDecodeError as error:
            self._findings.add("json.not-utf8", f"A row is not UTF-8, from its byte {error.start:,} on.", where)
        except msgspec.ValidationError:
            self._findings.add("json.not-an-object", "A row is JSON, but not an object.", where)
        except msgspec.DecodeError:
            self._findings.add("json.invalid", "A row is not one JSON object.", where)
        except RecursionError:
            self._findings.add("json.too-deep", "A row is nested too deeply to be read.", where)
