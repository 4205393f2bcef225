from __future__ import annotations

import gzip
import hashlib
import time

import pytest

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.storage.reader import ObjectChangedError
from aep_delivery.verification.checkers.base import Column, FileCheck
from aep_delivery.verification.checkers.csv_file import CsvChecker
from aep_delivery.verification.checkers.csv_grammar import MAX_FIELDS
from aep_delivery.verification.dialect import CsvDialect
from aep_delivery.verification.limits import Limits

CANARY = "canary-of-a-row"
ROWS = b"id,name\n" + b"".join(b"%d,person %d\n" % (number, number) for number in range(1, 51))


def check(data: bytes, *, gz: bool = False, limits: Limits | None = None, **options: object) -> FileCheck:
    reader = MemoryReader()
    return CsvChecker(gzip=gz, **options).check(reader.put("part-0", data), reader, limits or Limits())  # type: ignore[arg-type]


def codes(result: FileCheck) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.where) for finding in result.findings]


def test_a_sound_file_is_described() -> None:
    result = check(ROWS)
    assert (result.findings, result.rows, result.bytes_read) == ((), 50, len(ROWS))
    assert result.sha256 == hashlib.sha256(ROWS).hexdigest()
    assert result.columns == (Column(name="id"), Column(name="name"))
    assert result.checksummed is False
    assert check(gzip.compress(ROWS), gz=True).checksummed is True


def test_reading_goes_on_behind_every_broken_row() -> None:
    data = b'a,b\n1\n"x" y,2\n3,4\n5,6" nail\n\n7,8,9\n10,11\n'
    result = check(data)
    assert codes(result) == [
        ("csv.ragged-row", "row 1"),
        ("csv.text-after-quote", "row 2, column 1"),
        ("csv.quote-in-field", "row 4, column 2"),
        ("csv.blank-line", "row 5"),
        ("csv.ragged-row", "row 5"),
    ]
    assert result.rows == 6


def test_findings_are_capped_and_counted() -> None:
    result = check(b"a,b\n" + b"1\n" * 30, limits=Limits(max_findings=3))
    assert [finding.code for finding in result.findings] == ["csv.ragged-row"] * 3 + ["file.more-findings"]
    assert (result.rows, "27" in result.findings[-1].message) == (30, True)


@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_an_open_quote_waits_for_its_end_across_chunks(chunk: int) -> None:
    data = b'a,b\n1,"' + b"line\n" * 200 + b'"\n2,3\n'
    result = check(data, limits=Limits(chunk_bytes=chunk))
    assert (result.findings, result.rows) == ((), 2)


def test_a_quote_that_is_never_closed_is_not_held_for_ever() -> None:
    data = b'a,b\n1,"' + b"line\n" * 2000
    assert codes(check(data, limits=Limits(max_line_bytes=5000, chunk_bytes=500))) == [("csv.row-too-long", "row 1")]


def test_a_stray_quote_does_not_swallow_the_rest() -> None:
    data = b"a,b\n" + b"1,2\n" * 100_000 + b'3,4" nail\n' + b"5,6\n" * 100_000
    result = check(data)
    assert codes(result) == [("csv.quote-in-field", "row 100001, column 2")]
    assert result.rows == 200_001


def test_a_file_of_broken_rows_only_is_read_in_time() -> None:
    result = check(b"a,b\n" + b"1,2,3\n" * 100_000, limits=Limits(max_findings=1))
    assert result.rows == 100_000


def test_a_wide_file_of_quoted_fields() -> None:
    line = ",".join(f'"column {number}"' for number in range(2000)).encode() + b"\n"
    data = line + line.replace(b"column", b"value") * 3
    assert (check(data).findings, check(data).rows) == ((), 3)


def test_a_byte_order_mark_is_found_and_the_rest_is_read() -> None:
    result = check(b"\xef\xbb\xbf" + ROWS, limits=Limits(chunk_bytes=1))
    assert (codes(result), result.rows) == ([("csv.byte-order-mark", "byte 0")], 50)
    assert [column.name for column in result.columns or ()] == ["id", "name"]


def test_a_header_with_line_ends_in_its_quotes() -> None:
    result = check(b'"a\nb","c ""d"""\r\n1,2\r\n', limits=Limits(chunk_bytes=3))
    assert (result.findings, result.rows) == ((), 1)
    assert [column.name for column in result.columns or ()] == ["a\nb", 'c "d"']


def test_a_repeated_header_is_found_in_a_file_of_many_columns_only() -> None:
    assert codes(check(ROWS + ROWS)) == [("csv.header-repeated", "row 51")]
    assert codes(check(b"name\nname\nname\n")) == []


def test_names_of_a_first_row_that_is_data_do_not_become_columns() -> None:
    data = f"{CANARY},1\nx,2\n".encode()
    result = check(data, columns=["id", "name"])
    assert codes(result) == [("csv.header-missing", "header")]
    assert CANARY not in result.model_dump_json()


@pytest.mark.parametrize(
    "row", [f'"{CANARY}', f'1,"{CANARY}" x', f'{CANARY}" x,1', f"{CANARY}", f"{CANARY}\0,1", f"{CANARY}\r,1"]
)
def test_no_content_reaches_a_finding(row: str) -> None:
    result = check(b"a,b\n" + row.encode() + b"\n")
    assert result.findings
    assert CANARY not in result.model_dump_json()


def test_nul_stands_for_the_quote_where_that_is_empty() -> None:
    dialect = CsvDialect(quote="", escape="\\")
    assert codes(check(b'a,b\n\0x,y\0,5" nail\n', dialect=dialect)) == []
    assert codes(check(b"a,b\nx\0y,z\n", dialect=dialect)) == [("csv.quote-in-field", "row 1, column 1")]


def test_a_file_that_changes_raises() -> None:
    reader = MemoryReader()
    before = reader.put("k", ROWS)
    reader.alter("k", b"a,b\n")
    with pytest.raises(ObjectChangedError):
        CsvChecker(gzip=False).check(before, reader, Limits())


def test_a_row_of_too_many_fields_is_no_header() -> None:
    result = check(b",".join([b"a"] * (MAX_FIELDS + 1)) + b"\n1,2\n")
    assert codes(result) == [("csv.header-missing", "header")]
    assert result.columns is None


@pytest.mark.parametrize("value", [b"", b'"1"', b"1"])
def test_of_a_row_of_too_many_fields_not_each_is_looked_at(value: bytes) -> None:
    started = time.thread_time()
    result = check(b"a,b\n1,2\n" + b",".join([value] * 1_000_000) + b"\n3,4\n")
    assert time.thread_time() - started < 1
    assert codes(result) == [("csv.ragged-row", "row 2")]
    assert result.rows == 3


def test_a_row_may_have_as_many_fields_as_there_are_columns() -> None:
    row = b",".join(b"c%d" % number for number in range(MAX_FIELDS)) + b"\n"
    assert check(row + row.replace(b"c", b"")).findings == ()
