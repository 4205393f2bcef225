from __future__ import annotations

import gzip
import hashlib
import zlib

import pytest

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.storage.reader import ObjectChangedError, StoredObject
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.checkers.ndjson import NdjsonChecker
from aep_delivery.verification.limits import Limits

ROWS = b'{"city":"new york","country":"usa"}\n{"city":"k\xc3\xb6ln","country":"\xf0\x9f\x87\xa9"}\n'
CANARY = "canary-of-a-row"


def check(data: bytes, *, gz: bool = False, limits: Limits | None = None) -> FileCheck:
    reader = MemoryReader()
    stored = reader.put("part-0", data)
    return NdjsonChecker(gzip=gz).check(stored, reader, limits or Limits())


def codes(result: FileCheck) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.where) for finding in result.findings]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (ROWS, 2),
        (ROWS.removesuffix(b"\n"), 2),
        (ROWS.replace(b"\n", b"\r\n"), 2),
        (b"{}\n", 1),
        (b' {"a" : [ 1 , {"b":null} ] }\t\n', 1),
        (b'{"a":1e999,"b":123456789012345678901234567890,"c":-0.0,"d":1E-400}\n', 1),
        (b'{"a":1,"a":2}\n', 1),
        (b'{"a":"\\ud83d\\ude00 \\u0000 \\/"}\n', 1),
        (b'{"":""}\n', 1),
        (b'{"a":"\x7f\xe2\x80\xa8"}\n', 1),
        (b'{"a":' + b"[" * 100 + b"]" * 100 + b"}\n", 1),
        (b'{"a":"' + b"x" * 3_000_000 + b'"}\n' + b'{"b":1}\n' * 3, 4),
    ],
)
def test_sound_rows_are_counted(data: bytes, rows: int) -> None:
    result = check(data)
    assert codes(result) == []
    assert (result.rows, result.sha256, result.checksummed) == (rows, hashlib.sha256(data).hexdigest(), False)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", "json.blank-line"),
        (b" \r", "json.blank-line"),
        (b"[1]", "json.not-an-object"),
        (b"null", "json.not-an-object"),
        (b'"text"', "json.not-an-object"),
        (b'{"a":NaN}', "json.invalid"),
        (b'{"a":Infinity}', "json.invalid"),
        (b'{"a":"\\ud800"}', "json.invalid"),
        (b'{"a":"\\ud800 and more text behind it"}', "json.invalid"),
        (b'{"a":["\\udc00 and more text behind it"]}', "json.invalid"),
        (b'{"a":1}{"b":2}', "json.invalid"),
        (b'{"a":1},{"b":2}', "json.invalid"),
        (b'{"a":1', "json.invalid"),
        (b'{"a":1,}', "json.invalid"),
        (b"{'a':1}", "json.invalid"),
        (b'{"a":01}', "json.invalid"),
        (b'{"a":"tab\there"}', "json.invalid"),
        (b'{"a":"\\x41"}', "json.invalid"),
        (b'{"a":1}\x00', "json.invalid"),
        (b'\xef\xbb\xbf{"a":1}', "json.invalid"),
        (b'{"a":"\xff"}', "json.not-utf8"),
        (b'{"a":"\xed\xa0\x80"}', "json.not-utf8"),
        (b'{"\xc3(":1}', "json.not-utf8"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "json.too-deep"),
    ],
)
def test_a_broken_row_is_named_by_its_number(line: bytes, code: str) -> None:
    result = check(ROWS + line + b"\n" + ROWS)
    assert codes(result) == [(code, "row 3")]
    assert result.rows == (4 if code == "json.blank-line" else 5)


def test_an_object_over_two_lines_is_two_broken_rows() -> None:
    assert codes(check(b'{"a":1,\n"b":2}\n')) == [("json.invalid", "row 1"), ("json.invalid", "row 2")]


def test_rows_are_numbered_across_chunks() -> None:
    data = ROWS * 50 + b"{\n" + ROWS * 50
    assert codes(check(data, limits=Limits(chunk_bytes=7))) == [("json.invalid", "row 101")]


def test_a_cut_last_row_is_found() -> None:
    assert codes(check(ROWS[:-9])) == [("json.invalid", "row 2")]


def test_an_empty_file_is_a_finding() -> None:
    assert codes(check(b"")) == codes(check(b"", gz=True)) == [("file.empty", None)]


def test_gzip_of_nothing_is_sound() -> None:
    result = check(gzip.compress(b""), gz=True)
    assert (codes(result), result.rows) == ([], 0)


def test_findings_are_capped_and_counted() -> None:
    result = check(b"[]\n" * 30, limits=Limits(max_findings=3))
    assert [finding.code for finding in result.findings] == ["json.not-an-object"] * 3 + ["file.more-findings"]
    assert "27" in result.findings[-1].message
    assert result.rows == 30


def test_a_line_without_end_is_not_held() -> None:
    limits = Limits(chunk_bytes=1000, max_line_bytes=5000)
    assert codes(check(ROWS + b'{"a":"' + b"x" * 6000, limits=limits)) == [("json.line-too-long", "row 3")]
    assert codes(check(b'{"a":"' + b"x" * 4000 + b'"}\n' + ROWS, limits=limits)) == []


def test_gzip_members_are_read_to_the_last() -> None:
    data = gzip.compress(ROWS) + gzip.compress(b"") + gzip.compress(ROWS[:20]) + gzip.compress(ROWS[20:])
    result = check(data, gz=True)
    assert (codes(result), result.rows, result.checksummed) == ([], 4, True)
    assert result.sha256 == hashlib.sha256(data).hexdigest()


SOUND = gzip.compress(ROWS, mtime=0)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (ROWS, "file.not-gzip"),
        (b"\x1f\x8b\x07" + SOUND[3:], "file.not-gzip"),
        (SOUND[:3] + b"\x20" + SOUND[4:], "gzip.invalid"),
        (SOUND[:2], "file.truncated"),
        (SOUND[:5], "file.truncated"),
        (SOUND[:-9], "file.truncated"),
        (SOUND[:-8], "file.truncated"),
        (SOUND[:-1], "file.truncated"),
        (SOUND + SOUND[:-1], "file.truncated"),
        (SOUND + SOUND[:2], "file.truncated"),
        (SOUND[:-8] + b"\0\0\0\0" + SOUND[-4:], "gzip.checksum"),
        (SOUND[:-4] + (len(ROWS) + 1).to_bytes(4, "little"), "gzip.checksum"),
        (SOUND[:10] + b"\xff" + SOUND[11:], "gzip.invalid"),
        (SOUND + b"\0", "gzip.trailing-garbage"),
        (SOUND + b"garbage", "gzip.trailing-garbage"),
        (SOUND + b"\x1f", "file.truncated"),
        (zlib.compress(ROWS), "file.not-gzip"),
    ],
)
@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_gzip_damage_is_found_in_chunks_of_any_size(data: bytes, code: str, chunk: int) -> None:
    result = check(data, gz=True, limits=Limits(chunk_bytes=chunk))
    assert result.findings[-1].code == code
    assert (result.rows, result.sha256) == (None, None)


def test_a_cut_gzip_says_where_and_no_half_row_is_blamed() -> None:
    assert codes(check(SOUND[:-12], gz=True)) == [("file.truncated", f"byte {len(SOUND) - 12}")]


def test_a_bomb_ends_in_a_finding() -> None:
    bomb = gzip.compress(b"{}\n" * 400_000)
    limits = Limits(max_ratio=100, ratio_floor_bytes=200_000, chunk_bytes=1000)
    assert [code for code, _ in codes(check(bomb, gz=True, limits=limits))] == ["file.ratio-exceeded"]
    assert [code for code, _ in codes(check(gzip.compress(b" " * 40_000_000), gz=True))] == ["json.line-too-long"]


def test_no_content_reaches_a_finding() -> None:
    for line in (f'{{"a":"{CANARY}"', f'["{CANARY}"]', f"{CANARY}", f'{{"{CANARY}":"\\ud800"}}'):
        result = check(line.encode())
        assert result.findings
        assert CANARY not in result.model_dump_json()


def test_a_file_that_changes_raises() -> None:
    reader = MemoryReader()
    before: StoredObject = reader.put("k", ROWS)
    reader.alter("k", b"{}")
    with pytest.raises(ObjectChangedError):
        NdjsonChecker(gzip=False).check(before, reader, Limits())
