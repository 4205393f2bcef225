"""Walking large snappy and LZ4 pages token by token, without the content.

A block is sound where each token is whole, each copy reaches back no further than there is content, and nothing is
left. That needs no memory, but a microsecond a token: pages of the usual size are inflated instead. Snappy: "format
description"; LZ4: "LZ4 block format".
"""

from __future__ import annotations

from collections.abc import Iterator

from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.checkers.byte_cursor import ByteCursor

_MIN_MATCH = 4


def snappy_size(pieces: Iterator[bytes], claimed: int) -> int:
    """Bytes of a snappy block once inflated.

    Raises:
        Damage: ``parquet.page-damaged``, also where there would be more than `claimed`.
    """
    cursor = _Tokens(pieces)
    promised = shift = 0
    while (byte := cursor.number(1)) >= 0x80:
        promised |= (byte & 0x7F) << shift
        shift += 7
        if shift > 28:
            raise damaged()
    promised |= byte << shift
    if promised > claimed:
        raise damaged()
    size = 0
    while (tag := cursor.token()) is not None:
        kind, rest = tag & 3, tag >> 2
        if kind == 0:
            length = rest + 1 if rest < 60 else cursor.number(rest - 59) + 1
            cursor.drop(length)
        else:
            length = (rest & 7) + 4 if kind == 1 else rest + 1
            offset = (rest >> 3 << 8 | cursor.number(1)) if kind == 1 else cursor.number(2 if kind == 2 else 4)
            _judge_offset(offset, size)
        size += length
        if size > promised:
            raise damaged()
    if size != promised:
        raise damaged()
    return size


def lz4_size(pieces: Iterator[bytes], claimed: int) -> int:
    """Bytes of an LZ4 block once inflated.

    Raises:
        Damage: ``parquet.page-damaged``, also where there would be more than `claimed`.
    """
    cursor = _Tokens(pieces)
    size = 0
    token = cursor.token()
    while True:
        if token is None:
            # The last sequence is one of literals.
            raise damaged()
        literals = cursor.extended(token >> 4, claimed)
        size += literals
        if size > claimed:
            raise damaged()
        cursor.drop(literals)
        low = cursor.token()
        if low is None:
            if token & 15:
                raise damaged()
            return size
        _judge_offset(low | cursor.number(1) << 8, size)
        size += cursor.extended(token & 15, claimed) + _MIN_MATCH
        token = cursor.token()


def damaged() -> Damage:
    return Damage("parquet.page-damaged", "A page cannot be inflated.")


def _judge_offset(offset: int, size: int) -> None:
    if not 0 < offset <= size:
        raise damaged()


class _Tokens:
    """The bytes of a block, of which none may be missing."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._cursor = ByteCursor(pieces)

    def token(self) -> int | None:
        """The next byte; None at the end."""
        byte = self._cursor.peek(1)
        if not byte:
            return None
        self._cursor.skip(1)
        return byte[0]

    def number(self, size: int) -> int:
        """The next `size` bytes, little-endian."""
        data = self._cursor.peek(size)
        if len(data) < size:
            raise damaged()
        self._cursor.skip(size)
        return int.from_bytes(data, "little")

    def extended(self, length: int, most: int) -> int:
        """A length that goes on in the next bytes where it is 15; no longer than just above `most`."""
        if length == 15:
            while length <= most:
                more = self.number(1)
                length += more
                if more != 255:
                    break
        return length

    def drop(self, size: int) -> None:
        try:
            self._cursor.skip(size)
        except Damage as damage:
            raise damaged() from damage
