"""CSV as Adobe's Spark jobs write it: a header, and values quoted only where they must be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import IO, Any

import msgspec
import pyarrow as pa

from emulator.adobe import printing

DEFAULTS: Mapping[str, str] = {"delimiter": ",", "quote": "", "escape": "\\", "nullValue": "null", "emptyValue": ""}
"""What applies where an option is not given, by the destinations' connection specs. (Adobe's OpenAPI file has another
default of `quote`, the double quote.)"""
FIRST_GENERATION: Mapping[str, str] = {**DEFAULTS, "quote": '"', "nullValue": ""}
"""First-generation destinations have no such options, and Adobe doesn't say what their files look like in detail."""
_BATCH_ROWS = 5000

_json = msgspec.json.Encoder(decimal_format="number").encode


def write(table: pa.Table, stream: IO[bytes], options: Mapping[str, str]) -> None:
    """Write `table` to `stream`: UTF-8, a header, each line ended by a line feed.

    Adobe: "Configure file formatting options for file-based destinations".

    Args:
        table: the rows of one file. Nested values become JSON text, for which CSV has no other form.
        stream: a binary file, left open.
        options: Adobe's ``csvOptions``. With an empty `quote` nothing is quoted or escaped, so that a delimiter in a
            value can't be told from one between values: so Adobe's own example has it.
    """
    dialect = _Dialect({**DEFAULTS, **options})
    stream.write(dialect.line([dialect.text(name) for name in table.column_names]))
    for batch in printing.printable(table).to_batches(max_chunksize=_BATCH_ROWS):
        columns = [_cells(column, dialect) for column in batch.columns]
        stream.write(b"".join(map(dialect.line, zip(*columns, strict=True))))


class _Dialect:
    """One set of options, ready to be applied."""

    def __init__(self, options: Mapping[str, str]) -> None:
        self._delimiter, self._quote, escape = options["delimiter"], options["quote"], options["escape"]
        self.null, self._empty = options["nullValue"], options["emptyValue"]
        self._risky = re.compile(f"[{re.escape(self._delimiter + self._quote)}\r\n]")
        # Spark escapes the escape character too, but in quoted values only.
        self._special = re.compile(f"[{re.escape(self._quote + escape)}]")
        self._escaped = escape.replace("\\", "\\\\") + r"\g<0>"

    def text(self, value: str) -> str:
        if not value:
            return self._empty
        if not self._quote or self._risky.search(value) is None:
            return value
        return f"{self._quote}{self._special.sub(self._escaped, value)}{self._quote}"

    def line(self, cells: tuple[str, ...] | list[str]) -> bytes:
        return (self._delimiter.join(cells) + "\n").encode()


def _cells(column: pa.Array[Any], dialect: _Dialect) -> list[str]:
    null, text, printed = dialect.null, dialect.text, _printer(column.type)
    return [null if value is None else text(printed(value)) for value in column.to_pylist()]


def _printer(kind: pa.DataType) -> Callable[[Any], str]:
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind):
        return str
    if pa.types.is_nested(kind):
        return lambda value: _json(printing.without_nulls(value)).decode()
    return lambda value: _json(value).decode().strip('"')
