"""Data files: newline-delimited JSON, Parquet and CSV, plain or with gzip, as Adobe's Spark jobs write them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, cast

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from emulator.adobe import csv_files, printing

_encode = msgspec.json.Encoder(decimal_format="number").encode

EXTENSIONS = {
    ("CSV", "NONE"): ".csv",
    ("CSV", "GZIP"): ".csv.gz",
    ("JSON", "NONE"): ".json",
    ("JSON", "GZIP"): ".json.gz",
    ("PARQUET", "NONE"): ".parquet",
    ("PARQUET", "GZIP"): ".gz.parquet",
}


def write(
    table: pa.Table, sink: IO[bytes], file_type: str, compression: str, csv_options: Mapping[str, str] | None = None
) -> None:
    """Write `table` to `sink`.

    Args:
        table: the rows of one file.
        sink: a binary file, left open.
        file_type: ``CSV``, ``JSON`` or ``PARQUET``.
        compression: ``NONE`` or ``GZIP``. Of Parquet it is the pages that are compressed; where NONE is asked for it is
            Snappy, which is what Spark does by default.
        csv_options: Adobe's ``csvOptions``, for CSV.
    """
    if file_type == "PARQUET":
        pq.write_table(table, sink, compression="gzip" if compression == "GZIP" else "snappy")
        return
    with _text_sink(sink, compression) as stream:
        if file_type == "CSV":
            csv_files.write(table, stream, csv_options or {})
        else:
            _write_json(table, stream)


def _write_json(table: pa.Table, stream: IO[bytes]) -> None:
    for batch in printing.printable(table).to_batches(max_chunksize=5000):
        stream.write(b"".join(_encode(printing.without_nulls(row)) + b"\n" for row in batch.to_pylist()))


@contextmanager
def _text_sink(sink: IO[bytes], compression: str) -> Iterator[IO[bytes]]:
    if compression == "GZIP":
        with gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=6, filename="") as stream:
            yield cast("IO[bytes]", stream)
    else:
        yield sink
