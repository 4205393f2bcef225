"""Reading a dataset's files as Arrow tables, one block at a time, in the one schema all of them fit."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.json as pa_json
import pyarrow.parquet as pq

from emulator.adobe.lake import LakeError
from emulator.adobe.unreadable import other_separator, reason

BLOCK_BYTES = 8 << 20
BLOCK_ROWS = 50_000
_WIDER: dict[str, pa.DataType] = {"null": pa.int64(), "int64": pa.float64()}
_COLUMN = re.compile(r"CSV column #(\d+)")


def schema_of(paths: Sequence[Path]) -> pa.Schema:
    """One schema that the rows of all files fit. Reads text files once to the end, as types are inferred.

    Raises:
        LakeError: a file can't be read, or two files disagree beyond repair.
    """
    merged = pa.schema([])
    for path in paths:
        with _explained(path):
            merged = _merge(merged, _infer(path))
    return pa.schema([pa.field(field.name, _typed(field.type)) for field in merged])


def read(path: Path, schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of one file, in tables of limited size with just the columns of `schema`. Raises :class:`LakeError`."""
    with _explained(path):
        for table in _blocks(path, schema):
            yield _conform(table, schema)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        # Arrow quotes offending values, which may not travel into a run's errors.
        raise LakeError(f"{path.name} {reason(_kind(path), error, lambda: _opened(path))}") from error


def _kind(path: Path) -> str:
    name = path.name.lower()
    return "parquet" if name.endswith(".parquet") else "csv" if ".csv" in name[-8:] else "json"


def _infer(path: Path) -> pa.Schema:
    match _kind(path):
        case "parquet":
            return pq.read_schema(path)
        case "csv":
            return _infer_csv(path)
        case _:
            merged = pa.schema([])
            for chunk in _json_chunks(path):
                merged = _merge(merged, _textual(pa_json.read_json(io.BytesIO(chunk)).schema))
            return merged


def _blocks(path: Path, schema: pa.Schema) -> Iterator[pa.Table]:
    match _kind(path):
        case "parquet":
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=BLOCK_ROWS):
                    yield pa.Table.from_batches([batch])
        case "csv":
            types = {field.name: field.type for field in schema}
            with _opened(path) as stream, _csv_reader(stream, types) as reader:
                for batch in reader:
                    yield pa.Table.from_batches([batch])
        case _:
            options = pa_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
            for chunk in _json_chunks(path):
                yield pa_json.read_json(io.BytesIO(chunk), parse_options=options)


def _infer_csv(path: Path) -> pa.Schema:
    """Arrow fixes a column's type by the first block; a later misfit widens it and starts over."""
    types: dict[str, pa.DataType] = {}
    while True:
        with _opened(path) as stream, _csv_reader(stream, types) as reader:
            names, found = reader.schema.names, reader.schema
            if told := other_separator(names):
                raise LakeError(f"{path.name} {told}")
            try:
                for _ in reader:
                    pass
            except pa.ArrowInvalid as error:
                column = _COLUMN.search(str(error))
                if column is None:
                    raise
                name = names[int(column.group(1))]
                if pa.types.is_string(found.field(name).type):
                    raise
                types[name] = _WIDER.get(str(found.field(name).type), pa.string())
                continue
        return found


def _csv_reader(stream: IO[bytes], types: dict[str, pa.DataType]) -> pa_csv.CSVStreamingReader:
    return pa_csv.open_csv(
        stream,
        read_options=pa_csv.ReadOptions(block_size=BLOCK_BYTES),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(column_types=types, strings_can_be_null=True),
    )


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    name = path.name.lower()
    if name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.namelist() if member.lower().endswith(".csv")]
            if len(members) != 1:
                raise LakeError(f"{path.name} must hold exactly one .csv file")
            with archive.open(members[0]) as stream:
                yield stream
    elif name.endswith(".gz"):
        with gzip.open(path, "rb") as unpacked:
            yield cast("IO[bytes]", unpacked)
    else:
        with path.open("rb") as plain:
            yield plain


def _json_chunks(path: Path) -> Iterator[bytes]:
    """Whole lines, about `BLOCK_BYTES` at a time, blank ones left out."""
    with _opened(path) as stream:
        while lines := stream.readlines(BLOCK_BYTES):
            chunk = b"".join(line if line.endswith(b"\n") else line + b"\n" for line in lines if line.strip())
            if chunk:
                yield chunk


def _merge(left: pa.Schema, right: pa.Schema) -> pa.Schema:
    try:
        return pa.unify_schemas([left, right], promote_options="permissive")
    except pa.ArrowTypeError:
        fields = {field.name: field for field in left}
        for field in right:
            known = fields.get(field.name)
            fields[field.name] = field if known is None else _merge_field(known, field)
        return pa.schema(list(fields.values()))


def _merge_field(left: pa.Field[Any], right: pa.Field[Any]) -> pa.Field[Any]:
    try:
        return pa.unify_schemas([pa.schema([left]), pa.schema([right])], promote_options="permissive").field(0)
    except pa.ArrowTypeError:
        if pa.types.is_nested(left.type) or pa.types.is_nested(right.type):
            raise
        return pa.field(left.name, pa.string())


def _textual(schema: pa.Schema) -> pa.Schema:
    """JSON has no timestamps: what looks like one stays the text it is. Empty objects are left out."""
    return pa.schema([pa.field(field.name, _textual_type(field.type)) for field in schema if not _hollow(field.type)])


def _textual_type(kind: pa.DataType) -> pa.DataType:
    if isinstance(kind, pa.StructType):
        return pa.struct([pa.field(field.name, _textual_type(field.type)) for field in kind if not _hollow(field.type)])
    if isinstance(kind, pa.ListType):
        return pa.list_(_textual_type(kind.value_type))
    return pa.string() if pa.types.is_timestamp(kind) else kind


def _typed(kind: pa.DataType) -> pa.DataType:
    """A column that never had a value becomes text: Parquet as Spark reads it has no column without a type."""
    if isinstance(kind, pa.StructType):
        return pa.struct([pa.field(field.name, _typed(field.type)) for field in kind])
    if isinstance(kind, pa.ListType):
        return pa.list_(_typed(kind.value_type))
    return pa.string() if pa.types.is_null(kind) else kind


def _hollow(kind: pa.DataType) -> bool:
    if isinstance(kind, pa.StructType):
        return all(_hollow(field.type) for field in kind)
    return isinstance(kind, pa.ListType) and _hollow(kind.value_type)


def _conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = []
    for field in schema:
        if field.name not in table.column_names:
            columns.append(pa.chunked_array([pa.nulls(len(table), field.type)]))
            continue
        column = table.column(field.name)
        if column.type != field.type:
            merged = pa.table({field.name: column}), pa.schema([field]).empty_table()
            column = (
                column.cast(field.type)
                if pa.types.is_string(field.type)
                else pa.concat_tables(merged, promote_options="permissive").column(0)
            )
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=schema)
