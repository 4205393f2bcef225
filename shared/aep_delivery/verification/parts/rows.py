"""Parts of plain text: which rows begin in a range of bytes, and what is to be said of them.

A row belongs to the part it begins in, and is read beyond the end of that. Every line end of CSV is either the end of a
row or content inside of quotes, and a reader who begins in the middle cannot know which. So both are followed, until
both come to the same row; nearly always that is one of the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.checkers.digest import Digested
from aep_delivery.verification.checkers.findings import Findings
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.parts.models import Part, PartCheck, Run
from aep_delivery.verification.parts.ranges import pieces
from aep_delivery.verification.parts.track import SplitRows, Track
from aep_delivery.verification.report import FilePart

_BIT = 64 * 1024
"""Bytes looked at together while two readings are followed, and asked for where only the end of a row is missing."""

MakeRows = Callable[[Findings], SplitRows]
"""Makes the judge of rows, from the beginning of any of them."""


class RowInQuotes(Protocol):
    """A row of which only the end is seen, from inside of quotes."""

    @property
    def is_hopeless(self) -> bool:
        """True where the row is longer than any may be."""

    def feed(self, piece: bytes) -> int | None:
        """Take the next piece; how many bytes of all were the row's, once it has ended."""


class Readings:
    """One part's rows, read in every way they may be meant.

    Args:
        stored: The file.
        limits: Bounds of reading.
        make: Makes the judges.
        at: Where a row begins, or a line inside of quotes.
        hidden: The row that this line may be content of; None where `at` is known to begin a row.
    """

    def __init__(
        self, stored: StoredObject, limits: Limits, make: MakeRows, at: int, hidden: RowInQuotes | None
    ) -> None:
        self._stored, self._limits, self._make = stored, limits, make
        self._at = at
        self._hidden = hidden
        self._outside: Track = self._new(at)
        self._inside: Track | None = None
        self._common: Track | None = None

    def _new(self, start: int) -> Track:
        return Track(start, self._make, self._stored.key, self._limits)

    def feed(self, piece: bytes) -> None:
        """Take the next piece."""
        if self._common:
            self._common.feed(piece)
        elif self._hidden is None and self._inside is None:
            self._outside.feed(piece)
        else:
            for start in range(0, len(piece), _BIT):
                if self._common:
                    self._common.feed(piece[start:])
                    return
                self._follow(piece[start : start + _BIT])

    def _follow(self, bit: bytes) -> None:
        self._outside.feed(bit)
        if self._inside:
            self._inside.feed(bit)
        elif self._hidden:
            length = self._hidden.feed(bit)
            if length is not None:
                self._inside = self._new(self._at + length)
                self._inside.feed(bit[len(bit) - (self._outside.fed - self._inside.start) :])
            if length is not None or self._hidden.is_hopeless:
                self._hidden = None
        if self._inside and self._outside.meets(self._inside):
            self._common = self._new(self._outside.row_at)
            self._common.feed(self._outside.rows.open)

    def finish(self, beyond: Callable[[], Iterator[bytes]] | None) -> None:
        """Read the rows that have not ended to their ends.

        Args:
            beyond: Gives what follows the part; None where the file ends with it.
        """
        open_ended = [self._common] if self._common else [self._outside, self._inside]
        for track in filter(None, open_ended):
            track.finish(beyond() if beyond else None)

    def runs(self) -> tuple[tuple[Run, ...], Run | None]:
        """What each reading showed where they differ, and what follows both."""
        end = self._common.start if self._common else None
        tracks = [self._outside, *([self._inside] if self._inside else [])]
        return tuple(track.run(end) for track in tracks), self._common.run() if self._common else None


def check_rows(
    stored: StoredObject,
    part: Part,
    reader: StorageReader,
    limits: Limits,
    make: MakeRows,
    *,
    first_row: int = 0,
    hidden: RowInQuotes | None = None,
) -> PartCheck:
    """Check the rows that begin in one part.

    Args:
        stored: The file.
        part: Which bytes of it.
        reader: Its storage.
        limits: Bounds of reading.
        make: Makes the judge of the rows.
        first_row: Where a row is known to begin; what lies before it belongs to no row.
        hidden: The row that may have begun before the part; None where a line end always ends a row.

    Raises:
        ObjectChangedError: The object was rewritten while it was read.
        UserError: The storage denies access.
        TransientError: The storage asks to come back.
    """
    source = Digested(pieces(stored, reader, part.start, part.end, chunk=limits.chunk_bytes))
    known = first_row >= part.start
    begin = first_row if known else _begin_of(stored, part, reader)
    readings: Readings | None = None
    for piece in source:
        position = part.start + source.size
        if readings:
            readings.feed(piece)
            continue
        if begin is None and (found := piece.find(b"\n")) >= 0:
            begin = position - len(piece) + found + 1
        if begin is not None and begin < position:
            readings = Readings(stored, limits, make, begin, None if known else hidden)
            readings.feed(piece[begin - position + len(piece) :])

    def beyond() -> Iterator[bytes]:
        chunk = min(limits.chunk_bytes, 4 * _BIT)
        return pieces(stored, reader, part.end, stored.size, chunk=chunk, request=4 * _BIT)

    if readings:
        readings.finish(beyond if part.end < stored.size else None)
    runs, common = readings.runs() if readings else ((), None)
    return PartCheck(
        key=stored.key,
        part=part,
        runs=runs,
        common=common,
        digest=FilePart(start=part.start, end=part.start + source.size, sha256=source.hexdigest()),
        bytes_read=source.size,
    )


def _begin_of(stored: StoredObject, part: Part, reader: StorageReader) -> int | None:
    """The first byte of the part, where a line ends in front of it; None where that is somewhere behind."""
    before = reader.read_range(stored.key, part.start - 1, 1, etag=stored.etag)
    return part.start if before == b"\n" else None
