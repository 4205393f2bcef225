"""Finding where a DEFLATE block begins in data that was just inflated, and inflating from there (RFC 1951).

Blocks begin at any bit, and no inflater of Python tells where. But whoever has inflated some data knows what each true
beginning must give: so every bit that may begin a block is tried, and the one is taken from which exactly the known
content comes. To go on there later takes the 32 KiB of content in front of it, and no byte of the file before.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from isal import isal_zlib

WINDOW = 32 * 1024
"""Bytes of content that a block may refer back to."""
_SURE = 4096
"""Bytes of content that must be the same for a beginning to be the true one."""
_HEAD = 16
"""Bytes that hold the lengths a block's codes begin with."""
_COMPLETE = 1 << 7
"""The sum of a complete code whose longest word has seven bits."""
_EMPTY_FIXED = "0100000000"
"""A block with nothing in it, of ten bits."""
_LENGTHS = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1)
"""The order in which the lengths of codes have their own."""
_EMPTY_DYNAMIC = "".join(
    [
        # Not the last block, of its own codes: for 257 literals and 1 distance, in 18 lengths.
        *("0", "01", "00000", "00000", "0111"),
        # One bit for "length 1", and one for "no length, so many times".
        *("100" if length in (1, 18) else "000" for length in _LENGTHS),
        # The first literal, 138 and 117 without a code, the end, the distance; then the end itself.
        *("0", "11111111", "10101011", "0", "0", "1"),
    ]
)
"""The same in 91 bits: with it every number of bits can be reached."""


@dataclass(frozen=True, slots=True)
class Block:
    """Where a block begins."""

    bit: int
    """In the data, from its first bit."""
    content: int
    """How much of the content is before it, in bytes."""


def find_block(data: bytes, content: bytes) -> Block | None:
    """The first block that begins in some data; None where none does, or none of its own codes.

    Args:
        data: A part of the compressed data, from anywhere.
        content: What was inflated up to the end of `data`, from at least 32 KiB before its beginning.
    """
    for bit in _candidates(data):
        found = _inflated(data, bit, bytes(WINDOW))
        if found is None or not _SURE <= len(found) <= len(content) - WINDOW:
            continue
        at = len(content) - len(found)
        if _inflated(data, bit, content[at - WINDOW : at]) == content[at:]:
            return Block(bit=bit, content=at)
    return None


def primed(data: bytes, bit: int) -> bytes:
    """The data from a bit on as data from a byte on: behind blocks without content, of as many bits as are missing.

    Args:
        data: Compressed data.
        bit: Where a block begins in its first byte, from 0 to 7.
    """
    lead = _EMPTY_DYNAMIC if bit % 2 else ""
    while len(lead) % 8 != bit:
        lead += _EMPTY_FIXED
    if not bit:
        return data
    first = int(lead[::-1], 2) | data[0] >> bit << len(lead)
    return first.to_bytes((len(lead) + 8 - bit) // 8, "little") + data[1:]


def _candidates(data: bytes) -> Iterator[int]:
    """Every bit where a block of its own codes may begin that is not the last one."""
    for byte in range(len(data) - _HEAD):
        word = int.from_bytes(data[byte : byte + _HEAD], "little")
        for bit in range(8):
            head = word >> bit
            if head & 7 != 0b100 or head >> 3 & 31 > 29 or head >> 8 & 31 > 29:
                continue
            lengths, total = head >> 17, 0
            for _ in range((head >> 13 & 15) + 4):
                if lengths & 7:
                    total += _COMPLETE >> (lengths & 7)
                lengths >>= 3
            if total == _COMPLETE:
                yield byte * 8 + bit


def _inflated(data: bytes, bit: int, window: bytes) -> bytes | None:
    """What comes out from a bit on; None where nothing can."""
    raw = primed(data[bit // 8 :], bit % 8)
    try:
        # zlib sees sooner that there is no block; how far content comes is the same with the same library only.
        zlib.decompressobj(-zlib.MAX_WBITS, zdict=window).decompress(raw, _SURE)
        return isal_zlib.decompressobj(-zlib.MAX_WBITS, zdict=window).decompress(raw)
    except (zlib.error, isal_zlib.error):  # type: ignore[misc]  # the stub declares the class as an instance
        return None
