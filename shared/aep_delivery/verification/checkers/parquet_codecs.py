"""Inflating the pages of Parquet files, to prove that they can be and how long they get.

Apache Parquet: ``Compression.md``. cramjam is imported with the first page that needs it.
"""

from __future__ import annotations

from collections.abc import Iterable

from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.checkers.gzip_stream import inflate
from aep_delivery.verification.checkers.parquet_blocks import damaged, lz4_size, snappy_size
from aep_delivery.verification.limits import Limits

NONE, SNAPPY, GZIP, _LZO, BROTLI, LZ4_HADOOP, ZSTD, LZ4_RAW = range(8)

_HADOOP_HEAD = 8
_BLOCKS = {SNAPPY, BROTLI, LZ4_HADOOP, ZSTD, LZ4_RAW}
_WALKED = {SNAPPY: snappy_size, LZ4_RAW: lz4_size}


def inflated_size(codec: int, pieces: Iterable[bytes], claimed: int, limits: Limits) -> int:
    """Bytes a page really has once inflated.

    Args:
        codec: ``CompressionCodec`` of the column chunk.
        pieces: The page's compressed bytes; those behind a fault stay unread.
        claimed: Bytes its header claims. Inflating stops behind that, so a lie costs no memory.
        limits: Bounds.

    Raises:
        Damage: ``parquet.page-damaged``, ``parquet.page-too-large`` or ``parquet.codec``.
    """
    if codec == GZIP:
        return _gzip_size(pieces, claimed, limits)
    if codec == NONE:
        return sum(map(len, pieces))
    if claimed > limits.max_page_bytes:
        raise _too_large(limits.max_page_bytes)
    if codec not in _BLOCKS:
        raise Damage("parquet.codec", "The pages are compressed in a way no reader is here for.")
    if codec in _WALKED and claimed > limits.max_inflated_page_bytes:
        return _WALKED[codec](iter(pieces), claimed)
    most = limits.max_held_page_bytes
    # Grown in place: a list of pieces and what they are joined to would be held at once.
    body = bytearray()
    for piece in pieces:
        body += piece
        if max(claimed, len(body)) > most:
            raise _too_large(most)
    return _block_size(codec, body, claimed)


def _too_large(most: int) -> Damage:
    return Damage("parquet.page-too-large", f"A page is larger than {most:,} bytes.")


def _gzip_size(pieces: Iterable[bytes], claimed: int, limits: Limits) -> int:
    size = 0
    try:
        for piece in inflate(pieces, limits):
            size += len(piece)
            if size > claimed:
                break
    except Damage as damage:
        raise damaged() from damage
    return size


def _block_size(codec: int, body: bytearray, claimed: int) -> int:
    import cramjam  # noqa: PLC0415 - 10 MB that gzip pages never need

    target = bytearray(claimed)
    try:
        if codec == SNAPPY:
            size = cramjam.snappy.decompress_raw_into(body, target)
        elif codec == ZSTD:
            size = cramjam.zstd.decompress_into(body, target)
        elif codec == BROTLI:
            size = cramjam.brotli.decompress_into(body, target)
        elif codec == LZ4_RAW:
            size = cramjam.lz4.decompress_block_into(body, target, output_len=claimed)
        else:
            size = _hadoop_lz4_size(body, claimed)
    except cramjam.DecompressionError as error:
        raise damaged() from error
    return int(size)


def _hadoop_lz4_size(body: bytearray, claimed: int) -> int:
    """Hadoop's own framing of LZ4 blocks: each behind its two lengths, big-endian. Some writers wrote bare blocks."""
    import cramjam  # noqa: PLC0415

    size = position = 0
    while position < len(body):
        inflated = int.from_bytes(body[position : position + 4], "big")
        stored = int.from_bytes(body[position + 4 : position + _HADOOP_HEAD], "big")
        position += _HADOOP_HEAD
        if position + stored > len(body) or size + inflated > claimed:
            return int(cramjam.lz4.decompress_block_into(body, bytearray(claimed), output_len=claimed))
        block = body[position : position + stored]
        size += int(cramjam.lz4.decompress_block_into(block, bytearray(inflated), output_len=inflated))
        position += stored
    return size
