from __future__ import annotations

import hashlib
import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.storage.reader import ObjectChangedError
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.checkers.parquet import ParquetChecker
from aep_delivery.verification.limits import Limits

ROWS = 4000
TABLE = pa.table(
    {
        "id": pa.array(range(ROWS), pa.int64()),
        "word": [f"word {number % 37}" for number in range(ROWS)],
        "tags": [None if number % 5 == 0 else [number] * (number % 4) for number in range(ROWS)],
        "person": [{"name": {"first": "canary-of-a-row"}, "ages": [{"y": number}]} for number in range(ROWS)],
        "nothing": pa.nulls(ROWS, pa.int32()),
        "map": pa.array([[("k", number)] for number in range(ROWS)], pa.map_(pa.string(), pa.int64())),
    }
)


def written(table: pa.Table = TABLE, **options: Any) -> bytes:
    buffer = io.BytesIO()
    options = {"compression": "gzip", "row_group_size": 1500, "data_page_size": 2048, **options}
    pq.write_table(table, buffer, **options)
    return buffer.getvalue()


def check(data: bytes, limits: Limits | None = None) -> FileCheck:
    reader = MemoryReader()
    return ParquetChecker().check(reader.put("part-0.parquet", data), reader, limits or Limits())


def codes(result: FileCheck) -> list[str]:
    return [finding.code for finding in result.findings]


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "brotli", "zstd", "lz4"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False])
@pytest.mark.parametrize("crc", [True, False])
def test_sound_files_of_every_codec_and_page_version(*, codec: str, version: str, dictionary: bool, crc: bool) -> None:
    data = written(compression=codec, data_page_version=version, use_dictionary=dictionary, write_page_checksum=crc)
    result = check(data, Limits(chunk_bytes=5000))
    assert codes(result) == []
    assert (result.rows, result.sha256) == (ROWS, hashlib.sha256(data).hexdigest())
    # A gzip page of version 1 is covered by gzip's own checksum, levels and all.
    assert result.checksummed is (crc or (codec == "gzip" and version == "1.0"))


@pytest.mark.parametrize("table", [TABLE.slice(0, 0), pa.table({}), TABLE.slice(0, 1), pa.table({"a": [[]]})])
def test_small_and_empty_tables_are_sound(table: pa.Table) -> None:
    result = check(written(table))
    assert (codes(result), result.rows) == ([], table.num_rows)


def test_a_footer_longer_than_the_first_look() -> None:
    data = written(TABLE.replace_schema_metadata({"long": "x" * 200_000}))
    assert check(data).rows == ROWS


def test_indexes_and_bloom_filters_between_the_data_are_no_damage() -> None:
    assert codes(check(written(write_page_index=True))) == []


def test_damage_of_the_frame() -> None:
    data = written()
    assert codes(check(b"")) == ["file.empty"]
    assert codes(check(b"PAR1")) == codes(check(b"PA")) == ["file.truncated"]
    assert codes(check(b"PAR1PAR1PAR1")) == ["parquet.footer"]
    assert codes(check(b"{}\n" * 10)) == ["file.not-parquet"]
    assert codes(check(b"PARX" + data[4:])) == ["file.not-parquet"]
    assert codes(check(data[:-1])) == ["file.truncated"]
    assert codes(check(data[:-4] + b"PARE")) == ["parquet.encrypted"]
    assert codes(check(data + b"\n")) == ["file.truncated"]
    assert codes(check(data[:-8] + b"\xff\xff\xff\x7fPAR1")) == ["parquet.footer"]
    assert codes(check(data[:-8] + (5).to_bytes(4, "little") + b"PAR1")) == ["parquet.footer"]


def test_a_file_with_its_middle_missing() -> None:
    data = written()
    assert codes(check(data[:1000] + data[5000:])) != []


def column(data: bytes, name: str, row_group: int = 0) -> Any:
    group = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(row_group)
    return next(group.column(index) for index in range(group.num_columns) if group.column(index).path_in_schema == name)


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 0xFF]) + data[position + 1 :]


def test_a_damaged_page_is_named_and_other_columns_are_still_read() -> None:
    data = written(write_page_checksum=True)
    chunk = column(data, "word", row_group=1)
    broken = flipped(data, chunk.dictionary_page_offset + 60)
    [finding] = check(broken).findings
    assert finding.code == "parquet.page-checksum"
    assert finding.where == "row group 1, column word, page 0"
    other = column(data, "id", row_group=2)
    assert len(check(flipped(broken, other.data_page_offset + other.total_compressed_size // 2)).findings) == 2


def test_a_damaged_gzip_page_without_checksum() -> None:
    data = written(use_dictionary=False)
    chunk = column(data, "id")
    [finding] = check(flipped(data, chunk.data_page_offset + chunk.total_compressed_size - 6)).findings
    assert finding.code == "parquet.page-damaged"
    assert str(finding.where).startswith("row group 0, column id, page ")


@pytest.mark.parametrize("codec", ["snappy", "brotli", "zstd", "lz4"])
def test_a_page_that_cannot_be_inflated(codec: str) -> None:
    data = written(compression=codec, use_dictionary=False)
    chunk = column(data, "word")
    middle = chunk.data_page_offset + 60
    result = check(data[:middle] + bytes(200) + data[middle + 200 :])
    assert codes(result)[0] in {"parquet.page-damaged", "parquet.page-length", "parquet.page-header"}


def test_a_broken_page_header() -> None:
    data = written()
    chunk = column(data, "id")
    assert codes(check(flipped(data, chunk.dictionary_page_offset))) == ["parquet.page-header"]


def test_pages_above_the_cap_end_in_a_finding_but_gzip_pages_stream() -> None:
    limits = Limits(max_page_bytes=1000)
    assert set(codes(check(written(compression="snappy"), limits))) == {"parquet.page-too-large"}
    assert codes(check(written(), limits)) == []


def test_footers_above_the_caps_end_in_a_finding() -> None:
    assert codes(check(written(), Limits(max_footer_bytes=100))) == ["parquet.footer"]
    assert codes(check(written(), Limits(max_footer_values=100))) == ["parquet.footer"]


def test_findings_are_capped() -> None:
    result = check(written(compression="snappy"), Limits(max_page_bytes=1000, max_findings=2))
    assert len(result.findings) == 2


def test_no_content_reaches_a_finding_or_the_result() -> None:
    data = written(use_dictionary=False)
    chunk = column(data, "person.name.first")
    result = check(flipped(data, chunk.data_page_offset + 80))
    assert result.findings
    assert "canary" not in result.model_dump_json()


def test_a_file_that_changes_raises() -> None:
    reader = MemoryReader()
    before = reader.put("k", written())
    reader.alter("k", b"PAR1")
    with pytest.raises(ObjectChangedError):
        ParquetChecker().check(before, reader, Limits())
