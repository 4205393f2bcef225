"""Keys of CSV are read by the grammar that the rows were judged by."""

from __future__ import annotations

import pytest

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.dialect import CsvDialect
from aep_delivery.verification.expectation import Expectation, ExpectedAudience
from aep_delivery.verification.key_rows import count_keys, keys_of
from aep_delivery.verification.keys import Key
from aep_delivery.verification.limits import Limits

BACKSLASH, APOSTROPHE = CsvDialect(escape="\\"), CsvDialect(escape="'")


def expectation(dialect: CsvDialect) -> Expectation:
    return Expectation(
        location="sftp:",
        audiences=(ExpectedAudience(id="a", name="A"),),
        file_type="CSV",
        compression="NONE",
        dialect=dialect,
        key_columns=("key",),
    )


def keys(content: str, dialect: CsvDialect = BACKSLASH) -> list[Key]:
    reader = MemoryReader()
    stored = reader.put("A.csv", f"key,note\n{content}".encode())
    return list(keys_of(stored, expectation(dialect), reader, Limits()))


@pytest.mark.parametrize(
    "content",
    [
        "a,C:\\dir\\\nb,D:\\\n",
        'a,"say \\"hi\\"\nb"\nb,\\\n',
        'a,"\\\\"\nb,"\\\\\\""\n',
        'a,"""\\n"\nb,"x"\n',
        'a,\\\nb,"two\nlines, and a \\" quote"\n',
        'a,"two\r\nlines \\\\"\r\nb,""\r\n',
    ],
)
def test_a_backslash_escapes_inside_of_quotes_alone(content: str) -> None:
    assert keys(content) == [("a",), ("b",)]


def test_keys_themselves_are_taken_as_they_are() -> None:
    assert keys('"a\\"b",1\n"c\\\\",2\nd\\,3\n') == [('a"b',), ("c\\",), ("d\\",)]
    assert keys("O'Neil,1\nONeil,2\n", APOSTROPHE) == [("O'Neil",), ("ONeil",)]
    assert keys('"say \'"hi\'"",1\n"it\'\'s",2\n', APOSTROPHE) == [('say "hi"',), ("it's",)]


def test_without_quotes_nothing_is_escaped() -> None:
    assert keys('a\\,1\n"b,2\n', CsvDialect(quote="", escape="\\")) == [("a\\",), ('"b',)]
    assert keys("\0a,b\0,1\nc,2\n", CsvDialect(quote="", escape="\\")) == [("a,b",), ("c",)]


@pytest.mark.parametrize("dialect", [CsvDialect(), CsvDialect(escape='"')])
def test_doubled_quotes_need_no_escape(dialect: CsvDialect) -> None:
    assert keys('"a""b",1\n"c\\",2\n', dialect) == [('a"b',), ("c\\",)]


def test_rows_that_only_end_in_a_backslash_have_no_key_twice() -> None:
    rows = "".join(f'{number},\\\n{number + 1000},"two\nlines"\n' for number in range(100))
    reader = MemoryReader()
    stored = reader.put("A.csv", f"key,note\n{rows}".encode())
    count = count_keys([stored], expectation(BACKSLASH), reader, Limits())
    assert (count.duplicates, count.unread) == (0, 0)
