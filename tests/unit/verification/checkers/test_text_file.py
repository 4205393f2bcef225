from __future__ import annotations

import gzip
import hashlib

import pytest

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.checkers import checker_for
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits

NOISE = hashlib.shake_256(b"noise").hexdigest(400_000).encode()
"""What hardly packs, so that small files stay large in gzip."""
JSON = b"".join(b'{"id":%d,"name":"%s"}\n' % (number, NOISE[number * 60 :][:60]) for number in range(6000))
CSV = b"id,name\n" + b"".join(b"%d,%s\n" % (number, NOISE[number * 60 :][:60]) for number in range(6000))


class CountingReader(MemoryReader):
    """Knows how much was asked of it."""

    asked = 0

    def read_range(self, key: str, start: int, length: int, *, etag: str) -> bytes:
        self.asked += length
        return super().read_range(key, start, length, etag=etag)

    def stream(self, key: str, *, etag: str, chunk_size: int = 1 << 20):
        raise AssertionError(key)


def structure(data: bytes, file_type: str = "JSON", compression: str = "NONE") -> FileCheck:
    reader = CountingReader()
    checker = checker_for(file_type, compression, level=Level.STRUCTURE)  # type: ignore[arg-type]
    result = checker.check(reader.put("part-0", data), reader, Limits())
    assert result.bytes_read == reader.asked == 128 * 1024
    return result


@pytest.mark.parametrize(("file_type", "data"), [("JSON", JSON), ("CSV", CSV)])
@pytest.mark.parametrize("compression", ["NONE", "GZIP"])
def test_both_ends_of_a_sound_file(file_type: str, data: bytes, compression: str) -> None:
    result = structure(gzip.compress(data) if compression == "GZIP" else data, file_type, compression)
    assert (result.findings, result.rows, result.sha256, result.level) == ((), None, None, Level.STRUCTURE)
    assert [column.name for column in result.columns or ()] == ["id", "name"]


@pytest.mark.parametrize(
    ("file_type", "compression", "data", "code"),
    [
        ("JSON", "NONE", JSON[:-20], "json.invalid"),
        ("JSON", "NONE", JSON + b"\n", "json.blank-line"),
        ("JSON", "NONE", b"[]\n" + JSON, "json.not-an-object"),
        ("CSV", "NONE", CSV + b"6000", "csv.ragged-row"),
        ("CSV", "NONE", CSV + b"\n", "csv.blank-line"),
        ("CSV", "NONE", CSV + b"\0\0,\0\n", "csv.nul"),
        ("CSV", "GZIP", gzip.compress(b"id,name\n1\n" + CSV[8:]), "csv.ragged-row"),
        ("JSON", "GZIP", JSON, "file.not-gzip"),
        ("JSON", "GZIP", gzip.compress(JSON)[:-500] + b"\0" * 500, "file.truncated"),
        ("JSON", "GZIP", gzip.compress(JSON)[:-1] + b"\xff", "gzip.checksum"),
    ],
)
def test_damage_at_an_end_is_found(file_type: str, compression: str, data: bytes, code: str) -> None:
    assert [finding.code for finding in structure(data, file_type, compression).findings] == [code]


def test_an_empty_last_member_ends_in_zeros_and_is_sound() -> None:
    for level in (0, 6):
        assert structure(gzip.compress(JSON) + gzip.compress(b"", level), "JSON", "GZIP").findings == ()


def test_what_lies_between_the_ends_is_not_claimed() -> None:
    damaged = bytearray(gzip.compress(JSON))
    damaged[len(damaged) // 2] ^= 1
    assert structure(bytes(damaged), "JSON", "GZIP").findings == ()


def test_a_file_without_a_middle_is_read_to_its_end() -> None:
    reader = MemoryReader()
    checker = checker_for("JSON", "NONE", level=Level.STRUCTURE)
    result = checker.check(reader.put("part-0", JSON[:1000]), reader, Limits())
    assert result.level is Level.CONTENT
    assert [finding.code for finding in result.findings] == ["json.invalid"]


def test_a_last_row_longer_than_the_look_is_left_alone() -> None:
    assert structure(JSON + b'{"a":"' + b"x" * 100_000 + b'"}\n').findings == ()
    assert structure(CSV + b'1,"' + b"x,\n" * 50_000 + b'"\n', "CSV").findings == ()
