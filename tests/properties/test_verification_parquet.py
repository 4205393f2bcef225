"""Promises of the Parquet checker, over files that pyarrow writes."""

from __future__ import annotations

import io
from functools import cache
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.checkers.parquet import ParquetChecker
from aep_delivery.verification.checkers.parquet_footer import read_footer
from aep_delivery.verification.checkers.thrift import CompactReader, ThriftError
from aep_delivery.verification.limits import Limits

Codec = Literal["none", "snappy", "gzip", "brotli", "zstd", "lz4"]
Version = Literal["1.0", "2.0"]
VERSIONS: list[Version] = ["1.0", "2.0"]
CODECS: list[Codec] = ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]

scalar_types = st.sampled_from(
    [pa.int32(), pa.int64(), pa.float64(), pa.bool_(), pa.string(), pa.binary(), pa.timestamp("ms"), pa.date32()]
)
types = st.recursive(
    scalar_types,
    lambda inner: (
        inner.map(pa.list_)
        | st.lists(inner, min_size=1, max_size=3).map(
            lambda kinds: pa.struct([(f"f{number}", kind) for number, kind in enumerate(kinds)])
        )
        | inner.map(lambda kind: pa.map_(pa.string(), kind))
    ),
    max_leaves=4,
)


def values(kind: Any) -> st.SearchStrategy[Any]:
    if pa.types.is_list(kind):
        some: st.SearchStrategy[Any] = st.lists(values(kind.value_type), max_size=3)
    elif pa.types.is_map(kind):
        some = st.dictionaries(st.text("ab", max_size=2), values(kind.item_type), max_size=2).map(
            lambda entries: list(entries.items())
        )
    elif pa.types.is_struct(kind):
        some = st.fixed_dictionaries({field.name: values(field.type) for field in kind.fields})
    elif pa.types.is_boolean(kind):
        some = st.booleans()
    elif pa.types.is_string(kind):
        some = st.text("abc", max_size=5)
    elif pa.types.is_binary(kind):
        some = st.binary(max_size=5)
    elif pa.types.is_floating(kind):
        some = st.floats()
    else:
        some = st.integers(0, 1000)
    return st.none() | some


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, int]:
    kinds = draw(st.lists(types, min_size=1, max_size=3))
    rows = draw(st.integers(0, 12))
    table = pa.table(
        {
            f"c{number}": pa.array(draw(st.lists(values(kind), min_size=rows, max_size=rows)), kind)
            for number, kind in enumerate(kinds)
        }
    )
    repeat = draw(st.sampled_from([1, 1, 50]))
    table = pa.concat_tables([table] * repeat).combine_chunks()
    buffer = io.BytesIO()
    pq.write_table(
        table,
        buffer,
        compression=draw(st.sampled_from(CODECS)),
        use_dictionary=draw(st.booleans()),
        data_page_version=draw(st.sampled_from(VERSIONS)),
        write_page_checksum=draw(st.booleans()),
        write_statistics=draw(st.booleans()),
        write_page_index=draw(st.booleans()),
        row_group_size=draw(st.sampled_from([7, 100, 10_000])),
        data_page_size=draw(st.sampled_from([16, 1000, 1_000_000])),
    )
    return buffer.getvalue(), table.num_rows


def check(data: bytes, chunk: int = 1 << 20) -> FileCheck:
    reader = MemoryReader()
    return ParquetChecker().check(reader.put("part-0", data), reader, Limits(chunk_bytes=chunk))


@settings(max_examples=80, deadline=None)
@given(files(), st.sampled_from([1, 50, 1 << 20]))
def test_what_pyarrow_writes_is_sound(drawn: tuple[bytes, int], chunk: int) -> None:
    data, rows = drawn
    result = check(data, chunk)
    assert (result.findings, result.rows) == ((), rows)


@cache
def sample(codec: Codec, version: Version, *, crc: bool) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    """A file and where the bodies of its pages lie."""
    table = pa.table(
        {
            "id": list(range(300)),
            "word": [f"word {number % 7}" for number in range(300)],
            "tags": [None if number % 5 == 0 else [str(number)] * (number % 3) for number in range(300)],
        }
    )
    buffer = io.BytesIO()
    pq.write_table(
        table,
        buffer,
        compression=codec,
        data_page_version=version,
        write_page_checksum=crc,
        row_group_size=120,
        data_page_size=256,
    )
    data = buffer.getvalue()
    length = int.from_bytes(data[-8:-4], "little")
    footer = read_footer(data[-8 - length : -8], len(data) - 8 - length, Limits())
    bodies = []
    for chunk in footer.chunks:
        position = chunk.start
        while position < chunk.start + chunk.length:
            reader = CompactReader(data[position:], max_values=1000)
            stored = reader.read_struct()[3]
            assert isinstance(stored, int)
            position += reader.position
            bodies.append((position, stored))
            position += stored
    return data, tuple(bodies)


def flip(data: bytes, position: int, mask: int) -> bytes:
    return data[:position] + bytes([data[position] ^ mask]) + data[position + 1 :]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CODECS), st.sampled_from(VERSIONS), st.integers(1, 255), st.data())
def test_any_flipped_byte_of_a_page_with_a_checksum_is_found(
    codec: Codec, version: Version, mask: int, data: st.DataObject
) -> None:
    whole, bodies = sample(codec, version, crc=True)
    start, length = data.draw(st.sampled_from([body for body in bodies if body[1]]))
    position = start + data.draw(st.integers(0, length - 1))
    assert [finding.code for finding in check(flip(whole, position, mask)).findings] == ["parquet.page-checksum"]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_flipped_byte_of_a_gzip_page_is_found_without_a_checksum(data: st.DataObject) -> None:
    whole, bodies = sample("gzip", "1.0", crc=False)
    start, length = data.draw(st.sampled_from(bodies))
    # The time and system in a gzip header have no effect, and the last byte before the trailer may be filled up.
    offset = data.draw(st.integers(0, length - 1).filter(lambda drawn: drawn not in range(3, 10)))
    [finding] = check(flip(whole, start + offset, 0xFF)).findings
    assert finding.code in {"parquet.page-damaged", "parquet.page-length"}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CODECS), st.data())
def test_a_cut_anywhere_is_found(codec: Codec, data: st.DataObject) -> None:
    whole, _ = sample(codec, "1.0", crc=False)
    assert check(whole[: data.draw(st.integers(0, len(whole) - 1))]).findings


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CODECS), st.data())
def test_bytes_that_are_lost_or_doubled_in_the_data_are_found(codec: Codec, data: st.DataObject) -> None:
    """Promised where checksums cover the pages: without them some pages inflate to the right length all the same."""
    whole, bodies = sample(codec, "1.0", crc=codec != "gzip")
    end = bodies[-1][0] + bodies[-1][1]
    position, size = data.draw(st.integers(4, end - 1)), data.draw(st.integers(1, 40))
    lost = whole[:position] + whole[position + size :]
    doubled = whole[: position + size] + whole[position:]
    for damaged in (lost, doubled):
        if damaged[:end] != whole[:end]:
            assert check(damaged).findings


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CODECS), st.integers(1, 255), st.data())
def test_whatever_is_flipped_ends_in_an_answer(codec: Codec, mask: int, data: st.DataObject) -> None:
    """Bytes nothing protects may pass, but none may crash the checker."""
    whole, _ = sample(codec, "2.0", crc=False)
    result = check(flip(whole, data.draw(st.integers(0, len(whole) - 1)), mask))
    assert result.findings or result.rows == 300


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_crash_the_thrift_reader(data: bytes) -> None:
    reader = CompactReader(data, max_values=1000)
    try:
        reader.read_struct()
    except ThriftError:
        return
    assert reader.position <= len(data)
