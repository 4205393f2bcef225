"""Gzip files in legs: nobody can begin in the middle of one, but who stops can say where to go on.

A function that runs out of time looks for a place from which inflating can go on and hands it over, and the next one
reads no byte of the file again. The CRC-32 and the length of the content so far go with it, so that those at the end of
the member still prove every byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain

from isal import isal_zlib
from pydantic import BaseModel, ConfigDict

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.checkers.deflate_blocks import WINDOW, find_block
from aep_delivery.verification.checkers.gzip_stream import Inflation, Midst
from aep_delivery.verification.limits import MIB, Limits
from aep_delivery.verification.parts.models import Part, PartCheck
from aep_delivery.verification.parts.ranges import pieces
from aep_delivery.verification.parts.rows import MakeRows
from aep_delivery.verification.parts.track import Track
from aep_delivery.verification.report import FilePart

_SLICE = 64 * 1024
"""Bytes inflated at once; legs begin theirs where one reader of the whole file does."""
_REGION = 256 * 1024
"""Compressed bytes that are searched for a block. Writers of rows make some of 30 KiB to 150 KiB."""
_MOST_CONTENT = 12 * MIB
"""Content that is held for the search: less than a bomb has."""
_TRIES = 8
"""Regions that are searched before it is said that the file cannot be left."""


class Handover(BaseModel):
    """Where a leg ended. It holds content of the file, and is sealed before it is kept anywhere."""

    model_config = ConfigDict(frozen=True)

    midst: Midst
    row_at: int
    """Where the next row begins, in the content."""


class CannotBeLeftError(Exception):
    """No place was found from which inflating could go on."""


class Leg:
    """One function's share of a gzip file.

    Args:
        stored: The file.
        reader: Its storage.
        limits: Bounds of reading.
        make: Makes the judge of the rows.
        after: Where the leg before ended; None for the first one.
    """

    def __init__(
        self,
        stored: StoredObject,
        reader: StorageReader,
        limits: Limits,
        make: MakeRows,
        after: Handover | None = None,
    ) -> None:
        self._stored = stored
        self._start = self._read = after.midst.byte if after else 0
        self._slices = _slices(stored, reader, self._start)
        self._inflation = Inflation(limits, midst=after.midst if after else None, tracks=True)
        self._track = Track(after.row_at if after else 0, make, stored.key, limits)
        self._skip = self._track.start - self._inflation.produced
        """Content of a row that the leg before has read to its end."""
        self._tail = after.midst.window if after else b""
        """The last content, as far as a block may refer back to it."""
        self._hash = hashlib.sha256()

    def run(self, is_over: Callable[[int], bool]) -> tuple[PartCheck, Handover | None]:
        """Read on until time is over.

        Args:
            is_over: Whether it is, after so many bytes.

        Returns:
            What was found, and where to go on: None where the file has been read to its end, or cannot be read on.

        Raises:
            CannotBeLeftError: Time is over, and there is no place to go on from.
            ObjectChangedError: The object was rewritten while it was read.
            UserError: The storage denies access.
            TransientError: The storage asks to come back.
        """
        try:
            handover = self._read_on(is_over)
        except Damage as damage:
            return self._answer(self._read, damage), None
        return self._answer(handover.midst.byte if handover else self._read), handover

    def _read_on(self, is_over: Callable[[int], bool]) -> Handover | None:
        for piece in self._slices:
            self._hash.update(piece)
            for content in self._inflate(piece):
                self._give(content)
            if self._track.has_ended:
                return None
            if is_over(self._read - self._start) and (handover := self._leave()):
                return handover
        self._inflation.finish()
        self._track.finish(None)
        return None

    def _leave(self) -> Handover | None:
        """Find a place to go on from, and read the row to its end that is open there. None at the end of the file."""
        for _ in range(_TRIES):
            held = _Held(self._inflation, self._tail)
            try:
                self._hold(held)
            except Damage:
                self._give(held.take(len(held.content)))
                raise
            midst = held.place() if held.is_full else None
            if midst:
                return self._end_at(midst, held)
            self._hash.update(held.region)
            self._give(held.take(len(held.content)))
            if not held.is_full:
                return None
        raise CannotBeLeftError

    def _hold(self, held: _Held) -> None:
        """Read as much as a place is looked for in, or to the end of the file."""
        for piece in self._slices:
            held.region += piece
            for content in self._inflate(piece):
                held.content += content
                if len(held.content) > _MOST_CONTENT:
                    held.is_lost = True
                    self._give(held.take(len(held.content)))
            if held.is_full:
                return

    def _end_at(self, midst: Midst, held: _Held) -> Handover:
        """Read the row to its end that is open at a place."""
        self._hash.update(held.region[: midst.byte - held.byte])
        self._give(held.take(midst.produced - held.produced))
        following = chain([bytes(held.content)], chain.from_iterable(map(self._inflate, self._slices)))
        if not self._skip:
            # Damage behind the place is the next leg's to tell of: it comes to it, too.
            with suppress(Damage):
                self._track.finish(following)
        return Handover(midst=midst, row_at=self._track.fed)

    def _inflate(self, piece: bytes) -> Iterator[bytes]:
        self._read += len(piece)
        yield from self._inflation.feed(piece, self._read)

    def _give(self, content: bytes) -> None:
        self._tail = (self._tail + content)[-WINDOW:] if len(content) < WINDOW else content[-WINDOW:]
        skipped = min(self._skip, len(content))
        self._skip -= skipped
        if skipped < len(content):
            self._track.feed(content[skipped:])

    def _answer(self, end: int, damage: Damage | None = None) -> PartCheck:
        run = self._track.run().model_copy(update={"checksummed": True})
        if damage:
            run = run.model_copy(update={"rows": None, "damage": damage.finding(self._stored.key)})
        return PartCheck(
            key=self._stored.key,
            part=Part(start=self._start, end=end),
            runs=(run,),
            digest=FilePart(start=self._start, end=end, sha256=self._hash.hexdigest()),
            bytes_read=self._read - self._start,
        )


class _Held:
    """Bytes and their content, held until it is known up to where they are this leg's."""

    def __init__(self, inflation: Inflation, tail: bytes) -> None:
        self.byte, self.produced = inflation.position, inflation.produced
        self._size, self._crc, self._tail = inflation.size, inflation.crc, tail
        self._is_inside = inflation.is_inside and len(tail) == WINDOW
        self._inflation = inflation
        self.region = bytearray()
        self.content = bytearray()
        self.is_lost = False
        """True where there was so much content that it is not held."""

    @property
    def is_full(self) -> bool:
        return len(self.region) >= _REGION or self.is_lost

    def take(self, size: int) -> bytes:
        """The first bytes of the content, which are then held no more."""
        content = bytes(self.content[:size])
        del self.content[:size]
        return content

    def place(self) -> Midst | None:
        """Somewhere to go on: where a member begins, or else a block."""
        if self.is_lost:
            return None
        member = self._inflation.member_at
        if member and member[0] > self.byte:
            return Midst(byte=member[0], produced=member[1])
        known = self._tail + self.content
        block = find_block(bytes(self.region), known) if self._is_inside else None
        if block is None:
            return None
        length = block.content - WINDOW
        return Midst(
            byte=self.byte + block.bit // 8,
            bit=block.bit % 8,
            produced=self.produced + length,
            size=self._size + length,
            crc=isal_zlib.crc32(known[WINDOW : block.content], self._crc),
            window=bytes(known[length : block.content]),
        )


def _slices(stored: StoredObject, reader: StorageReader, start: int) -> Iterator[bytes]:
    """The file from a byte on, cut where it is cut from its first byte on."""
    aligned = min(-(-start // _SLICE) * _SLICE, stored.size)
    yield from pieces(stored, reader, start, aligned, chunk=_SLICE)
    yield from pieces(stored, reader, aligned, stored.size, chunk=_SLICE)
