"""Keys of Parquet files, as pyarrow writes them."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.expectation import Expectation, ExpectedDataset
from aep_delivery.verification.key_pages import keys_of_parquet
from aep_delivery.verification.key_rows import count_keys
from aep_delivery.verification.keys import KeyCount, KeysUnreadableError
from aep_delivery.verification.limits import Limits

EXPECTED = Expectation(
    location="s3://b",
    datasets=(ExpectedDataset(id="d", name="D"),),
    file_type="PARQUET",
    compression="GZIP",
    key_columns=("email",),
)


def parquet(table: pa.Table, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    return buffer.getvalue()


def keys(data: bytes, *columns: str) -> list[tuple[str, ...]]:
    reader = MemoryReader()
    return list(keys_of_parquet(reader.put("k", data), columns, reader, Limits(chunk_bytes=1000)))


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.tuples(st.one_of(st.none(), st.text(max_size=6)), st.integers(-(2**63), 2**63 - 1)), max_size=60),
    codec=st.sampled_from(["gzip", "snappy", "zstd", "none"]),
    version=st.sampled_from(["1.0", "2.0"]),
    dictionary=st.booleans(),
    group=st.integers(1, 50),
)
def test_the_values_are_those_that_were_written(
    rows: list[tuple[str | None, int]], codec: str, version: str, dictionary: bool, group: int
) -> None:
    schema = pa.schema([pa.field("email", pa.string()), pa.field("id", pa.int64(), nullable=False)])
    table = pa.table([[row[0] for row in rows], [row[1] for row in rows]], schema=schema)
    data = parquet(table, compression=codec, data_page_version=version, use_dictionary=dictionary, row_group_size=group)
    assert keys(data, "id", "email") == [(str(number), text or "") for text, number in rows]


def test_columns_of_many_pages_and_the_turn_from_dictionary_to_plain() -> None:
    emails = [f"person{number}@example.com" for number in range(20_000)]
    data = parquet(pa.table({"email": emails}), data_page_size=5000, dictionary_pagesize_limit=20_000)
    assert keys(data, "email") == [(email,) for email in emails]


def test_a_column_in_groups_that_may_be_missing() -> None:
    people = [{"mail": {"address": "a"}}, {"mail": None}, None, {"mail": {"address": None}}, {"mail": {"address": "b"}}]
    data = parquet(pa.table({"person": people}), compression="gzip")
    assert keys(data, "person.mail.address") == [("a",), ("",), ("",), ("",), ("b",)]


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"other": ["a"]}),
        pa.table({"email": [["a"]]}),
        pa.table({"email": [1.5]}),
        pa.table({"email": [b"\xff\xfe"]}),
    ],
)
def test_what_is_not_read_is_said(table: pa.Table) -> None:
    with pytest.raises(KeysUnreadableError):
        keys(parquet(table), "email")


@pytest.mark.parametrize("options", [{"compression": "brotli"}, {"column_encoding": "DELTA_BYTE_ARRAY"}])
def test_so_are_other_codecs_and_encodings(options: dict[str, str]) -> None:
    with pytest.raises(KeysUnreadableError):
        keys(parquet(pa.table({"email": ["a", "b"]}), use_dictionary=False, **options), "email")


def test_keys_are_counted_over_all_files() -> None:
    reader = MemoryReader()
    files = [
        reader.put("1", parquet(pa.table({"email": ["a", "b", None]}), compression="gzip")),
        reader.put("2", parquet(pa.table({"email": ["c", "a", None]}), compression="gzip")),
        reader.put("3", parquet(pa.table({"other": ["c"]}))),
    ]
    assert count_keys(files, EXPECTED, reader, Limits()) == KeyCount(rows=4, duplicates=1, unread=1)


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_damage_ends_in_an_error_of_ours_whatever_it_is(data: st.DataObject) -> None:
    table = pa.table({"email": [f"p{number}" for number in range(40)]})
    content = bytearray(parquet(table, compression="none", use_dictionary=data.draw(st.booleans())))
    content[data.draw(st.integers(4, len(content) - 9))] ^= data.draw(st.integers(1, 255))
    reader = MemoryReader()
    found = count_keys([reader.put("k", bytes(content))], EXPECTED, reader, Limits())
    assert found.unread == 1 or found.rows <= 40 * 256
