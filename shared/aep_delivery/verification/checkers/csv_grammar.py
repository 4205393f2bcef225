"""The grammar of CSV rows: RFC 4180 with a delivery's own delimiter, quote and escape.

Decided where the RFC leaves room: lines end in LF or CRLF, also mixed; the last one may end without. Inside of quotes
everything is content, line ends too. Outside of quotes an escape stands only before a quote or itself and is a plain
character else (so write Apache Spark, which is Adobe's writer, and Python).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from aep_delivery.verification.dialect import CsvDialect

_FILLER = b"xx"
"""Stands in for two characters of content."""
_MOST_IN_PATTERN = 500
"""Columns of a row that one pattern may hold: a longer one takes too long to make."""
MAX_FIELDS = 20_000
"""Of a row. A field takes a byte of a file, a microsecond to be seen, and some hundred bytes as a report's column."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one row."""

    code: str
    message: str
    column: int | None = None
    """From 1."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file."""

    end: int
    """Where the next one begins."""
    fields: int
    problem: Problem | None
    blank: bool = False


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A row that may go on behind the bytes there are."""

    in_quotes: bool
    """True where it cannot end before another quote."""


class Grammar:
    """One dialect, made ready to judge bytes.

    Args:
        dialect: The form of the files.
    """

    def __init__(self, dialect: CsvDialect) -> None:
        self.delimiter = dialect.delimiter.encode()
        # Spark writes NUL where the quote is empty, so that a delimiter in a value still does no harm.
        self.quote = dialect.quote.encode() or b"\0"
        self.escape = dialect.escape.encode() if dialect.escape != dialect.quote else b""
        structural = self.delimiter + b"\n"
        self._not_structural = bytes(byte for byte in range(256) if byte not in structural)
        self._before_quote = frozenset(structural)
        self._behind_quote = frozenset(structural + b"\r")
        self._stop = re.compile(b"[" + re.escape(self.delimiter + self.quote + self.escape) + b"\n\r]")
        self._in_quotes = re.compile(b"[" + re.escape(self.quote + self.escape) + b"]")

    @lru_cache(maxsize=1)  # noqa: B019 - a grammar lives as long as its file's check
    def _quoted_row(self, columns: int) -> re.Pattern[bytes]:
        quote, no_quote = re.escape(self.quote), b"[^" + re.escape(self.quote) + b"]*+"
        field = quote + no_quote + b"(?:" + quote * 2 + no_quote + b")*+" + quote
        return re.compile(re.escape(self.delimiter).join([field] * columns) + b"\r?\n")

    def neutral(self, block: bytes) -> bytes:
        """The same bytes without escaped characters, other ones in their place."""
        if not self.escape or self.escape not in block:
            return block
        return block.replace(self.escape * 2, _FILLER).replace(self.escape + self.quote, _FILLER)

    def count_rows(self, block: bytes, columns: int) -> int | None:
        """The rows of a block of whole rows, if a quick look proves that each of them has `columns` fields.

        Args:
            block: From the start of a row to the end of one; without escaped characters, see :meth:`neutral`.
            columns: Fields in a row.

        Returns:
            None where only :meth:`row` can tell, as with any damage.
        """
        if not is_utf8(block):
            return None
        if self.quote not in block:
            return self._count_bare(block, columns)
        if self.quote != b"\0" and b"\0" in block:
            return None
        if block.startswith(self.quote) and columns <= _MOST_IN_PATTERN:
            rows = self._count_all_quoted(block, columns)
            if rows is not None:
                return rows
        parts = block.split(self.quote)
        outside = parts[0::2]
        if len(parts) % 2 == 0 or not self._stand_apart(outside):
            return None
        return self._count_bare(b"".join(outside), columns)

    def _count_bare(self, block: bytes, columns: int) -> int | None:
        """Without content inside of quotes, delimiters and line ends must alternate as in one row after the other."""
        if b"\0" in block:
            return None
        if b"\r" in block and block.count(b"\r") != block.count(b"\r\n"):
            return None
        structure = block.translate(None, self._not_structural)
        row = self.delimiter * (columns - 1) + b"\n"
        rows = len(structure) // len(row)
        return rows if structure == row * rows else None

    def _count_all_quoted(self, block: bytes, columns: int) -> int | None:
        """Where every field is quoted, pieces between quotes would be as many as fields: a pattern is faster then."""
        rows = end = 0
        # Undocumented, but what re.Scanner rests on: matches that follow each other without a gap.
        scanner = self._quoted_row(columns).scanner(block)  # type: ignore[attr-defined]
        for rows, row in enumerate(iter(scanner.match, None), 1):  # noqa: B007 - the last one is asked below
            end = row.end()
        return rows if end == len(block) else None

    def _stand_apart(self, outside: list[bytes]) -> bool:
        """True where every quoted part has a delimiter or a line end on both sides.

        An empty piece between two quoted ones is a doubled quote.
        """
        before, behind = self._before_quote, self._behind_quote
        first, last = outside[0], outside[-1]
        if (first and first[-1] not in before) or (last and last[0] not in behind):
            return False
        return all(piece[0] in behind and piece[-1] in before for piece in set(outside[1:-1]) if piece)

    def row(self, data: bytes, start: int, *, final: bool) -> Row | OpenRow:  # noqa: PLR0911 - one for each way to end
        """The row that begins at `start`, exactly. `final` says that nothing comes behind `data`."""
        position, fields = start, 1
        problem: Problem | None
        while True:
            if data.startswith(self.quote, position):
                position = self._behind_quotes(data, position + 1)
                if position < 0:
                    problem = Problem("csv.unclosed-quote", "A quote is opened and never closed.", fields)
                    return Row(len(data), fields, problem) if final else OpenRow(in_quotes=True)
                if not final and position >= len(data) - 1 and data[position:] in (b"", b"\r"):
                    return OpenRow(in_quotes=False)
                if not self._at_an_end(data, position):
                    problem = Problem("csv.text-after-quote", "Something follows a closing quote.", fields)
                    return self._broken(data, position, problem, fields, final=final)
            else:
                position, problem = self._behind_bare(data, position, fields, final=final)
                if problem:
                    return self._broken(data, position, problem, fields, final=final)
            if position == len(data):
                return Row(position, fields, None) if final else OpenRow(in_quotes=False)
            if not data.startswith(self.delimiter, position):
                end = position + (2 if data.startswith(b"\r", position) else 1)
                return Row(end, fields, None, blank=position == start)
            position += 1
            fields += 1
            if fields > MAX_FIELDS:
                problem = Problem("csv.ragged-row", f"A row has more than {MAX_FIELDS:,} fields.")
                return self._broken(data, position, problem, fields, final=final)

    def _behind_quotes(self, data: bytes, position: int) -> int:
        """The place behind the closing quote; -1 where there is none."""
        while found := self._in_quotes.search(data, position):
            position = found.end()
            if found.group() == self.escape:
                # Nothing but a quote and the escape itself needs one; a line end behind it is content all the same.
                position += 1
            elif data.startswith(self.quote, position):
                position += 1
            else:
                return position
        return -1

    def _at_an_end(self, data: bytes, position: int) -> bool:
        return position == len(data) or data.startswith((self.delimiter, b"\n", b"\r\n"), position)

    def _behind_bare(self, data: bytes, position: int, field: int, *, final: bool) -> tuple[int, Problem | None]:
        """The place behind a field without quotes, or of what does not belong there."""
        while found := self._stop.search(data, position):
            position, what = found.start(), found.group()
            if what in (self.delimiter, b"\n"):
                return position, None
            if what == self.escape:
                position += 2 if data.startswith((self.quote, self.escape), position + 1) else 1
            elif what == self.quote:
                return position, Problem(
                    "csv.quote-in-field", "A quote stands inside of a field without quotes.", field
                )
            elif data.startswith(b"\r\n", position):
                return position, None
            elif position + 1 == len(data) and not final:
                return len(data), None
            else:
                message = "A carriage return stands alone, without a line feed."
                return position, Problem("csv.carriage-return", message, field)
        return len(data), None

    def _broken(self, data: bytes, position: int, problem: Problem, fields: int, *, final: bool) -> Row | OpenRow:
        """A row that cannot be read on: the next one begins behind the next line feed."""
        end = data.find(b"\n", position)
        if end < 0 and not final:
            return OpenRow(in_quotes=False)
        return Row(end + 1 or len(data), fields, problem)


def is_utf8(block: bytes) -> bool:
    """True where all of it decodes; a block must not end inside of a character."""
    return first_not_utf8(block) is None


def first_not_utf8(block: bytes) -> int | None:
    """The first byte that is no UTF-8, counted from 0; None where all of it decodes."""
    if block.isascii():
        return None
    try:
        block.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None
