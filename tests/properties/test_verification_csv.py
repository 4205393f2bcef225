"""Promises of the CSV checker, against Python's own writer and reader."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.checkers import checker_for
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.checkers.csv_grammar import Grammar, OpenRow
from aep_delivery.verification.dialect import CsvDialect
from aep_delivery.verification.limits import Limits

CHUNKS = st.sampled_from([1, 3, 64, 1 << 20])
hard = st.text(st.sampled_from("ab,;\t|'\"\\\r\n é𝄞"), max_size=8)
"""Fields of what has a meaning in some dialect."""


@st.composite
def dialects(draw: st.DrawFn) -> tuple[CsvDialect, dict[str, Any]]:
    """A dialect, and the options that make Python's writer write it."""
    delimiter = draw(st.sampled_from([",", "\t", "|", ";", ":"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    options: dict[str, Any] = {"delimiter": delimiter, "quoting": quoting}
    options["lineterminator"] = draw(st.sampled_from(["\n", "\r\n"]))
    escape = draw(st.sampled_from(["", "\\", "'"]))
    if escape:
        options |= {"escapechar": escape, "doublequote": draw(st.booleans())}
    return CsvDialect(delimiter=delimiter, escape=escape), options


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(1, 4))
    header = [f"column {number}" for number in range(width)]
    rows = draw(st.lists(st.lists(hard, min_size=width, max_size=width), max_size=8))
    assume(all(row != header for row in rows))
    return [header, *rows]


def written(table: list[list[str]], options: dict[str, Any]) -> bytes:
    target = io.StringIO(newline="")
    if options.get("lineterminator") == "\n":
        # Older Pythons leave a carriage return bare here, against RFC 4180 and their own reader.
        table = [[field.replace("\r", "") for field in row] for row in table]
    csv.writer(target, **options).writerows(table)
    return target.getvalue().encode()


def check(data: bytes, dialect: CsvDialect, *, compression: Any = "NONE", chunk: int = 1 << 20) -> FileCheck:
    reader = MemoryReader()
    checker = checker_for("CSV", compression, dialect=dialect)
    return checker.check(reader.put("part-0", data), reader, Limits(chunk_bytes=chunk))


def in_zip(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("part.csv", content)
    return buffer.getvalue()


@settings(max_examples=400, deadline=None)
@given(tables(), dialects(), CHUNKS, st.sampled_from(["NONE", "GZIP", "ZIP"]))
def test_what_pythons_writer_writes_is_sound_and_counted(
    table: list[list[str]], drawn: tuple[CsvDialect, dict[str, Any]], chunk: int, compression: str
) -> None:
    dialect, options = drawn
    content = written(table, options)
    data = {"NONE": bytes, "GZIP": gzip.compress, "ZIP": in_zip}[compression](content)
    result = check(data, dialect, compression=compression, chunk=chunk)
    assert (result.findings, result.rows) == ((), len(table) - 1)
    assert [column.name for column in result.columns or ()] == table[0]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([b"a", b",", b'"', b"\n", b"\r\n", b"\r", b"\\", b"\xc3\xa9", b"\0"]), max_size=40),
    dialects(),
)
def test_the_quick_look_and_the_exact_one_agree(tokens: list[bytes], drawn: tuple[CsvDialect, dict[str, Any]]) -> None:
    grammar = Grammar(drawn[0].model_copy(update={"delimiter": ","}))
    block = b"".join(tokens) + b"\n"
    rows, start, sound = 0, 0, b"\0" not in block
    columns = 2
    while start < len(block):
        row = grammar.row(block, start, final=True)
        assert not isinstance(row, OpenRow)
        sound = sound and row.problem is None and row.fields == columns
        rows, start = rows + 1, row.end
    quick = grammar.count_rows(grammar.neutral(block), columns)
    assert quick is None or (sound and quick == rows)


@settings(max_examples=200, deadline=None)
@given(tables(), dialects(), st.data())
def test_a_lost_or_added_delimiter_is_found(
    table: list[list[str]], drawn: tuple[CsvDialect, dict[str, Any]], data: st.DataObject
) -> None:
    dialect, options = drawn
    assume(len(table) > 1)
    number = data.draw(st.integers(1, len(table) - 1))
    row = table[number]
    damaged = row[:-1] if len(row) > 1 and data.draw(st.booleans()) else [*row, "x"]
    content = written([*table[:number], damaged, *table[number + 1 :]], options)
    found = check(content, dialect).findings
    assert [(finding.code, finding.where) for finding in found] == [("csv.ragged-row", f"row {number}")]


@settings(max_examples=200, deadline=None)
@given(tables(), st.data())
def test_a_cut_anywhere_in_a_gzip_or_a_zip_is_found(table: list[list[str]], data: st.DataObject) -> None:
    content = written(table, {})
    for compression, whole in (("GZIP", gzip.compress(content)), ("ZIP", in_zip(content))):
        size = data.draw(st.integers(0, len(whole) - 1))
        assert check(whole[:size], CsvDialect(), compression=compression).findings


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), CHUNKS)
def test_no_bytes_crash_the_checker(data: bytes, chunk: int) -> None:
    result = check(b"a,b\n" + data, CsvDialect(escape="\\"), chunk=chunk)
    assert result.findings or result.rows is not None
