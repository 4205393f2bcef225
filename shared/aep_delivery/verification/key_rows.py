"""The deduplication keys of an audience's files, row by row. They stay in this process."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from aep_delivery.storage.reader import ObjectChangedError, StorageReader, StoredObject
from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.checkers.gzip_stream import inflate
from aep_delivery.verification.column_names import same_name
from aep_delivery.verification.dialect import CsvDialect
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.keys import Key, KeyCount, KeyCounter, KeysUnreadableError
from aep_delivery.verification.limits import Limits

_NO_QUOTE = "\0"
"""What stands in the place of quotes where there are none; see :class:`CsvDialect`."""


def count_keys(
    files: Iterable[StoredObject], expectation: Expectation, reader: StorageReader, limits: Limits
) -> KeyCount:
    """Count the keys of all files of an audience. A file that cannot be read, or has changed, is counted as unread.

    Raises:
        UserError: The storage denies access.
        TransientError: The storage asks to come back.
    """
    counter = KeyCounter()
    for stored in files:
        try:
            counter.add(keys_of(stored, expectation, reader, limits))
        except (KeysUnreadableError, Damage, ObjectChangedError):
            counter.unread += 1
    return counter.count()


def keys_of(stored: StoredObject, expectation: Expectation, reader: StorageReader, limits: Limits) -> Iterator[Key]:
    """The values of the key columns of each row. The file must have been found whole.

    Raises:
        KeysUnreadableError: While they are read, too.
        ObjectChangedError: The object was rewritten.
        UserError: The storage denies access.
        TransientError: The storage asks to come back.
    """
    if expectation.encrypted:
        raise KeysUnreadableError
    if expectation.file_type == "PARQUET":
        from aep_delivery.verification.key_pages import keys_of_parquet  # noqa: PLC0415 - loads what it needs

        return keys_of_parquet(stored, expectation.key_columns, reader, limits)
    chunks: Iterable[bytes] = reader.stream(stored.key, etag=stored.etag, chunk_size=limits.chunk_bytes)
    if expectation.compression == "GZIP":
        chunks = inflate(chunks, limits)
    lines: Callable[[Iterable[bytes], Expectation], Iterator[Key]] = (
        _of_csv if expectation.file_type == "CSV" else _of_json
    )
    return lines(chunks, expectation)


def _of_csv(chunks: Iterable[bytes], expectation: Expectation) -> Iterator[Key]:
    dialect = expectation.dialect
    content = io.TextIOWrapper(io.BufferedReader(_Chunks(chunks)), "utf-8", newline="")
    rows = csv.reader(_doubled(content, dialect), delimiter=dialect.delimiter, quotechar=dialect.quote or _NO_QUOTE)
    nothing = {dialect.null_value, dialect.empty_value, ""}
    try:
        header = next(rows, [])
        places = [_place(header, column) for column in expectation.key_columns]
        for row in rows:
            if row:
                yield tuple("" if row[place] in nothing else row[place] for place in places)
    except (csv.Error, IndexError, ValueError):
        # ValueError is that of UTF-8, too.
        raise KeysUnreadableError from None


def _doubled(lines: Iterable[str], dialect: CsvDialect) -> Iterator[str]:
    """The lines with quotes inside of quotes doubled in place of escaped.

    Outside of quotes an escape is a plain character, as Apache Spark writes it, but Python's reader would skip it.
    """
    quote, escape = dialect.quote or _NO_QUOTE, dialect.escape
    if not escape or escape == quote:
        yield from lines
        return
    marks = re.compile(f"{re.escape(escape)}([{re.escape(quote + escape)}])|{re.escape(quote)}")
    in_quotes = False

    def doubled(found: re.Match[str]) -> str:
        nonlocal in_quotes
        if not found[1]:
            in_quotes = not in_quotes
        elif in_quotes:
            return quote * 2 if found[1] == quote else escape
        return found[0]

    for line in lines:
        if escape in line:
            yield marks.sub(doubled, line)
        else:
            in_quotes ^= bool(line.count(quote) % 2)
            yield line


def _place(header: Sequence[str], column: str) -> int:
    for place, name in enumerate(header):
        if same_name(name, column):
            return place
    raise KeysUnreadableError


def _of_json(chunks: Iterable[bytes], expectation: Expectation) -> Iterator[Key]:
    content = io.BufferedReader(_Chunks(chunks))
    decode = msgspec.json.Decoder(dict[str, object]).decode
    try:
        for line in content:
            row = decode(line)
            yield tuple(_value(row, column) for column in expectation.key_columns)
    except msgspec.DecodeError:
        raise KeysUnreadableError from None


def _value(row: dict[str, object], column: str) -> str:
    found = row.get(column)
    if found is None:
        found = next((value for name, value in row.items() if same_name(name, column)), None)
    return "" if found is None else str(found)


class _Chunks(io.RawIOBase):
    """Chunks as a binary file."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the stub knows more kinds of buffers
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        taken = min(len(buffer), len(self._rest))
        buffer[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken
