"""Counting and judging the rows of a CSV text that comes in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aep_delivery.verification.checkers.base import Column, Damage
from aep_delivery.verification.checkers.csv_grammar import Grammar, OpenRow, Problem, Row, first_not_utf8
from aep_delivery.verification.checkers.csv_header import read_header
from aep_delivery.verification.checkers.findings import Findings
from aep_delivery.verification.dialect import CsvDialect
from aep_delivery.verification.limits import Limits

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BLOCK = 256 * 1024
"""Bytes judged at once: what stays in a processor's second cache is judged a fifth faster."""
_PIECE = 8 * 1024
"""Bytes looked at row by row where a block is not sound. That takes a hundred times as long."""
_NO_HEADER = b"\0\n\0"
"""Where there is none. No row is these bytes."""
_TRIES = 64
"""Line ends looked at from behind for one that is no content of a quoted field."""


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """What the rows of a file are judged by."""

    content: bytes
    fields: int


class CsvRows:
    """Judges one CSV file. Its first row is the header; rows are numbered from the one behind it, which is row 1.

    Args:
        dialect: The form of the file.
        findings: Where to tell what is found.
        limits: Bounds of a row.
        expected: The columns there must be, in their order; None where that is not known.
        place: What the place of each finding begins with, where a file holds several texts.
        behind: The header of the file, where the text begins with a row behind it.
    """

    def __init__(
        self,
        dialect: CsvDialect,
        findings: Findings,
        limits: Limits,
        *,
        expected: Sequence[str] | None = None,
        place: str = "",
        behind: HeaderRow | None = None,
    ) -> None:
        self.rows = 0
        """Rows behind the header so far, broken ones included; blank lines are none."""
        self.ends_open = False
        """Whether the last line has no line end, once it is known to be the last."""
        self.columns: tuple[Column, ...] | None = None
        """What the header names."""
        self._dialect = dialect
        self._grammar = Grammar(dialect)
        self._findings = findings
        self._limits = limits
        self._expected = expected
        self._place = f"{place}, " if place else ""
        self._open: list[bytes] = []
        self._open_bytes = 0
        self._in_quotes = False
        self._begun = behind is not None
        self._header = behind.content if behind else b""
        self._fields = behind.fields if behind else 0

    @property
    def header(self) -> HeaderRow | None:
        """What the rows are judged by; None before it was there."""
        return HeaderRow(self._header, self._fields) if self._header else None

    @property
    def numbers(self) -> int:
        """The number of the last row so far."""
        return self.rows

    @property
    def open(self) -> bytes:
        """What is not judged yet: the row that has not ended, as far as it came."""
        return b"".join(self._open)

    def last_row(self) -> int:
        """Where in :attr:`open` its last row begins: a quote may keep whole rows waiting to be judged."""
        data = self.open
        at = self.end_of_row(data) or 0
        while 0 < at < len(data) and not isinstance(row := self._grammar.row(data, at, final=False), OpenRow):
            at = row.end
        return at

    def end_of_row(self, data: bytes) -> int | None:
        """Where the row ends that `data` begins with; None where it goes on behind."""
        begin = len(_BYTE_ORDER_MARK) if not self._begun and data.startswith(_BYTE_ORDER_MARK) else 0
        row = self._grammar.row(data, begin, final=False)
        return None if isinstance(row, OpenRow) else row.end

    def feed(self, piece: bytes) -> None:
        """Take the next piece.

        Raises:
            Damage: ``csv.row-too-long``, or what is wrong with the header.
        """
        for start in range(0, len(piece), _BLOCK):
            self._feed(piece[start : start + _BLOCK])

    def _feed(self, piece: bytes) -> None:
        self._open.append(piece)
        self._open_bytes += len(piece)
        if (self._grammar.quote if self._in_quotes else b"\n") in piece:
            data = b"".join(self._open)
            self._judge_length(self.end_of_row(data) if len(data) > self._limits.max_line_bytes else 0)
            rest = data[self._take(data, final=False) :]
            self._open, self._open_bytes = [rest], len(rest)
        self._judge_length(self._open_bytes)

    def _judge_length(self, length: int | None) -> None:
        most = self._limits.max_line_bytes
        if length is None or length > most:
            message = f"A row is longer than {most} bytes."
            if self._grammar.quote in self.open[:most]:
                message += " Is a quote never closed?"
            raise Damage("csv.row-too-long", message, f"{self._place}row {self.rows + 1}")

    def finish(self) -> None:
        """Take the last row, which may end without a line end.

        Raises:
            Damage: What is wrong with the header.
        """
        data = b"".join(self._open)
        self.ends_open = bool(data) and not data.endswith(b"\n")
        if data or not self._header:
            self._take(data, final=True)

    def judge_end(self, tail: bytes) -> None:
        """Judge the last row alone, where no quote can hide what its delimiters mean."""
        before, newline, line = tail.removesuffix(b"\n").rpartition(b"\n")
        if not (before or newline) or self._grammar.quote in tail or not self._fields:
            return
        row = self._grammar.row(line, 0, final=True) if line else None
        if isinstance(row, Row):
            problem = row.problem or self._problem(row, line)
        else:
            problem = Problem("csv.blank-line", "A line is blank.") if self._fields > 1 else None
        if problem:
            self._findings.add(problem.code, problem.message, f"{self._place}last row")

    def _take(self, data: bytes, *, final: bool) -> int:
        """Judge all whole rows and say where the rest begins."""
        start = 0
        if not self._header:
            start = self._take_header(data, final=final)
            if not self._header:
                return start
        if final:
            body = data[start:]
            ended = body if body.endswith(b"\n") or not body else body + b"\n"
            if body.endswith(b"\r") or not self._count(self._grammar.neutral(ended)):
                self._sift(body, final=True)
            return len(data)
        end = data.rfind(b"\n") + 1
        body = self._grammar.neutral(data[start:end])
        if body and self._count(body):
            self._in_quotes = False
            return end
        # The last line end may be content of a quoted field.
        length = self._whole_rows(body)
        if 0 < length < len(body) and self._count(body[:length]):
            self._in_quotes = False
            return start + length
        return start + self._sift(data[start:], final=False)

    def _sift(self, data: bytes, *, final: bool) -> int:
        """Find the rows that are not sound, piece by piece, and say where the one begins that does not end here."""
        position, size = 0, _PIECE
        self._in_quotes = False
        while position < len(data):
            piece = data[position : position + size]
            last = position + size >= len(data)
            body = self._grammar.neutral(piece[: piece.rfind(b"\n") + 1])
            taken = self._whole_rows(body)
            if not taken or not self._count(body[:taken]):
                taken = self._judge(piece, final=final and last)
            if not taken and last:
                break
            position += taken
            size = _PIECE if taken else size * 4
        return position

    def _whole_rows(self, body: bytes) -> int:
        """Bytes up to a line end outside of quotes; 0 where none is seen."""
        quote, end = self._grammar.quote, len(body)
        if quote not in body:
            return end
        odd = body.count(quote) % 2
        for _ in range(_TRIES):
            if not odd or not end:
                return end
            before = body.rfind(b"\n", 0, end - 1) + 1
            odd ^= body.count(quote, before, end) % 2
            end = before
        return 0

    def _count(self, body: bytes) -> bool:
        """Count the rows of sound bytes; False where they must be looked at one by one."""
        if self._fields > 1 and self._header.rstrip(b"\r\n") in body:
            # Perhaps the header once more, under whatever line end.
            return False
        rows = self._grammar.count_rows(body, self._fields)
        self.rows += rows or 0
        return rows is not None

    def _judge(self, data: bytes, *, final: bool) -> int:
        """Look at each row and say where the one begins that does not end here."""
        start = 0
        self._in_quotes = False
        while start < len(data):
            row = self._grammar.row(data, start, final=final)
            if isinstance(row, OpenRow):
                self._in_quotes = row.in_quotes
                break
            if row.blank and self._fields > 1:
                self._add(Problem("csv.blank-line", "A line is blank."), self.rows + 1)
            else:
                self.rows += 1
                if problem := row.problem or self._problem(row, data[start : row.end]):
                    self._add(problem, self.rows)
            start = row.end
        return start

    def _problem(self, row: Row, content: bytes) -> Problem | None:
        """What is wrong with a row that the grammar lets through."""
        if b"\0" in content and self._grammar.quote != b"\0":
            return Problem("csv.nul", "A row holds the character NUL.")
        if (byte := first_not_utf8(content)) is not None:
            return Problem("csv.not-utf8", f"A row is not UTF-8, from its byte {byte:,} on.")
        if row.fields != self._fields:
            return Problem("csv.ragged-row", f"A row has {row.fields:,} fields, the header has {self._fields:,}.")
        if self._fields > 1 and content.rstrip(b"\r\n") == self._header.rstrip(b"\r\n"):
            return Problem("csv.header-repeated", "The header stands there again.")
        return None

    def _add(self, problem: Problem, row: int) -> None:
        where = f"{self._place}row {row}"
        if problem.column:
            where += f", column {problem.column}"
        self._findings.add(problem.code, problem.message, where)

    def _take_header(self, data: bytes, *, final: bool) -> int:
        begin = 0
        if not self._begun:
            if not final and len(data) < len(_BYTE_ORDER_MARK) and _BYTE_ORDER_MARK.startswith(data):
                return 0
            self._begun = True
            if data.startswith(_BYTE_ORDER_MARK):
                begin = len(_BYTE_ORDER_MARK)
                self._findings.add(
                    "csv.byte-order-mark", "The file begins with a byte order mark.", f"{self._place}byte 0"
                )
        row = self._grammar.row(data, begin, final=final) if begin < len(data) else None
        if isinstance(row, OpenRow) or (row is None and not final):
            return begin
        if not self._dialect.header:
            # The first row only tells how many fields there are: it is judged with the others.
            self._header, self._fields = _NO_HEADER, row.fields if row else 0
            return begin
        content = data[begin : row.end] if row else b""
        header = read_header(content, row, self._dialect, self._expected, f"{self._place}header")
        for problem in header.problems:
            self._findings.add(problem.code, problem.message, f"{self._place}header")
        self.columns = header.columns
        self._fields = header.fields
        self._header = content
        return begin + len(content)
