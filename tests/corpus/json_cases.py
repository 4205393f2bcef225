"""NDJSON, plain and gzip."""

from __future__ import annotations

import gzip
import zlib

from tests.corpus.case import Case

ROW = b'{"id":%d,"name":"person %d","tags":["a","b"]}\n'
ROWS = b"".join(ROW % (number, number) for number in range(100))
LONG = b"".join(ROW % (number, number) for number in range(20_000))
"""Of several blocks, so that places are counted across them."""


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def flushed(content: bytes) -> bytes:
    """Gzip as a writer makes it that flushes in the middle."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
    half = len(content) // 2
    head = compressor.compress(content[:half]) + compressor.flush(zlib.Z_FULL_FLUSH)
    return head + compressor.compress(content[half:]) + compressor.flush()


GZIP = packed(ROWS)


def flipped(data: bytes, position: int) -> bytes:
    changed = bytearray(data)
    changed[position] ^= 0x10
    return bytes(changed)


def with_line(line: bytes, rows: bytes = ROWS) -> bytes:
    """The line in the place of row 51."""
    lines = rows.splitlines(keepends=True)
    return b"".join([*lines[:50], line + b"\n", *lines[51:]])


def plain(name: str, data: bytes, rows: int | None = None, code: str | None = None, where: str | None = None) -> Case:
    return Case(f"json-{name}", "JSON", "NONE", data, rows, code, where)


def zipped(name: str, data: bytes, rows: int | None = None, code: str | None = None, where: str | None = None) -> Case:
    return Case(f"json-gzip-{name}", "JSON", "GZIP", data, rows, code, where)


SOUND = [
    plain("rows", ROWS, 100),
    plain("no-last-newline", ROWS[:-1], 100),
    plain("crlf", ROWS.replace(b"\n", b"\r\n"), 100),
    plain("one-empty-object", b"{}\n", 1),
    plain("unicode", with_line('{"name":"Zoë 𝄞 \u2028"}'.encode()), 100),
    plain("escapes", with_line(rb'{"name":"\ud834\udd1e \u0000 \" \\ \/"}'), 100),
    plain("hard-numbers", with_line(b'{"a":1e999,"b":-0.0,"c":123456789012345678901234567890}'), 100),
    plain("deep", with_line(b'{"a":' + b"[" * 200 + b"]" * 200 + b"}"), 100),
    plain("repeated-name", with_line(b'{"a":1,"a":2}'), 100),
    plain("long-row", with_line(b'{"a":"' + b"x" * 3_000_000 + b'"}'), 100),
    plain("blocks", LONG, 20_000),
    zipped("one-member", GZIP, 100),
    zipped("three-members", GZIP * 3, 300),
    zipped("member-ends-inside-a-row", packed(ROWS[:1000]) + packed(ROWS[1000:]), 100),
    zipped("empty-member-last", GZIP + packed(b""), 100),
    zipped("no-rows", packed(b""), 0),
    zipped("stored-blocks", gzip.compress(ROWS, 0, mtime=0), 100),
    zipped("flushed", flushed(ROWS), 100),
    zipped("named", GZIP[:3] + b"\x08" + GZIP[4:10] + b"part-0.json\0" + GZIP[10:], 100),
]

DAMAGED = [
    plain("empty-file", b"", None, "file.empty"),
    plain("cut", ROWS[:-10], None, "json.invalid", "row 100"),
    plain("blank-line", with_line(b""), None, "json.blank-line", "row 51"),
    plain("array", with_line(b"[1,2]"), None, "json.not-an-object", "row 51"),
    plain("null", with_line(b"null"), None, "json.not-an-object", "row 51"),
    plain("nan", with_line(b'{"a":NaN}'), None, "json.invalid", "row 51"),
    plain("single-quotes", with_line(b"{'a':1}"), None, "json.invalid", "row 51"),
    plain("trailing-comma", with_line(b'{"a":1,}'), None, "json.invalid", "row 51"),
    plain("two-objects-on-a-line", with_line(b'{"a":1}{"b":2}'), None, "json.invalid", "row 51"),
    plain("two-objects-with-a-blank", with_line(b'{"a":1} {"b":2}'), None, "json.invalid", "row 51"),
    plain("object-on-two-lines", with_line(b'{"a":1,\n"b":2}'), None, "json.invalid", "row 51"),
    plain("two-on-one-and-one-on-two", with_line(b'{"a":1}{"b":2}\n{"a":1,\n"b":2}'), None, "json.invalid", "row 51"),
    plain("pretty", b'{\n  "a": 1\n}\n', None, "json.invalid", "row 1"),
    plain("lone-surrogate", with_line(rb'{"a":"\ud834"}'), None, "json.invalid", "row 51"),
    plain("latin-1", with_line('{"a":"Zoë"}'.encode("latin-1")), None, "json.not-utf8", "row 51"),
    plain("surrogate-bytes", with_line(b'{"a":"\xed\xa0\x80"}'), None, "json.not-utf8", "row 51"),
    plain("byte-order-mark", b"\xef\xbb\xbf" + ROWS, None, "json.invalid", "row 1"),
    plain("nul", with_line(b'{"a":1}\0'), None, "json.invalid", "row 51"),
    plain("zeros-in-the-middle", ROWS[:2000] + b"\0" * 500 + ROWS[2500:], None, "json.invalid"),
    plain("in-a-late-block", LONG[:900_000] + b"}" + LONG[900_001:], None, "json.invalid", "row 17736"),
    plain("too-deep", with_line(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"), None, "json.too-deep", "row 51"),
    plain("too-long", b'{"a":"' + b"x" * (17 << 20), None, "json.line-too-long", "row 1"),
    plain("is-gzip", GZIP, None, "json.not-utf8"),
    zipped("is-plain", ROWS, None, "file.not-gzip", "byte 0"),
    zipped("is-zlib", zlib.compress(ROWS), None, "file.not-gzip", "byte 0"),
    zipped("cut-in-data", GZIP[:100], None, "file.truncated", "byte 100"),
    zipped("cut-in-trailer", GZIP[:-3], None, "file.truncated", f"byte {len(GZIP) - 3}"),
    zipped("cut-second-member", GZIP + GZIP[:-3], None, "file.truncated", f"byte {2 * len(GZIP) - 3}"),
    zipped("cut-second-header", GZIP + GZIP[:3], None, "file.truncated", f"byte {len(GZIP) + 3}"),
    zipped("wrong-checksum", flipped(GZIP, len(GZIP) - 6), None, "gzip.checksum"),
    zipped("wrong-length", flipped(GZIP, len(GZIP) - 2), None, "gzip.checksum"),
    zipped("wrong-checksum-of-the-first", flipped(GZIP, len(GZIP) - 6) + GZIP, None, "gzip.checksum"),
    zipped("flipped-stored-byte", flipped(gzip.compress(ROWS, 0, mtime=0), 500), None, "gzip.checksum"),
    zipped("garbage-behind", GZIP + b"garbage", None, "gzip.trailing-garbage", f"byte {len(GZIP)}"),
    zipped("zeros-behind", GZIP + b"\0" * 512, None, "gzip.trailing-garbage", f"byte {len(GZIP)}"),
    zipped("reserved-flags", GZIP[:3] + b"\x80" + GZIP[4:], None, "gzip.invalid", "byte 3"),
    zipped("gzip-in-gzip", packed(GZIP), None, "json.not-utf8"),
    zipped("broken-row-inside", packed(with_line(b'{"a"')), None, "json.invalid", "row 51"),
]
