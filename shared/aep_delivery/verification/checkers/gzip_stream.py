"""Inflating gzip with every proof the format offers.

``zlib`` and most readers stop at the first member, or do not compare the trailer. Here every member's CRC-32 and length
are compared (by isal), every further member is read (RFC 1952, 2.2: a file is a series of members), and whatever
follows the last one is damage, zeros included. What the format itself does not protect stays unseen and harmless:
the time, the system and the name in a member's header.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from isal import isal_zlib

from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.checkers.deflate_blocks import primed
from aep_delivery.verification.limits import Limits

_MAGIC = b"\x1f\x8b\x08"
_HEAD = 4
"""Magic, method and flags: what is judged here before isal reads the member."""
_RESERVED_FLAGS = 0xE0
_TRAILER = 8
"""Checksum and length behind each member."""
_EMPTY_ENDS = (b"\x03\x00", b"\x01\x00\x00\xff\xff")
"""How a member without content ends: an empty block, coded or stored."""
_MAX_DEFLATE_RATIO = 1032
"""No more content fits into a byte (zlib: technical details)."""
_SLICE = 64 * 1024
"""Bytes inflated at once: what a call leaves over is copied for the next one."""


def inflate(chunks: Iterable[bytes], limits: Limits) -> Iterator[bytes]:
    """The content of a gzip file, in pieces of at most ``limits.chunk_bytes``.

    Raises:
        Damage: ``file.not-gzip``, ``file.truncated``, ``file.ratio-exceeded``, ``gzip.checksum``, ``gzip.invalid``
            or ``gzip.trailing-garbage``; ``where`` is the byte of the stored file.
    """
    inflation = Inflation(limits)
    for fed, piece in _slices(chunks):
        yield from inflation.feed(piece, fed)
    inflation.finish()


@dataclass(frozen=True, slots=True)
class Midst:
    """A place inside of a gzip file from which inflating can go on."""

    byte: int
    """Of the stored file."""
    bit: int = 0
    """Of that byte, where the next block begins."""
    produced: int = 0
    """Bytes of content before it, of all members."""
    size: int = 0
    """Those of the member it is in."""
    crc: int = 0
    """Their CRC-32."""
    window: bytes = b""
    """The last of them; none at the beginning of a member."""


class Inflation:
    """The inflating of a gzip file, piece by piece.

    Args:
        limits: Bounds of the content.
        midst: Where to go on; None for the beginning.
        tracks: True where :attr:`size` and :attr:`crc` are to be known at any time.
    """

    def __init__(self, limits: Limits, *, midst: Midst | None = None, tracks: bool = False) -> None:
        midst = midst or Midst(0)
        self.position = self._fed = midst.byte
        """Bytes of the file taken so far."""
        self.produced = midst.produced
        """Bytes of content so far, of all members."""
        self.size, self.crc = midst.size, midst.crc
        """Of the content of the member so far."""
        self.member_at: tuple[int, int] | None = None if midst.window else (midst.byte, midst.produced)
        """Where the last member begins that begins here, in the file and in the content."""
        self._limits = limits
        self._tracks = tracks
        self._data = b""
        self._ended_at = 0
        """Where the bytes began that were inflated last, when a member ended."""
        self._bit = midst.bit
        self._raw = bool(midst.window)
        """In a member whose beginning was not seen: then its trailer is judged here."""
        self._member = isal_zlib.decompressobj(-15, zdict=midst.window) if midst.window else None

    @property
    def is_inside(self) -> bool:
        """True where all that was taken belongs to a member that goes on."""
        return self._member is not None and not self._data

    def feed(self, piece: bytes, fed: int) -> Iterator[bytes]:
        """Inflate the next bytes.

        Args:
            piece: Which.
            fed: How many bytes of the file have been read so far.

        Raises:
            Damage: As :func:`inflate`.
        """
        self.position += len(piece)
        self._fed = fed
        if self._bit:
            piece, self._bit = primed(piece, self._bit), 0
        data = self._data + piece if self._data else piece
        while data:
            if self._member is None:
                rest = self._between_members(data)
                if rest is None:
                    break
                data = rest
                continue
            begin = self.position - len(data)
            try:
                content = self._member.decompress(data, self._limits.chunk_bytes)
            except isal_zlib.error as error:  # type: ignore[misc]  # the stub declares the class as an instance
                raise _damage(str(error), begin) from error
            self.produced += len(content)
            if self._tracks or self._raw:
                self.size += len(content)
                self.crc = isal_zlib.crc32(content, self.crc)
            _judge_ratio(self.produced, fed, self._limits)
            # As isal does, the trailer is judged before the content is given that came last.
            data = self._end_member(begin) if self._member.eof else self._member.unconsumed_tail
            if content:
                yield content
        self._data = data

    def finish(self) -> None:
        """Judge the end of the file. Raises ``Damage`` as :func:`inflate` does."""
        if self._data and self._member is None and not self._raw:
            _judge_head(self._data, self._fed - len(self._data))
        if self._member is not None or self._data or self._raw or not self._fed:
            raise Damage("file.truncated", "The file ends inside a gzip member.", f"byte {self._fed}")

    def _end_member(self, begin: int) -> bytes:
        """What stands behind the member that has just ended."""
        data: bytes = self._member.unused_data if self._member else b""
        self._member = None
        self._ended_at = begin
        if not self._raw:
            self.member_at = (self.position - len(data), self.produced)
        elif len(data) >= _TRAILER:
            return self._between_members(data) or b""
        return data

    def _between_members(self, data: bytes) -> bytes | None:
        """Judge what stands between the content of two members, and say what is left; None where more must come."""
        if self._raw:
            if len(data) < _TRAILER:
                self._ended_at = self.position
                return None
            self._judge_trailer(data[:_TRAILER])
            self._raw = False
            self.member_at = (self.position - len(data) + _TRAILER, self.produced)
            return data[_TRAILER:]
        if len(data) < _HEAD:
            return None
        _judge_head(data, self.position - len(data))
        self._member = isal_zlib.decompressobj(31)
        self.size = self.crc = 0
        return data

    def _judge_trailer(self, trailer: bytes) -> None:
        crc, size = struct.unpack("<2L", trailer)
        if crc != self.crc or size != self.size & 0xFFFFFFFF:
            raise _damage("checksum", self._ended_at)


def _slices(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Small parts of chunks, and how many bytes came with all chunks so far."""
    fed = 0
    for chunk in chunks:
        fed += len(chunk)
        for start in range(0, len(chunk), _SLICE):
            yield fed, chunk[start : start + _SLICE]


def judge_trailer(tail: bytes, size: int) -> None:
    """Judge the last bytes of a gzip file by themselves, as far as that goes.

    Args:
        tail: The last bytes, at least 16.
        size: Bytes of the whole file.

    Raises:
        Damage: ``file.truncated`` or ``gzip.checksum``: the file cannot end so.
    """
    if not any(tail[-_TRAILER:]) and not tail[:-_TRAILER].endswith(_EMPTY_ENDS):
        raise Damage("file.truncated", "The file ends in zeros where its last checksum should be.", f"byte {size}")
    if int.from_bytes(tail[-4:], "little") > size * _MAX_DEFLATE_RATIO:
        raise Damage("gzip.checksum", "The last member claims more content than it can have.", f"byte {size - 4}")


def _judge_ratio(produced: int, fed: int, limits: Limits) -> None:
    if produced > limits.ratio_floor_bytes and produced > fed * limits.max_ratio:
        raise Damage(
            "file.ratio-exceeded",
            f"The content is more than {limits.max_ratio} times the file's size: this is no export.",
            f"byte {fed}",
        )


def _judge_head(data: bytes, position: int) -> None:
    """Judge as much of a member's head as there is."""
    if not _MAGIC.startswith(data[:3]):
        if position == 0:
            raise Damage("file.not-gzip", "The file is not gzip.", "byte 0")
        raise Damage("gzip.trailing-garbage", "Bytes that are no gzip member follow the last one.", f"byte {position}")
    if len(data) >= _HEAD and data[3] & _RESERVED_FLAGS:
        raise Damage("gzip.invalid", "A gzip header has reserved flags set.", f"byte {position + 3}")


def _damage(error: str, position: int) -> Damage:
    if "checksum" in error:
        return Damage(
            "gzip.checksum",
            "The content is not what its gzip checksum or length says.",
            f"in the member that ends after byte {position}",
        )
    return Damage("gzip.invalid", "The compressed data cannot be inflated.", f"after byte {position}")
