from __future__ import annotations

import hashlib
import struct
import zipfile

import pytest

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.checkers import checker_for
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.report import Severity
from tests.corpus.csv_cases import ROWS
from tests.corpus.zip_cases import PLAIN, TWO, archive, patched

CANARY = "canary-of-a-name"


def check(data: bytes, level: Level = Level.CONTENT, limits: Limits | None = None) -> FileCheck:
    reader = MemoryReader()
    return checker_for("CSV", "ZIP", level=level).check(reader.put("out.zip", data), reader, limits or Limits())


def codes(result: FileCheck) -> list[str]:
    return [finding.code for finding in result.findings]


@pytest.mark.parametrize("chunk", [1, 50, 1 << 20])
def test_a_sound_archive_is_described(chunk: int) -> None:
    result = check(TWO, limits=Limits(chunk_bytes=chunk))
    assert (result.findings, result.rows, result.checksummed) == ((), 200, True)
    assert (result.sha256, result.bytes_read) == (hashlib.sha256(TWO).hexdigest(), len(TWO))
    assert [column.name for column in result.columns or ()] == ["id", "name", "city"]


def test_the_structure_is_the_directory() -> None:
    begin = PLAIN.index(b"PK\x01\x02")
    damaged = patched(PLAIN, begin - 40, b"\xff" * 10)
    assert codes(check(damaged)) != []
    assert check(damaged, Level.STRUCTURE) == FileCheck(rows=None, sha256=None, level=Level.STRUCTURE)
    assert codes(check(PLAIN[:-1], Level.STRUCTURE)) == ["file.truncated"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_any_changed_byte_of_a_members_data_is_found(method: int) -> None:
    data = archive(("part.csv", ROWS), method=method)
    begin, end = 30 + len("part.csv"), data.index(b"PK\x01\x02")
    for position in range(begin, end, 7):
        assert codes(check(patched(data, position, bytes([data[position] ^ 1])))), position


def test_a_cut_anywhere_is_found() -> None:
    for size in range(0, len(TWO), 11):
        assert codes(check(TWO[:size])), size


def test_bytes_of_no_member_are_odd_and_a_member_that_is_not_listed_is_damage() -> None:
    begin = PLAIN.index(b"PK\x01\x02")
    end = PLAIN.rindex(b"PK\x05\x06")
    for gap, severity, code in (
        (b"unknown bytes", Severity.WARNING, "zip.unlisted-bytes"),
        (PLAIN[:begin], Severity.ERROR, "zip.unlisted-member"),
    ):
        moved = struct.pack("<L", begin + len(gap))
        data = PLAIN[:begin] + gap + PLAIN[begin : end + 16] + moved + PLAIN[end + 20 :]
        result = check(data)
        assert [(finding.code, finding.severity) for finding in result.findings] == [(code, severity)]


def test_no_name_reaches_a_finding() -> None:
    for name in (f"../{CANARY}.csv", f"/{CANARY}.csv"):
        result = check(archive((name, ROWS)))
        assert result.findings
        assert CANARY not in result.model_dump_json()


def test_a_directory_of_too_many_bytes_is_not_read() -> None:
    assert codes(check(TWO, limits=Limits(max_footer_bytes=50))) == ["zip.directory"]
