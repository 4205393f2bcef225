"""Files that are small and claim to be, or become, very large: what a checker meets beside those of its own tests."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

MIB = 1 << 20


def _deflated(block: bytes, times: int) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(compressor.compress(block) for _ in range(times)) + compressor.flush()


def _members(content: bytes, number: int) -> bytes:
    return gzip.compress(content, mtime=0) * number


def _parquet(
    codec: Literal["gzip", "brotli", "lz4", "zstd", "snappy"],
    *,
    dictionary: bool = False,
    page: int = 900 * MIB,
    rows: int = 100,
) -> bytes:
    """A column of equal texts of a megabyte: a page of many megabytes, of which a few bytes are stored."""
    table = pa.table({"a": pa.array(["x" * MIB] * rows)})
    buffer = io.BytesIO()
    pq.write_table(
        table, buffer, compression=codec, use_dictionary=dictionary, data_page_size=page, write_batch_size=rows
    )
    return buffer.getvalue()


def _runs(number: int) -> bytes:
    """Many rows that are one run of a dictionary's only entry."""
    buffer = io.BytesIO()
    writer = pq.ParquetWriter(buffer, pa.schema([("a", pa.int8())]), compression="zstd", use_dictionary=True)
    batch = pa.table({"a": pa.array([1] * 1_000_000, pa.int8())})
    for _ in range(number):
        writer.write_table(batch)
    writer.close()
    return buffer.getvalue()


def _wide(columns: int) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({f"c{number}": pa.array([1], pa.int8()) for number in range(columns)}), buffer)
    return buffer.getvalue()


def _nested(depth: int) -> bytes:
    kind: pa.DataType = pa.int8()
    value: object = 1
    for _ in range(depth):
        kind, value = pa.struct([("a", kind)]), {"a": value}
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": pa.array([value], kind)}), buffer)
    return buffer.getvalue()


def _with_footer(footer: bytes, claimed: int | None = None) -> bytes:
    return b"PAR1" + footer + struct.pack("<L", len(footer) if claimed is None else claimed) + b"PAR1"


def _zip_of(members: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for number in range(members):
            target.writestr(f"{number}.csv", "a\n1\n")
    return buffer.getvalue()


def _zip_claims_members() -> bytes:
    data = bytearray(_zip_of(1))
    end = data.rindex(b"PK\x05\x06")
    struct.pack_into("<HH", data, end + 8, 0xFFFF, 0xFFFF)
    return bytes(data)


def _gzip_with_header(length: int) -> bytes:
    """A file's name in the header that does not end."""
    return b"\x1f\x8b\x08\x08\0\0\0\0\0\x03" + b"n" * length


def _fields(number: int) -> bytes:
    return b"{" + b",".join(b'"f%d":1' % index for index in range(number)) + b"}\n"


BOMBS: dict[str, tuple[str, str, Callable[[], bytes], str]] = {
    "json: many members": ("JSON", "GZIP", lambda: _members(b"{}\n", 100_000), ""),
    "json: empty members": ("JSON", "GZIP", lambda: _members(b"", 200_000), ""),
    "json: a header without an end": ("JSON", "GZIP", lambda: _gzip_with_header(32 * MIB), "file."),
    "json: one text": ("JSON", "GZIP", lambda: _deflated(b'{"a":"' + b"x" * MIB, 60), "json."),
    "json: one number": ("JSON", "GZIP", lambda: _deflated(b"9" * MIB, 60), "json."),
    "json: many fields": ("JSON", "GZIP", lambda: gzip.compress(_fields(600_000)), ""),
    "json: depth in a line": ("JSON", "GZIP", lambda: gzip.compress(b"[" * MIB + b"]" * MIB + b"\n"), "json."),
    "json: empty lists in a line": ("JSON", "NONE", lambda: b"[" + b"[]," * (4 * MIB) + b"[]]\n", "json."),
    "csv: many columns": ("CSV", "GZIP", lambda: gzip.compress(b"a," * (6 * MIB) + b"a\n"), "csv."),
    "csv: many headers": ("CSV", "GZIP", lambda: _deflated(b"a\n" * (MIB // 2), 60), ""),
    "zip: many members": ("CSV", "ZIP", lambda: _zip_of(20_000), ""),
    "zip: members that are claimed": ("CSV", "ZIP", _zip_claims_members, "zip."),
    "parquet: zstd page": ("PARQUET", "NONE", lambda: _parquet("zstd"), ""),
    "parquet: larger zstd page": ("PARQUET", "NONE", lambda: _parquet("zstd", rows=400), "parquet."),
    "parquet: gzip page": ("PARQUET", "GZIP", lambda: _parquet("gzip", rows=300), ""),
    "parquet: snappy page": ("PARQUET", "NONE", lambda: _parquet("snappy", rows=300), ""),
    "parquet: brotli page": ("PARQUET", "NONE", lambda: _parquet("brotli"), ""),
    "parquet: lz4 page": ("PARQUET", "NONE", lambda: _parquet("lz4", rows=300), ""),
    "parquet: dictionary": ("PARQUET", "NONE", lambda: _parquet("zstd", dictionary=True, rows=300), ""),
    "parquet: rows in runs": ("PARQUET", "NONE", lambda: _runs(60), ""),
    "parquet: many columns": ("PARQUET", "NONE", lambda: _wide(8_000), ""),
    "parquet: depth": ("PARQUET", "NONE", lambda: _nested(60), ""),
    "parquet: footer of lists": (
        "PARQUET",
        "NONE",
        lambda: _with_footer(b"\x19\xfc\xff\xff\xff\xff\x0f" * 1_000),
        "parquet.",
    ),
    "parquet: footer of depth": ("PARQUET", "NONE", lambda: _with_footer(b"\x1c" * MIB), "parquet."),
    "parquet: footer longer than the file": ("PARQUET", "NONE", lambda: _with_footer(b"\0", 0xFFFFFFFF), "parquet."),
    "parquet: footer of zeros": ("PARQUET", "NONE", lambda: _with_footer(b"\0" * (40 * MIB)), "parquet."),
}
"""Type, compression, content, and how the code of a finding begins; empty where it may be taken for a file."""
