"""Part files: newline-delimited JSON and Parquet, each plain or with gzip, as Adobe's Spark jobs write them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_encode = msgspec.json.Encoder(decimal_format="number").encode

EXTENSIONS = {
    ("JSON", "NONE"): ".json",
    ("JSON", "GZIP"): ".json.gz",
    ("PARQUET", "NONE"): ".parquet",
    ("PARQUET", "GZIP"): ".gz.parquet",
}


def write(table: pa.Table, sink: IO[bytes], file_type: str, compression: str) -> None:
    """Write `table` to `sink`.

    Args:
        table: the rows of one part.
        sink: a binary file, left open.
        file_type: ``JSON`` or ``PARQUET``.
        compression: ``NONE`` or ``GZIP``. Of Parquet it is the pages that are compressed; where NONE is asked for it is
            Snappy, which is what Spark does by default.
    """
    if file_type == "PARQUET":
        pq.write_table(table, sink, compression="gzip" if compression == "GZIP" else "snappy")
        return
    with _text_sink(sink, compression) as stream:
        for batch in _printable(table).to_batches(max_chunksize=5000):
            stream.write(b"".join(_encode(_without_nulls(row)) + b"\n" for row in batch.to_pylist()))


@contextmanager
def _text_sink(sink: IO[bytes], compression: str) -> Iterator[IO[bytes]]:
    if compression == "GZIP":
        with gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=6, filename="") as stream:
            yield cast("IO[bytes]", stream)
    else:
        yield sink


def _printable(table: pa.Table) -> pa.Table:
    """Timestamps as Spark prints them in JSON: UTC with milliseconds."""
    for index, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            utc: Any = table.column(index).cast(pa.timestamp("ms", tz="UTC"), safe=False)
            table = table.set_column(index, field.name, pc.strftime(utc, format="%Y-%m-%dT%H:%M:%SZ"))
    return table


def _without_nulls(value: Any) -> Any:
    """Spark leaves fields without a value out of the object."""
    if isinstance(value, dict):
        return {key: _without_nulls(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_without_nulls(part) for part in value]
    return value
