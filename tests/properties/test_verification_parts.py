"""However a file is cut, its parts say together what one reader says of the whole."""

from __future__ import annotations

import hashlib
import io
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.checkers import checker_for
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.dialect import CsvDialect
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.parts.join import join
from aep_delivery.verification.parts.models import Part
from aep_delivery.verification.parts.parquet import ParquetParts
from aep_delivery.verification.parts.text import CsvParts, NdjsonParts

CSV_TOKENS = [b"a", b"b", b",", b'"', b'""', b"\n", b"\r\n", b"\r", b"\\", b'\\"', b"\xc3\xa9", b"\0", b"a,b\n"]
NDJSON_TOKENS = [b'{"a":1}\n', b'{"b":"x"}\n', b"\n", b"{", b"}", b"1\n", b'{"a":"\\n"}', b"\xff", b" ", b"\r\n"]
CHUNKS = st.sampled_from([1, 2, 3, 7, 1 << 20])


def in_parts(checker: Any, data: bytes, cuts: list[int], limits: Limits, *, counts_findings: bool = True) -> FileCheck:
    reader = MemoryReader()
    stored = reader.put("part-0", data)
    bounds = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    parts = [checker.check(stored, Part(start=a, end=b), reader, limits) for a, b in pairwise(bounds)]
    joined = join(stored, parts, limits, counts_findings=counts_findings)
    for part in joined.parts:
        assert part.sha256 == hashlib.sha256(data[part.start : part.end]).hexdigest()
    if joined.parts:
        assert joined.parts[0].start == 0
        assert joined.parts[-1].end == len(data)
        assert all(a.end == b.start for a, b in pairwise(joined.parts))
    return joined


def whole(file_type: Any, data: bytes, limits: Limits, **options: Any) -> FileCheck:
    reader = MemoryReader()
    return checker_for(file_type, "NONE", **options).check(reader.put("part-0", data), reader, limits)


def told(check: FileCheck) -> FileCheck:
    """All but what only says how it was read."""
    return check.model_copy(update={"sha256": None, "parts": (), "bytes_read": 0})


dialects = st.sampled_from(
    [
        CsvDialect(),
        CsvDialect(escape="\\"),
        CsvDialect(quote=""),
        CsvDialect(quote="'", delimiter=";", escape="\\"),
        CsvDialect(escape='"'),
    ]
)


@settings(max_examples=1500, deadline=None)
# Rows that wait behind a quote, and the header once more under another line end.
@example(b"a\n", [b"aaa\n", b'\\"\naa'], [10], CsvDialect(), 1 << 20, 1, 0)
@example(b"\xef\xbb\xbfa,b\r\n", [b"a,b\n", b"\n"], [1], CsvDialect(), 2, 1, 2)
@given(
    head=st.sampled_from([b"a,b\n", b"a\n", b'"a\n x",b\n', b"\xef\xbb\xbfa,b\r\n", b"", b'\xef\xbb\xbf"a\n",b\n']),
    tokens=st.lists(st.sampled_from(CSV_TOKENS), min_size=1, max_size=60),
    cuts=st.lists(st.integers(1, 90), max_size=6),
    dialect=dialects,
    chunk=CHUNKS,
    findings=st.sampled_from([1, 3, 20]),
    counted=st.sampled_from([0, 2, 100_000]),
)
def test_a_csv_file_in_parts_is_judged_as_the_whole(  # noqa: PLR0917 - what is drawn
    head: bytes, tokens: list[bytes], cuts: list[int], dialect: CsvDialect, chunk: int, findings: int, counted: int
) -> None:
    data = head + b"".join(tokens)
    limits = Limits(chunk_bytes=chunk, max_findings=findings, max_counted_findings=counted)
    expected = whole("CSV", data, limits, dialect=dialect)
    assert told(in_parts(CsvParts(dialect=dialect), data, cuts, limits)) == told(expected)


@settings(max_examples=800, deadline=None)
@given(
    tokens=st.lists(st.sampled_from(NDJSON_TOKENS), min_size=1, max_size=60),
    cuts=st.lists(st.integers(1, 200), max_size=6),
    chunk=CHUNKS,
    findings=st.sampled_from([1, 3, 20]),
    counted=st.sampled_from([0, 2, 100_000]),
)
def test_an_ndjson_file_in_parts_is_judged_as_the_whole(
    tokens: list[bytes], cuts: list[int], chunk: int, findings: int, counted: int
) -> None:
    data = b"".join(tokens)
    limits = Limits(chunk_bytes=chunk, max_findings=findings, max_counted_findings=counted)
    expected = whole("JSON", data, limits)
    parted = in_parts(NdjsonParts(), data, cuts, limits)
    if any(finding.code == "file.too-many-findings" for finding in expected.findings):
        # Which rows were still looked at for columns depends on the pieces that a file comes in.
        parted = parted.model_copy(update={"columns": expected.columns})
    assert told(parted) == told(expected)


def table_in_parquet(codec: Any, *, checksums: bool) -> bytes:
    target = io.BytesIO()
    table = pa.table(
        {"id": range(40), "name": [f"n{n}" for n in range(40)], "tags": [["a"] * (n % 3) for n in range(40)]}
    )
    parquet.write_table(table, target, row_group_size=9, compression=codec, write_page_checksum=checksums)
    return target.getvalue()


FILES = [table_in_parquet(codec, checksums=sums) for codec in ("gzip", "none", "snappy") for sums in (True, False)]


@settings(max_examples=400, deadline=None)
@given(
    data=st.sampled_from(FILES),
    cuts=st.lists(st.integers(1, max(map(len, FILES))), max_size=6),
    flips=st.lists(st.tuples(st.integers(0, max(map(len, FILES))), st.integers(1, 255)), max_size=4),
    findings=st.sampled_from([1, 3, 20]),
)
def test_a_parquet_file_in_parts_is_judged_as_the_whole(
    data: bytes, cuts: list[int], flips: list[tuple[int, int]], findings: int
) -> None:
    damaged = bytearray(data)
    for at, mask in flips:
        damaged[at % len(data)] ^= mask
    limits = Limits(chunk_bytes=64, max_findings=findings)
    expected = whole("PARQUET", bytes(damaged), limits)
    parted = in_parts(ParquetParts(1 << 40), bytes(damaged), cuts, limits, counts_findings=False)
    assert told(parted) == told(expected)


@pytest.mark.parametrize("length", [300_000, 399_998, 399_999, 400_000, 400_001, 500_000, 700_000])
@pytest.mark.parametrize("cut", [1, 10, 300_000, 400_050, 600_000])
def test_a_row_is_too_long_wherever_it_is_cut(length: int, cut: int) -> None:
    limits = Limits(max_line_bytes=400_000)
    bodies: list[tuple[str, Any, bytes]] = [
        ("CSV", CsvParts(), b"a,b\n1,2\n" + b'"' + b"\n" * length + b'",2\n3,4\n'),
        ("CSV", CsvParts(), b"a,b\n1,2\n" + b"x" * length + b",2\n3,4\n"),
        ("JSON", NdjsonParts(), b'{"a":1}\n{"a":"' + b"x" * length + b'"}\n{"a":2}\n'),
    ]
    for kind, parts, data in bodies:
        expected = whole(kind, data, limits)
        assert told(in_parts(parts, data, [cut, cut + 100_000], limits)) == told(expected)
