"""Parquet, as pyarrow writes it, and what disks, networks and people make of it."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.corpus.case import Case

ROWS = 3000
TABLE = pa.table(
    {
        "id": pa.array(range(ROWS), pa.int64()),
        "name": [f"person {number}" for number in range(ROWS)],
        "tags": [None if number % 5 == 0 else ["a"] * (number % 3) for number in range(ROWS)],
        "address": [{"city": f"city {number % 7}", "zip": number} for number in range(ROWS)],
    }
)


def written(table: pa.Table = TABLE, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **{"compression": "gzip", "row_group_size": 1000, "data_page_size": 4096, **options})
    return buffer.getvalue()


def column(data: bytes, group: int, number: int) -> tuple[int, int]:
    """Where a column chunk begins and ends."""
    meta = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(group).column(number)
    start = min(offset for offset in (meta.dictionary_page_offset, meta.data_page_offset) if offset)
    return start, start + meta.total_compressed_size


def patched(data: bytes, position: int, new: bytes) -> bytes:
    return data[:position] + new + data[position + len(new) :]


def flipped(data: bytes, position: int) -> bytes:
    return patched(data, position, bytes([data[position] ^ 0x10]))


GZIP = written(use_dictionary=False)
CHECKED = written(compression="none", use_dictionary=False, write_page_checksum=True)
SNAPPY = written(compression="snappy", use_dictionary=False, write_page_checksum=True)
FOOTER = len(GZIP) - 8 - int.from_bytes(GZIP[-8:-4], "little")
OTHER = written(TABLE.slice(0, 1500), use_dictionary=False)
OTHER_FOOTER = OTHER[len(OTHER) - 8 - int.from_bytes(OTHER[-8:-4], "little") :]
FIRST, FIRST_END = column(GZIP, 0, 0)
SECOND = column(GZIP, 1, 1)
LAST = column(GZIP, 2, 1)


def case(name: str, data: bytes, rows: int | None = None, code: str | None = None, where: str | None = None) -> Case:
    return Case(f"parquet-{name}", "PARQUET", "GZIP", data, rows, code, where)


SOUND = [
    *(case(codec, written(compression=codec), ROWS) for codec in ("none", "snappy", "gzip", "zstd", "lz4", "brotli")),
    *(
        case(f"pages-2-{codec}", written(compression=codec, data_page_version="2.0"), ROWS)
        for codec in ("none", "snappy", "gzip")
    ),
    case("checksums", written(write_page_checksum=True), ROWS),
    case("plain", GZIP, ROWS),
    case("index", written(write_page_index=True), ROWS),
    case("one-row", written(TABLE.slice(0, 1)), 1),
    case("no-rows", written(TABLE.slice(0, 0)), 0),
    case("long-footer", written(TABLE.replace_schema_metadata({"note": "x" * 100_000})), ROWS),
]

DAMAGED = [
    case("empty-file", b"", None, "file.empty"),
    case("is-json", b'{"a":1}\n' * 100, None, "file.not-parquet", "byte 0"),
    case("cut", GZIP[:-100], None, "file.truncated", f"byte {len(GZIP) - 100}"),
    case("cut-in-the-data", GZIP[:5000], None, "file.truncated", "byte 5000"),
    case("magic-only", b"PAR1", None, "file.truncated", "byte 4"),
    case("head-overwritten", patched(GZIP, 0, b"\0\0\0\0"), None, "file.not-parquet", "byte 0"),
    case("encrypted", b"PARE" + GZIP[4:-4] + b"PARE", None, "parquet.encrypted", "byte 0"),
    case("footer-length", patched(GZIP, len(GZIP) - 8, b"\xff\xff\xff\x7f"), None, "parquet.footer", "footer"),
    case("footer-zeros", patched(GZIP, FOOTER, b"\0" * 200), None, "parquet.footer", "footer"),
    case("footer-cut", GZIP[: FOOTER + 50] + GZIP[FOOTER + 60 :], None, "parquet.footer", "footer"),
    case("footer-of-another-file", GZIP[:FOOTER] + OTHER_FOOTER, None, "parquet."),
    case("shifted", GZIP[:100] + b"\0" + GZIP[100:], None, "parquet.page-damaged", "row group 0, column id, page 0"),
    case("lost-byte", GZIP[:100] + GZIP[101:], None, "parquet.layout"),
    case("zeros-in-the-data", patched(GZIP, SECOND[0], b"\0" * 300), None, "parquet.page-header"),
    case(
        "flipped-gzip-byte",
        flipped(GZIP, FIRST_END - 40),
        None,
        "parquet.page-damaged",
        "row group 0, column id, page 0",
    ),
    case("flipped-byte-in-the-last-group", flipped(GZIP, (LAST[0] + LAST[1]) // 2), None, "parquet.page-damaged"),
    case(
        "flipped-plain-byte",
        flipped(CHECKED, column(CHECKED, 1, 0)[0] + 500),
        None,
        "parquet.page-checksum",
        "row group 1, column id, page 0",
    ),
    case(
        "flipped-snappy-byte",
        flipped(SNAPPY, column(SNAPPY, 1, 1)[0] + 500),
        None,
        "parquet.page-checksum",
        "row group 1, column name, page 0",
    ),
    case(
        "column-of-another-group",
        patched(CHECKED, column(CHECKED, 0, 0)[0], CHECKED[slice(*column(CHECKED, 2, 1))][:2000]),
        None,
        "parquet.",
    ),
]
