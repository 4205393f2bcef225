"""Parts of plain NDJSON and CSV files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.checkers.base import Column, Damage
from aep_delivery.verification.checkers.csv_grammar import Grammar, OpenRow
from aep_delivery.verification.checkers.csv_rows import CsvRows
from aep_delivery.verification.checkers.findings import Findings
from aep_delivery.verification.checkers.json_shape import JsonShape
from aep_delivery.verification.checkers.ndjson import RowCounter
from aep_delivery.verification.dialect import RFC_4180, CsvDialect
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.parts.models import Part, PartCheck
from aep_delivery.verification.parts.ranges import pieces
from aep_delivery.verification.parts.rows import MakeRows, check_rows

LOOK = 256 * 1024
"""Bytes asked for where only the first rows are looked at."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """How the rows of a file are judged from its first byte on."""

    make: MakeRows
    columns: Callable[[], tuple[Column, ...] | None]
    """What they show of the columns."""


class NdjsonParts:
    """Checks parts of plain NDJSON files."""

    def beginning(self, limits: Limits) -> Beginning:
        """For a reader that begins with the file."""
        shape = JsonShape()
        return Beginning(
            make=lambda findings: RowCounter(findings, limits, shape=shape), columns=lambda: shape.columns() or None
        )

    def following(self, _key: str, _head: Iterable[bytes], limits: Limits) -> tuple[int, MakeRows]:
        """For a reader that begins later: where the first row begins, and the judge of rows."""
        return 0, lambda findings: RowCounter(findings, limits)

    def check(self, stored: StoredObject, part: Part, reader: StorageReader, limits: Limits) -> PartCheck:
        """Check the rows that begin in one part; see :func:`~aep_delivery.verification.parts.rows.check_rows`."""
        shape = JsonShape()
        checked = check_rows(stored, part, reader, limits, lambda findings: RowCounter(findings, limits, shape=shape))
        if part.start:
            return checked
        if not shape.is_full and not any(run.damage for run in checked.runs):
            self._look_on(stored, max(run.end for run in checked.runs), reader, limits, shape)
        return checked.model_copy(update={"columns": shape.columns() or None})

    def _look_on(
        self, stored: StoredObject, start: int, reader: StorageReader, limits: Limits, shape: JsonShape
    ) -> None:
        """Rows may be so long, and parts so short, that the first ones of the file are not all in its first part."""
        rows = RowCounter(Findings(stored.key, limits), limits, shape=shape)
        try:
            for piece in pieces(stored, reader, start, stored.size, chunk=LOOK, request=LOOK):
                rows.feed(piece)
                if shape.is_full:
                    return
            rows.finish()
        except Damage:
            # The part it lies in tells of it.
            return


class CsvParts:
    """Checks parts of plain CSV files.

    Args:
        dialect: The form of the files.
        columns: The columns there must be, in their order; None where that is not known.
    """

    def __init__(self, *, dialect: CsvDialect = RFC_4180, columns: Sequence[str] | None = None) -> None:
        self._dialect = dialect
        self._new = partial(CsvRows, dialect, expected=columns)

    def beginning(self, limits: Limits) -> Beginning:
        """For a reader that begins with the file."""
        made: list[CsvRows] = []

        def make(findings: Findings) -> CsvRows:
            made.append(self._new(findings, limits=limits))
            return made[-1]

        return Beginning(make=make, columns=lambda: made[0].columns)

    def following(self, key: str, head: Iterable[bytes], limits: Limits) -> tuple[int, MakeRows]:
        """For a reader that begins later: where the first row begins, and the judge of the rows behind it.

        Args:
            key: Of the file.
            head: The file from its first byte; only the header is taken.
            limits: Bounds of a row.

        Raises:
            Damage: Without a header nothing can be said of the rows.
        """
        rows = self._new(Findings(key, limits), limits=limits)
        first_row = _take_header(head, rows, limits)
        return first_row, partial(self._new, limits=limits, behind=rows.header)

    def check(self, stored: StoredObject, part: Part, reader: StorageReader, limits: Limits) -> PartCheck:
        """Check the rows that begin in one part; see :func:`~aep_delivery.verification.parts.rows.check_rows`.

        The header belongs to the first part, and every other one reads it for itself.
        """
        if not part.start:
            first = self.beginning(limits)
            checked = check_rows(stored, part, reader, limits, first.make)
            return checked.model_copy(update={"columns": first.columns()})
        try:
            head = pieces(stored, reader, 0, stored.size, chunk=LOOK, request=LOOK)
            first_row, make = self.following(stored.key, head, limits)
        except Damage:
            # The first part tells of it.
            return PartCheck(key=stored.key, part=part)
        hidden = RowInQuotes(self._dialect, limits)
        return check_rows(stored, part, reader, limits, make, first_row=first_row, hidden=hidden)


def _take_header(chunks: Iterable[bytes], rows: CsvRows, limits: Limits) -> int:
    """Take the header alone, and say where the first row begins."""
    head = b""
    for piece in chunks:
        head += piece
        end = rows.end_of_row(head)
        if end is not None:
            rows.feed(head[:end])
            return end
        if len(head) > limits.max_line_bytes:
            break
    rows.feed(head)
    rows.finish()
    return len(head)


class RowInQuotes:
    """The end of a row that a part may begin in, inside of quotes.

    Args:
        dialect: The form of the file.
        limits: Bounds of a row.
    """

    def __init__(self, dialect: CsvDialect, limits: Limits) -> None:
        self._grammar = Grammar(dialect)
        self._most = limits.max_line_bytes
        # As if the quoted field began here: what a field holds does not change how it ends.
        self._data = self._grammar.quote
        self._in_quotes = True

    @property
    def is_hopeless(self) -> bool:
        """True where the row is longer than any may be."""
        return len(self._data) > self._most + 1

    def feed(self, piece: bytes) -> int | None:
        """Take the next piece; how many bytes of all were the row's, once it has ended."""
        self._data += piece
        if (self._grammar.quote if self._in_quotes else b"\n") not in piece:
            return None
        row = self._grammar.row(self._data, 0, final=False)
        if isinstance(row, OpenRow):
            self._in_quotes = row.in_quotes
            return None
        return row.end - 1
