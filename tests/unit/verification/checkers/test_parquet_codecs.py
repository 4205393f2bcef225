from __future__ import annotations

import contextlib
import gzip

import cramjam
import pytest

from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.checkers.parquet_codecs import (
    BROTLI,
    GZIP,
    LZ4_HADOOP,
    LZ4_RAW,
    NONE,
    SNAPPY,
    ZSTD,
    inflated_size,
)
from aep_delivery.verification.limits import Limits

CONTENT = b"some page content " * 50


def lz4(data: bytes) -> bytes:
    return bytes(cramjam.lz4.compress_block(data, store_size=False))


def hadoop(*blocks: bytes) -> bytes:
    framed = b""
    for block in blocks:
        stored = lz4(block)
        framed += len(block).to_bytes(4, "big") + len(stored).to_bytes(4, "big") + stored
    return framed


PAGES = [
    (NONE, CONTENT),
    (SNAPPY, bytes(cramjam.snappy.compress_raw(CONTENT))),
    (GZIP, gzip.compress(CONTENT)),
    (GZIP, gzip.compress(CONTENT[:9]) + gzip.compress(CONTENT[9:])),
    (BROTLI, bytes(cramjam.brotli.compress(CONTENT))),
    (ZSTD, bytes(cramjam.zstd.compress(CONTENT))),
    (LZ4_RAW, lz4(CONTENT)),
    (LZ4_HADOOP, hadoop(CONTENT)),
    (LZ4_HADOOP, hadoop(CONTENT[:100], CONTENT[100:])),
    (LZ4_HADOOP, lz4(CONTENT)),
]


def size(codec: int, body: bytes, claimed: int = len(CONTENT), limits: Limits | None = None) -> int:
    return inflated_size(codec, iter([body[:7], body[7:]]), claimed, limits or Limits())


@pytest.mark.parametrize(("codec", "body"), PAGES)
def test_a_page_is_as_long_as_it_says(codec: int, body: bytes) -> None:
    assert size(codec, body) == len(CONTENT)


@pytest.mark.parametrize(("codec", "body"), PAGES[1:])
@pytest.mark.parametrize("claimed", [0, 1, len(CONTENT) - 1, len(CONTENT) + 1])
def test_a_page_that_lies_about_its_length_is_not_believed(codec: int, body: bytes, claimed: int) -> None:
    found = None
    with contextlib.suppress(Damage):
        found = size(codec, body, claimed)
    assert found != claimed


@pytest.mark.parametrize(("codec", "body"), PAGES[1:])
def test_a_cut_page_is_damaged(codec: int, body: bytes) -> None:
    with pytest.raises(Damage, match="inflated"):
        size(codec, body[: len(body) // 2])


@pytest.mark.parametrize("codec", [3, 8, -1, 99])
def test_a_codec_nobody_reads(codec: int) -> None:
    with pytest.raises(Damage) as caught:
        size(codec, b"x")
    assert caught.value.code == "parquet.codec"


def test_the_cap_is_judged_before_memory_is_taken() -> None:
    with pytest.raises(Damage) as caught:
        size(ZSTD, b"x", 2**31 - 1)
    assert caught.value.code == "parquet.page-too-large"
