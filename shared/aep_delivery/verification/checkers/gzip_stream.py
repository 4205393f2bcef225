"""Inflating gzip with every proof the format offers.

``zlib`` and most readers stop at the first member, or do not compare the trailer. Here every member's CRC-32 and length
are compared (by isal), every further member is read (RFC 1952, 2.2: a file is a series of members), and whatever
follows the last one is damage, zeros included. What the format itself does not protect stays unseen and harmless:
the time, the system and the name in a member's header.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from isal import isal_zlib

from aep_delivery.verification.checkers.base import Damage
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
    member = None
    data = b""
    fed = position = produced = 0
    for fed, piece in _slices(chunks):
        position += len(piece)
        data = data + piece if data else piece
        while data:
            if member is None:
                if len(data) < _HEAD:
                    break
                _judge_head(data, position - len(data))
                member = isal_zlib.decompressobj(31)
            try:
                content = member.decompress(data, limits.chunk_bytes)
            except isal_zlib.error as error:  # type: ignore[misc]  # the stub declares the class as an instance
                raise _damage(str(error), position - len(data)) from error
            produced += len(content)
            _judge_ratio(produced, fed, limits)
            if content:
                yield content
            if member.eof:
                data, member = member.unused_data, None
            else:
                data = member.unconsumed_tail
    if data and member is None:
        _judge_head(data, fed - len(data))
    if member is not None or data or not fed:
        raise Damage("file.truncated", "The file ends inside a gzip member.", f"byte {fed}")


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
