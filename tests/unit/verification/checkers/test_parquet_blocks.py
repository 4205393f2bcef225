from __future__ import annotations

import contextlib

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.checkers.parquet_blocks import lz4_size, snappy_size
from aep_delivery.verification.checkers.parquet_codecs import LZ4_RAW, SNAPPY, ZSTD, inflated_size
from aep_delivery.verification.limits import Limits

contents = st.lists(st.sampled_from([b"a", b"some content ", bytes(300), bytes(range(256))]) | st.binary(), max_size=9)


def walked(codec: int, body: bytes, claimed: int) -> int | None:
    size = {SNAPPY: snappy_size, LZ4_RAW: lz4_size}[codec]
    with contextlib.suppress(Damage):
        return size(iter([body[:3], body[3:]]), claimed)
    return None


def inflated(codec: int, body: bytes, claimed: int) -> int | None:
    target = bytearray(claimed)
    with contextlib.suppress(cramjam.DecompressionError):
        if codec == SNAPPY:
            return int(cramjam.snappy.decompress_raw_into(body, target))
        return int(cramjam.lz4.decompress_block_into(body, target, output_len=claimed))
    return None


def packed(codec: int, content: bytes) -> bytes:
    if codec == SNAPPY:
        return bytes(cramjam.snappy.compress_raw(content))
    return bytes(cramjam.lz4.compress_block(content, store_size=False))


@pytest.mark.parametrize("codec", [SNAPPY, LZ4_RAW])
@given(content=contents.map(b"".join))
def test_walking_gives_the_length_that_inflating_gives(codec: int, content: bytes) -> None:
    assert walked(codec, packed(codec, content), len(content)) == len(content)


@pytest.mark.parametrize("codec", [SNAPPY, LZ4_RAW])
@given(content=contents.map(b"".join), place=st.floats(0, 0.999), change=st.integers(1, 255))
def test_walking_accepts_no_changed_block_that_inflating_refuses(
    codec: int, content: bytes, place: float, change: int
) -> None:
    body = bytearray(packed(codec, content))
    body[int(place * len(body))] ^= change
    if inflated(codec, bytes(body), len(content)) != len(content):
        assert walked(codec, bytes(body), len(content)) != len(content)


@pytest.mark.parametrize("codec", [SNAPPY, LZ4_RAW])
def test_a_cut_block_is_damaged_or_short(codec: int) -> None:
    content = bytes(range(256)) * 3
    body = packed(codec, content)
    assert all(walked(codec, body[:end], len(content)) != len(content) for end in range(len(body)))


@pytest.mark.parametrize("codec", [SNAPPY, LZ4_RAW])
def test_a_bomb_is_walked_no_further_than_it_claims(codec: int) -> None:
    body = packed(codec, bytes(10_000_000))
    assert walked(codec, body, 1000) != 1000


def test_pages_that_are_not_held_are_walked_or_end_in_a_finding() -> None:
    content = b"some page content " * 500
    limits = Limits(max_inflated_page_bytes=100, max_held_page_bytes=100)
    for codec in (SNAPPY, LZ4_RAW):
        assert inflated_size(codec, iter([packed(codec, content)]), len(content), limits) == len(content)
    with pytest.raises(Damage) as caught:
        inflated_size(ZSTD, iter([bytes(cramjam.zstd.compress(content))]), len(content), limits)
    assert caught.value.code == "parquet.page-too-large"
