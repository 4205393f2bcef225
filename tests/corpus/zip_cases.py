"""Zip files of CSV, made by the standard library and by hand."""

from __future__ import annotations

import io
import struct
import zipfile

from tests.corpus.case import Case
from tests.corpus.csv_cases import HEADER, ROWS, with_row

WHEN = (2027, 1, 1, 0, 0, 0)


def archive(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as target:
        for name, content in members:
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = method
            target.writestr(info, content)
        target.comment = comment
    return buffer.getvalue()


class _Unseekable(io.BytesIO):
    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise OSError


def streamed(*, wide: bool = False) -> bytes:
    """As a writer makes it that cannot go back: checksum and sizes behind the data."""
    buffer = _Unseekable()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        info = zipfile.ZipInfo("part.csv", WHEN)
        info.compress_type = zipfile.ZIP_DEFLATED
        with target.open(info, "w", force_zip64=wide) as member:
            member.write(ROWS)
    return buffer.getvalue()


def wide() -> bytes:
    """With Zip64 sizes in the local header."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        info = zipfile.ZipInfo("part.csv", WHEN)
        info.compress_type = zipfile.ZIP_DEFLATED
        with target.open(info, "w", force_zip64=True) as member:
            member.write(ROWS)
    return buffer.getvalue()


def patched(data: bytes, position: int, new: bytes) -> bytes:
    return data[:position] + new + data[position + len(new) :]


def overlapping(members: int = 3) -> bytes:
    """Several entries for one and the same member: the way of bombs that need no nesting."""
    one = archive(("0.csv", ROWS))
    begin = one.index(b"PK\x01\x02")
    entry = one[begin : one.rindex(b"PK\x05\x06")]
    entries = b"".join(entry.replace(b"0.csv", b"%d.csv" % number) for number in range(members))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, members, members, len(entries), begin, 0)
    return one[:begin] + entries + end


PLAIN = archive(("part.csv", ROWS))
STORED = archive(("part.csv", ROWS), method=zipfile.ZIP_STORED)
TWO = archive(("a.csv", ROWS), ("b.csv", ROWS))
ENTRY = PLAIN.index(b"PK\x01\x02")
DATA = 30 + len("part.csv")


def case(name: str, data: bytes, rows: int | None = None, code: str | None = None, where: str | None = None) -> Case:
    return Case(f"csv-zip-{name}", "CSV", "ZIP", data, rows, code, where)


SOUND = [
    case("one", PLAIN, 100),
    case("stored", STORED, 100),
    case("two", TWO, 200),
    case("folder", archive(("out/", b""), ("out/part.csv", ROWS)), 100),
    case("comment", archive(("part.csv", ROWS), comment=b"made by a test"), 100),
    case("streamed", streamed(), 100),
    case("streamed-wide", streamed(wide=True), 100),
    case("wide", wide(), 100),
    case("header-only", archive(("part.csv", HEADER)), 0),
    case("dots-in-a-name", archive(("a..b.csv", ROWS)), 100),
]

DAMAGED = [
    case("empty-file", b"", None, "file.empty"),
    case("is-plain", ROWS, None, "file.not-zip", "byte 0"),
    case("cut", PLAIN[:-30], None, "file.truncated", f"byte {len(PLAIN) - 30}"),
    case("cut-in-the-end-record", PLAIN[:-1], None, "file.truncated", f"byte {len(PLAIN) - 1}"),
    case("cut-in-the-comment", archive(("a.csv", ROWS), comment=b"comment")[:-2], None, "file.truncated"),
    case("garbage-behind", PLAIN + b"garbage", None, "zip.trailing-garbage", f"byte {len(PLAIN)}"),
    case("garbage-in-front", b"PK\x03\x04" + PLAIN, None, "zip.directory", "directory"),
    case("flipped-byte", patched(PLAIN, DATA + 50, bytes([PLAIN[DATA + 50] ^ 0x10])), None, "zip."),
    case("flipped-stored-byte", patched(STORED, DATA + 50, b"~"), None, "zip.checksum", "member 1"),
    case("wrong-checksum", patched(patched(PLAIN, 14, b"abcd"), ENTRY + 16, b"abcd"), None, "zip.checksum", "member 1"),
    case("headers-disagree", patched(PLAIN, 14, b"abcd"), None, "zip.local-header", "member 1"),
    case("names-disagree", patched(PLAIN, 30, b"q"), None, "zip.local-header", "member 1"),
    case("sizes-disagree", patched(PLAIN, ENTRY + 24, b"\x01\0\0\0"), None, "zip.local-header", "member 1"),
    case(
        "wrong-size",
        patched(patched(PLAIN, 22, b"\x01\0\0\0"), ENTRY + 24, b"\x01\0\0\0"),
        None,
        "zip.size",
        "member 1",
    ),
    case("wrong-count", patched(PLAIN, len(PLAIN) - 12, b"\x02"), None, "zip.directory", "directory"),
    case("no-member", archive(), None, "zip.empty", "directory"),
    case("folder-only", archive(("out/", b"")), None, "zip.empty", "directory"),
    case("name-leads-out", archive(("../part.csv", ROWS)), None, "zip.unsafe-name", "member 1"),
    case("absolute-name", archive(("/part.csv", ROWS)), None, "zip.unsafe-name", "member 1"),
    case("windows-name", archive(("C:part.csv", ROWS)), None, "zip.unsafe-name", "member 1"),
    case("duplicate-name", archive(("a.csv", ROWS), ("A.csv", ROWS)), None, "zip.duplicate-name", "member 2"),
    case("overlap", overlapping(), None, "zip.overlap"),
    case("encrypted", patched(patched(PLAIN, 6, b"\x01"), ENTRY + 8, b"\x01"), None, "zip.encrypted", "member 1"),
    case("bzip2", archive(("a.csv", ROWS), method=zipfile.ZIP_BZIP2), None, "zip.method", "member 1"),
    case("ragged", archive(("a.csv", ROWS), ("b.csv", with_row(b"51"))), None, "csv.ragged-row", "member 2, row 51"),
    case("nested", archive(("inner.zip", PLAIN)), None, "csv.", None),
]
