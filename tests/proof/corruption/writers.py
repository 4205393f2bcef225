"""Other writers than the emulator's: whatever of the same formats may come from an engine, a library or a script."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable
from random import Random
from typing import IO, Any

import msgspec
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from isal import igzip

from emulator.adobe import printing
from tests.proof.corruption.deliveries import WritePart
from tests.proof.corruption.forms import Form

Pack = Callable[[bytes], bytes]


def some_writer(form: Form, random: Random) -> WritePart:
    """A writer of the form, drawn at random. The same one is used for all files of a delivery."""
    if form.file_type == "PARQUET":
        return _parquet(form, random)
    lines = _csv(form, random) if form.file_type == "CSV" else _json(random)
    pack = random.choice(PACKERS) if form.compression == "GZIP" else bytes

    def write(table: pa.Table, spool: IO[bytes]) -> None:
        spool.write(pack(lines(table)))

    return write


def _parquet(form: Form, random: Random) -> WritePart:
    options: dict[str, Any] = {
        "compression": "gzip"
        if form.compression == "GZIP"
        else random.choice(("none", "snappy", "lz4", "zstd", "brotli")),
        "use_dictionary": random.random() < 0.5,
        "data_page_version": random.choice(("1.0", "2.0")),
        "version": random.choice(("1.0", "2.4", "2.6")),
        "write_page_checksum": random.random() < 0.5,
        "write_statistics": random.random() < 0.5,
        "write_page_index": random.random() < 0.5,
        "store_schema": random.random() < 0.5,
        "use_compliant_nested_type": random.random() < 0.5,
        "use_deprecated_int96_timestamps": random.random() < 0.3,
        "row_group_size": random.choice((1, 7, 100, 10_000)),
        "data_page_size": random.choice((16, 1000, 1_000_000)),
    }
    return lambda table, spool: pq.write_table(table, spool, **options)


def _json(random: Random) -> Callable[[pa.Table], bytes]:
    ascii_only, nulls, end = random.random() < 0.5, random.random() < 0.5, random.choice((b"\n", b"\n", b"\r\n"))
    separators = random.choice(((",", ":"), (", ", ": ")))
    last = random.random() < 0.8
    fast = msgspec.json.Encoder(decimal_format="number").encode

    def lines(table: pa.Table) -> bytes:
        rows = printing.printable(table).to_pylist()
        if not nulls:
            rows = [printing.without_nulls(row) for row in rows]
        if separators == (",", ":") and not ascii_only:
            encoded = [fast(row) for row in rows]
        else:
            encoded = [
                json.dumps(row, ensure_ascii=ascii_only, separators=separators, default=str).encode() for row in rows
            ]
        return end.join(encoded) + (end if rows and last else b"")

    return lines


def _csv(form: Form, random: Random) -> Callable[[pa.Table], bytes]:
    dialect = form.dialect
    if dialect.quote and dialect.delimiter == "," and random.random() < 0.2:
        return _csv_by_arrow
    end = random.choice(("\n", "\n", "\r\n"))
    # Backslashes stand before quotes by Adobe's options; doubled quotes are what everybody else writes.
    doubled = random.random() < 0.5
    every = random.random() < 0.5 or not doubled
    last = random.random() < 0.9

    def lines(table: pa.Table) -> bytes:
        target = io.StringIO()
        options: dict[str, Any] = {"quoting": csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL, "doublequote": doubled}
        if not dialect.quote:
            options = {"quoting": csv.QUOTE_NONE, "quotechar": None, "escapechar": None}
        elif not doubled:
            options["escapechar"] = dialect.escape
        writer = csv.writer(target, delimiter=dialect.delimiter, lineterminator=end, **options)
        writer.writerow(table.column_names)
        for row in table.to_pylist():
            values = [dialect.null_value if value is None else value for value in row.values()]
            writer.writerow(values if not doubled else [value.replace(dialect.escape, "/") for value in values])
        return (target.getvalue() if last else target.getvalue().removesuffix(end)).encode()

    return lines


def _csv_by_arrow(table: pa.Table) -> bytes:
    """Quotes every text, doubles quotes, leaves nulls empty; it knows no escape, so there is none to mistake."""
    columns = [
        pa.array([value and value.replace("\\", "/") for value in column.to_pylist()]) for column in table.columns
    ]
    target = io.BytesIO()
    pa_csv.write_csv(pa.Table.from_arrays(columns, names=table.column_names), target)
    return target.getvalue()


def _members(content: bytes) -> bytes:
    """Many members, which may end inside of rows, as parallel writers make them."""
    size = max(1, len(content) // 5)
    return b"".join(gzip.compress(content[at : at + size]) for at in range(0, len(content), size)) or gzip.compress(b"")


def _flushed(content: bytes) -> bytes:
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
    pieces = [content[at : at + 1000] for at in range(0, len(content), 1000)]
    body = b"".join(compressor.compress(piece) + compressor.flush(zlib.Z_SYNC_FLUSH) for piece in pieces)
    return body + compressor.flush()


def _named(content: bytes) -> bytes:
    target = io.BytesIO()
    with gzip.GzipFile(filename="part-00000.json", fileobj=target, mode="wb", mtime=1_700_000_000) as packer:
        packer.write(content)
    return target.getvalue()


PACKERS: tuple[Pack, ...] = (
    lambda content: gzip.compress(content, 0),
    lambda content: gzip.compress(content, 1),
    lambda content: gzip.compress(content, 9),
    lambda content: igzip.compress(content, 1),
    lambda content: gzip.compress(content) + gzip.compress(b""),
    _members,
    _flushed,
    _named,
)
