"""Walking the pages of a column chunk without decoding its values.

Proven are: the headers follow each other without a gap, the checksums hold where there are any, every page inflates to
the length it claims, and values and rows add up to the footer's. Apache Parquet: ``parquet.thrift``, PageHeader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from isal import isal_zlib

from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.checkers.byte_cursor import ByteCursor
from aep_delivery.verification.checkers.parquet_codecs import GZIP, NONE, inflated_size
from aep_delivery.verification.checkers.parquet_footer import ColumnChunk
from aep_delivery.verification.checkers.thrift import (
    CompactReader,
    Struct,
    ThriftEndError,
    ThriftError,
    integer,
    optional_integer,
    struct_field,
)
from aep_delivery.verification.limits import Limits

DATA, _INDEX, DICTIONARY, DATA_V2 = range(4)
_DICTIONARY_ENCODINGS = (2, 8)
_FIRST_LOOK = 256
"""Bytes that hold nearly every page header."""
_MAX_HEADER_VALUES = 1000


@dataclass(frozen=True, slots=True)
class PageHeader:
    """What a page claims of itself. Sizes in bytes."""

    kind: int
    inflated: int
    stored: int
    crc: int | None
    values: int
    rows: int | None
    """Only pages of version 2 say it."""
    encoding: int
    levels: int
    """Bytes in front that are never compressed: the levels of a page of version 2."""
    compressed: bool


def walk_pages(chunk: ColumnChunk, cursor: ByteCursor, limits: Limits) -> bool:
    """Walk a column chunk; `cursor` stands at its first byte and ends behind its last.

    Returns:
        True where checksums cover the data of every page.

    Raises:
        Damage: ``parquet.page-header``, ``parquet.page-checksum``, ``parquet.page-damaged``, ``parquet.page-length``,
            ``parquet.page-too-large``, ``parquet.codec``, ``parquet.dictionary``, ``parquet.value-count``,
            ``parquet.row-count`` or ``file.truncated``.
    """
    end = chunk.start + chunk.length
    values = 0
    rows: int | None = 0
    number = 0
    covered = True
    dictionary = False
    while cursor.position < end:
        where = f"{chunk.where}, page {number}"
        try:
            header = read_page_header(cursor, end, limits)
            _prove_body(header, chunk.codec, cursor, limits)
        except ThriftError as error:
            raise Damage("parquet.page-header", f"A page header cannot be read: {error}.", where) from error
        except Damage as damage:
            raise Damage(damage.code, damage.message, damage.where or where) from damage
        covered = covered and _is_covered(header, chunk.codec)
        if header.kind == DICTIONARY:
            if number:
                raise Damage("parquet.dictionary", "A dictionary is not the first page of its column.", where)
            dictionary = True
        elif header.kind != _INDEX:
            if header.encoding in _DICTIONARY_ENCODINGS and not dictionary:
                raise Damage("parquet.dictionary", "A page refers to a dictionary that is not there.", where)
            values += header.values
            rows = None if rows is None or header.rows is None else rows + header.rows
        number += 1
    if values != chunk.values:
        raise Damage(
            "parquet.value-count",
            f"The pages hold {values:,} values, the footer claims {chunk.values:,}.",
            chunk.where,
        )
    if rows is not None and rows != chunk.rows:
        raise Damage(
            "parquet.row-count", f"The pages hold {rows:,} rows, the footer claims {chunk.rows:,}.", chunk.where
        )
    return covered


def read_page_header(cursor: ByteCursor, end: int, limits: Limits) -> PageHeader:
    """Read the header at the cursor and take its bytes. Raises ``ThriftError`` where it is none, or its page reaches
    behind `end`.
    """
    room = min(end - cursor.position, limits.max_page_header_bytes)
    look = _FIRST_LOOK
    while True:
        reader = CompactReader(cursor.peek(min(look, room)), max_values=_MAX_HEADER_VALUES)
        try:
            header = _parsed(reader.read_struct())
        except ThriftEndError:
            if look >= room:
                raise
            look *= 16
            continue
        cursor.skip(reader.position)
        if header.stored > end - cursor.position:
            raise ThriftError("the page reaches behind its column chunk")
        return header


def _parsed(fields: Struct) -> PageHeader:
    kind = integer(fields, 1)
    rows: int | None = None
    values = encoding = levels = 0
    compressed = True
    if kind == DATA:
        data = struct_field(fields, 5)
        values, encoding = integer(data, 1), integer(data, 2)
    elif kind == DATA_V2:
        data = struct_field(fields, 8)
        values, rows, encoding = integer(data, 1), integer(data, 3), integer(data, 4)
        definition, repetition = integer(data, 5), integer(data, 6)
        if min(definition, repetition) < 0:
            raise ThriftError("a length is negative")
        levels = definition + repetition
        compressed = data.get(7) is not False
        if integer(data, 2) > values:
            raise ThriftError("more nulls than values")
    elif kind == DICTIONARY:
        values = integer(struct_field(fields, 7), 1)
    elif kind != _INDEX:
        raise ThriftError("the page is of an unknown type")
    header = PageHeader(
        kind=kind,
        inflated=integer(fields, 2),
        stored=integer(fields, 3),
        crc=optional_integer(fields, 4),
        values=values,
        rows=rows,
        encoding=encoding,
        levels=levels,
        compressed=compressed,
    )
    if min(header.inflated, header.stored, header.values, rows or 0) < 0 or levels > min(
        header.inflated, header.stored
    ):
        raise ThriftError("a length is impossible")
    return header


def _prove_body(header: PageHeader, codec: int, cursor: ByteCursor, limits: Limits) -> None:
    """Take the page behind its header and prove its checksum and length. The checksum comes first: it says more."""
    codec = codec if header.compressed else NONE
    body = _Summed(cursor, header.levels, header.stored)
    size = header.levels
    trouble: Damage | None = None
    try:
        # A page of nulls only has no values: some writers then leave the compressed part out.
        if header.stored > header.levels or header.inflated > header.levels:
            size += inflated_size(codec, body.rest(), header.inflated - header.levels, limits)
    except Damage as damage:
        if damage.code == "file.truncated":
            raise
        trouble = damage
    body.finish()
    if header.crc is not None and body.crc != header.crc & 0xFFFFFFFF:
        raise Damage("parquet.page-checksum", "A page is not what its checksum says.")
    if trouble:
        raise trouble
    if size != header.inflated:
        raise Damage(
            "parquet.page-length", f"A page inflates to another length than the {header.inflated:,} bytes it claims."
        )


class _Summed:
    """The body of a page with the CRC-32 over all that was taken of it."""

    def __init__(self, cursor: ByteCursor, levels: int, stored: int) -> None:
        self._cursor = cursor
        self._end = cursor.position + stored
        self.crc = 0
        for piece in cursor.pieces(levels):
            self.crc = isal_zlib.crc32(piece, self.crc)

    def rest(self) -> Iterator[bytes]:
        for piece in self._cursor.pieces(self._end - self._cursor.position):
            self.crc = isal_zlib.crc32(piece, self.crc)
            yield piece

    def finish(self) -> None:
        """Take what a damaged page left unread."""
        for _ in self.rest():
            pass


def _is_covered(header: PageHeader, codec: int) -> bool:
    return header.crc is not None or (codec == GZIP and header.compressed and not header.levels)
