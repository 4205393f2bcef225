from __future__ import annotations

import random
import zlib

import pytest
from isal import isal_zlib

from aep_delivery.verification.checkers.deflate_blocks import WINDOW, find_block, primed

RANDOM = random.Random(7)  # noqa: S311 - test data
CONTENT = b"".join(b'{"id":%d,"v":"%x"}\n' % (n, RANDOM.getrandbits(64)) for n in range(30_000))


def raw(level: int) -> bytes:
    return zlib.compress(CONTENT, level, wbits=-15)


@pytest.mark.parametrize("bit", range(8))
@pytest.mark.parametrize("library", [zlib, isal_zlib])
def test_blocks_without_content_move_data_to_any_bit(bit: int, library: object) -> None:
    data = raw(6)
    moved = (int.from_bytes(data, "little") << bit).to_bytes(len(data) + 1, "little")
    inflater = library.decompressobj(-15, zdict=bytes(WINDOW))  # type: ignore[attr-defined]
    assert inflater.decompress(primed(moved, bit)) == CONTENT
    assert inflater.eof


@pytest.mark.parametrize("level", [1, 6, 9])
@pytest.mark.parametrize("start", [50_001, 123_456, 200_000])
def test_inflating_goes_on_from_the_block_that_is_found(level: int, start: int) -> None:
    data = raw(level)
    end = start + 256 * 1024
    known = isal_zlib.decompressobj(-15).decompress(data[:end])
    before = len(isal_zlib.decompressobj(-15).decompress(data[:start]))
    assert known == CONTENT[: len(known)]
    block = find_block(data[start:end], known[before - WINDOW :])
    assert block is not None
    at = before - WINDOW + block.content
    assert at >= before
    inflater = isal_zlib.decompressobj(-15, zdict=CONTENT[at - WINDOW : at])
    rest = primed(data[start + block.bit // 8 :], block.bit % 8)
    assert inflater.decompress(rest) == CONTENT[at:]
    assert inflater.eof


def test_what_is_not_compressed_has_no_block() -> None:
    noise = RANDOM.randbytes(64 * 1024)
    assert find_block(noise, CONTENT[: 128 * 1024]) is None


def test_another_content_has_no_block() -> None:
    data = raw(6)
    assert find_block(data[100_000:160_000], RANDOM.randbytes(1 << 20)) is None
