"""The deduplication keys of Parquet files: the values of a few columns, page by page. They stay in this process.

Read is what Spark and its like write for a key: texts and integers that are not repeated, plain or by a dictionary, in
pages of either version. Apache Parquet: ``Encodings.md``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import islice, repeat

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.checkers.byte_cursor import ByteCursor
from aep_delivery.verification.checkers.gzip_stream import inflate
from aep_delivery.verification.checkers.parquet import footer_of
from aep_delivery.verification.checkers.parquet_codecs import GZIP, NONE, SNAPPY, ZSTD
from aep_delivery.verification.checkers.parquet_footer import ColumnChunk, Footer, Leaf
from aep_delivery.verification.checkers.parquet_pages import DATA, DATA_V2, DICTIONARY, PageHeader, read_page_header
from aep_delivery.verification.checkers.thrift import ThriftError
from aep_delivery.verification.column_names import same_name
from aep_delivery.verification.keys import Key, KeysUnreadableError
from aep_delivery.verification.limits import MIB, Limits

_PLAIN = 0
_BY_DICTIONARY = (2, 8)
_MAX_PAGE = 8 * MIB
"""Of the pages of all key columns one is held at a time."""
_MAX_ROWS = 50_000_000
"""Ten times as many as Adobe writes into a file: a run of nulls costs a liar nothing."""
_INTEGERS = {"INT32": "i", "INT64": "q"}


def keys_of_parquet(
    stored: StoredObject, columns: Sequence[str], reader: StorageReader, limits: Limits
) -> Iterator[Key]:
    """The values of the key columns of each row; a null is an empty text. The file must have been found whole.

    Raises:
        KeysUnreadableError: There are no such columns, or they are written in a way that is not read here.
        Damage: The file is not whole after all.
        ObjectChangedError: The object was rewritten.
        UserError: The storage denies access.
        TransientError: The storage asks to come back.
    """
    footer = footer_of(stored, reader, limits)
    if footer.rows > _MAX_ROWS:
        raise KeysUnreadableError
    leaves = [_leaf(footer, column) for column in columns]
    chunks = {(chunk.row_group, chunk.leaf.path): chunk for chunk in footer.chunks}
    try:
        for group in sorted({chunk.row_group for chunk in footer.chunks}):
            of_group = [chunks[group, leaf.path] for leaf in leaves]
            yield from zip(*(_values(chunk, stored, reader, limits) for chunk in of_group), strict=True)
    except (KeyError, ValueError, IndexError, struct.error, ThriftError):
        # ValueError is that of UTF-8 and of columns of different lengths, too.
        raise KeysUnreadableError from None


def _leaf(footer: Footer, column: str) -> Leaf:
    found = [leaf for leaf in footer.leaves if same_name(leaf.path, column)]
    if len(found) != 1 or found[0].repeated or found[0].type.split(" ")[0] not in ("BYTE_ARRAY", *_INTEGERS):
        raise KeysUnreadableError
    return found[0]


def _values(chunk: ColumnChunk, stored: StoredObject, reader: StorageReader, limits: Limits) -> Iterator[str]:
    cursor = ByteCursor(_ranges(chunk, stored, reader, limits))
    dictionary: list[str] = []
    while cursor.position < chunk.length:
        header = read_page_header(cursor, chunk.length, limits)
        if max(header.inflated, header.stored) > _MAX_PAGE:
            raise KeysUnreadableError
        body = b"".join(cursor.pieces(header.stored))
        if header.kind == DICTIONARY:
            plain = _inflated(body, chunk.codec, header.inflated, limits)
            dictionary = list(islice(_plain(plain, chunk.leaf), header.values))
        elif header.kind in (DATA, DATA_V2):
            yield from _of_page(header, body, chunk, dictionary, limits)


def _ranges(chunk: ColumnChunk, stored: StoredObject, reader: StorageReader, limits: Limits) -> Iterator[bytes]:
    end = chunk.start + chunk.length
    for start in range(chunk.start, end, limits.chunk_bytes):
        yield reader.read_range(stored.key, start, min(limits.chunk_bytes, end - start), etag=stored.etag)


def _of_page(
    header: PageHeader, body: bytes, chunk: ColumnChunk, dictionary: Sequence[str], limits: Limits
) -> Iterator[str]:
    depth = chunk.leaf.depth
    codec = chunk.codec if header.compressed else NONE
    levels, data = body[: header.levels], body[header.levels :]
    if data or header.inflated > header.levels:
        data = _inflated(data, codec, header.inflated - header.levels, limits)
    if header.kind == DATA and depth:
        length = int.from_bytes(data[:4], "little")
        levels, data = data[4 : 4 + length], data[4 + length :]
    if header.encoding in _BY_DICTIONARY:
        # A page of nulls only may have no indexes at all.
        indexes = _hybrid(data[1:], data[0]) if data else iter(())
        values: Iterator[str] = (dictionary[index] for index in indexes)
    elif header.encoding == _PLAIN:
        values = _plain(data, chunk.leaf)
    else:
        raise KeysUnreadableError
    here: Iterator[int] = _hybrid(levels, depth.bit_length()) if depth else repeat(0)
    for level in islice(here, header.values):
        value = next(values, None) if level == depth else ""
        if value is None:
            raise KeysUnreadableError
        yield value


def _inflated(data: bytes, codec: int, size: int, limits: Limits) -> bytes:
    if codec == NONE:
        return data
    if codec == GZIP:
        return b"".join(inflate([data], limits))
    import cramjam  # noqa: PLC0415 - 10 MB that gzip pages never need

    target = bytearray(size)
    try:
        if codec == SNAPPY:
            cramjam.snappy.decompress_raw_into(data, target)
        elif codec == ZSTD:
            cramjam.zstd.decompress_into(data, target)
        else:
            raise KeysUnreadableError
    except cramjam.DecompressionError:
        raise Damage("parquet.page-damaged", "A page cannot be inflated.") from None
    return bytes(target)


def _plain(data: bytes, leaf: Leaf) -> Iterator[str]:
    """Values one after the other: integers of fixed length, texts behind their length."""
    if letter := _INTEGERS.get(leaf.type.split(" ")[0]):
        yield from (str(number) for (number,) in struct.iter_unpack(f"<{letter}", data))
        return
    position = 0
    while position < len(data):
        start = position + 4
        position = start + int.from_bytes(data[position:start], "little")
        if position > len(data):
            raise KeysUnreadableError
        yield data[start:position].decode()


def _hybrid(data: bytes, width: int) -> Iterator[int]:
    """Runs of one number, and numbers of `width` bits packed together in eights."""
    position, size = 0, (width + 7) // 8
    while position < len(data):
        head = shift = 0
        while True:
            byte = data[position]
            position += 1
            head |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        if not head & 1:
            yield from repeat(int.from_bytes(data[position : position + size], "little"), head >> 1)
            position += size
            continue
        mask = (1 << width) - 1
        for _ in range(head >> 1):
            packed = int.from_bytes(data[position : position + width], "little")
            yield from ((packed >> (number * width)) & mask for number in range(8))
            position += width
