"""Why a file of the lake can't be read, in words that quote no row of it: a run's errors travel far."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from gzip import BadGzipFile
from typing import IO

_CHANGED = re.compile(r"Column\(/(.+)\) changed from (\w+) to (\w+)")
_UNITS = {";": "semicolons", "\t": "tabs", "|": "bars"}

Open = Callable[[], AbstractContextManager[IO[bytes]]]


def reason(kind: str, error: Exception, opened: Open) -> str:
    """What is wrong with a file, as the rest of a sentence that begins with its name.

    Args:
        kind: ``parquet``, ``csv`` or ``json``.
        error: What reading it ended in. Arrow's messages quote values, so little of them is used.
        opened: Opens the file, decompressed.
    """
    match error:
        case BadGzipFile():
            return "is not compressed with gzip, though its name ends in .gz"
        case zipfile.BadZipFile():
            return "is not a ZIP archive, though its name ends in .zip"
        case EOFError():
            return "is compressed and ends too early"
        case zlib.error():
            return "is compressed, and damaged"
        case OSError(strerror=str(words)):
            return f"cannot be read: {words}"
        case _:
            told = {"parquet": _of_parquet, "csv": _of_csv, "json": _of_json}[kind](error, opened)
            return told or f"cannot be read: {type(error).__name__}"


def other_separator(header: list[str]) -> str | None:
    """What is wrong with a line of names that commas don't divide but something else would; None where nothing is."""
    found = next((unit for mark, unit in _UNITS.items() if len(header) == 1 and mark in header[0]), None)
    return f"is separated by {found}; CSV files of the lake are separated by commas" if found else None


def _of_parquet(_error: Exception, opened: Open) -> str:
    with opened() as stream:
        return "is not a Parquet file, or not a whole one" if stream.read(1) else "is empty"


def _of_csv(_error: Exception, opened: Open) -> str | None:
    with opened() as stream:
        rows = csv.reader(io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline=""), strict=False)
        try:
            header = next((row for row in rows if row), None)
            if header is None:
                return "is empty: it has not even a line of names"
            if told := other_separator(header):
                return told
            for row in rows:
                if row and len(row) != len(header):
                    values = f"{len(row)} value{'s' if len(row) != 1 else ''}"
                    return (
                        f"has a row of {values} that ends in line {rows.line_num}; the first line names {len(header)}"
                    )
        except csv.Error:
            return f"is not CSV at line {rows.line_num}"
    return None


def _of_json(error: Exception, opened: Open) -> str | None:
    for number, line in _lines(opened):
        try:
            value = json.loads(line)
        except ValueError:
            if number == 1 and line.startswith(b"["):
                return _ARRAY
            return f"is not JSON at line {number}: each line must be one object"
        if isinstance(value, list) and number == 1:
            return _ARRAY
        if not isinstance(value, dict):
            return f"has no object in line {number}: each line must be one"
    changed = _CHANGED.search(str(error))
    return f"has a field {changed[1]} that is {changed[2]} in one row and {changed[3]} in another" if changed else None


_ARRAY = "is one JSON array; each line must be one object: jq -c '.[]'"


def _lines(opened: Open) -> Iterator[tuple[int, bytes]]:
    """Number, from 1, and content of the lines that are not blank."""
    with opened() as stream:
        yield from ((number, line.strip()) for number, line in enumerate(stream, 1) if line.strip())
