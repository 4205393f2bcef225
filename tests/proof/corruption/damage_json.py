"""Damage to rows of JSON, plain or inside of gzip."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random

from aep_delivery.verification.report import Verdict
from tests.proof.corruption.deliveries import Delivery
from tests.proof.corruption.kinds import damage, edited, is_json, rows_edited, rows_of

_CORRUPT = Verdict.CORRUPT
_INVALID = "json.invalid"


@damage("JSON: cut inside of a row", _CORRUPT, _INVALID, "json.not-utf8", applies=is_json)
def cut_in_a_row(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: text[:1], lambda text: text[: len(text) - 2], _to_half_of_a_row)


@damage("JSON: its beginning lost", _CORRUPT, _INVALID, "json.not-an-object", "json.not-utf8", applies=is_json)
def head_lost(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: text[1:], lambda text: text[len(rows_of(text)[0]) // 2 :])


@damage("JSON: a brace changed", _CORRUPT, _INVALID, "json.not-an-object", applies=is_json)
def brace(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _each(lambda row: b"[" + row[1:]), _each(lambda row: row.replace(b"}\n", b"]\n")))


@damage("JSON: a quote lost", _CORRUPT, _INVALID, applies=is_json)
def quote(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _each(lambda row: row.replace(b'"', b"", 1)))


@damage("JSON: a blank line", _CORRUPT, "json.blank-line", applies=is_json)
def blank_line(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _each(lambda row: row + b"\n"), lambda rows: [b"\n", *rows])


@damage("JSON: two rows on one line", _CORRUPT, _INVALID, applies=is_json)
def joined(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _each(lambda row: row.rstrip(b"\n")), _each(lambda row: row.replace(b"\n", b"\r")))


@damage("JSON: a row on two lines", _CORRUPT, _INVALID, applies=is_json)
def broken(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _each(lambda row: row.replace(b",", b",\n", 1)))


@damage("JSON: one array of all rows", _CORRUPT, _INVALID, "json.not-an-object", applies=is_json)
def array(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(
        delivery,
        lambda rows: [b"[", b",".join(row.rstrip() for row in rows), b"]\n"],
        lambda rows: [b"[\n", *(row.rstrip() + b",\n" for row in rows[:-1]), rows[-1], b"]\n"],
    )


@damage("JSON: indented", _CORRUPT, _INVALID, applies=is_json)
def indented(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(
        delivery, lambda rows: [json.dumps(json.loads(row), indent=1).encode() + b"\n" for row in rows]
    )


@damage("JSON: a row that is no object", _CORRUPT, "json.not-an-object", applies=is_json)
def no_object(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, *map(_instead, (b"null\n", b"[1]\n", b'"a"\n', b"7\n")))


@damage("JSON: NaN, single quotes or a trailing comma", _CORRUPT, _INVALID, applies=is_json)
def dialects(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    rows = (b'{"a":NaN}\n', b"{'a':1}\n", b'{"a":1,}\n', b'{"a":Infinity}\n', b"{a:1}\n")
    yield from rows_edited(delivery, *map(_instead, rows))


@damage("JSON: half of a character", _CORRUPT, "json.not-utf8", _INVALID, applies=is_json)
def half_character(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    lone = rb'{"a":"\ud834"}' + b"\n"
    yield from rows_edited(delivery, _each(lambda _: b'{"a":"\xc3"}\n'), _each(lambda _: lone))


@damage("JSON: in Latin-1", _CORRUPT, "json.not-utf8", applies=is_json)
def latin_1(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: text.decode().encode("latin-1", "replace"))


@damage("JSON: in UTF-16", _CORRUPT, "json.not-utf8", _INVALID, applies=is_json)
def utf_16(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(
        delivery, lambda text: text.decode().encode("utf-16"), lambda text: text.decode().encode("utf-16-le")
    )


@damage("JSON: a byte order mark in front", _CORRUPT, _INVALID, applies=is_json)
def mark(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: b"\xef\xbb\xbf" + text)


@damage("JSON: the character NUL in a row", _CORRUPT, _INVALID, applies=is_json)
def nul(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _each(lambda row: row[:3] + b"\0" + row[4:]))


@damage("JSON: an error in place of a row", _CORRUPT, _INVALID, applies=is_json)
def message(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _each(lambda _: b"java.io.IOException: Broken pipe\n"))


@damage("JSON: CSV in its place", _CORRUPT, _INVALID, applies=is_json)
def is_csv(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda _: b"id,name\n1,Ann\n2,Zoe\n")


@damage("JSON: nested deeper than can be read", _CORRUPT, "json.too-deep", applies=is_json)
def deep(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    row = b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}\n"
    yield from rows_edited(delivery, _each(lambda _: row))


def _each(edit: Callable[[bytes], bytes]) -> Callable[[list[bytes]], list[bytes]]:
    """One row in the middle edited."""

    def in_the_middle(rows: list[bytes]) -> list[bytes]:
        at = len(rows) // 2
        return [*rows[:at], edit(rows[at]), *rows[at + 1 :]]

    return in_the_middle


def _instead(row: bytes) -> Callable[[list[bytes]], list[bytes]]:
    """A row in the middle replaced by this one."""
    return _each(lambda _: row)


def _to_half_of_a_row(text: bytes) -> bytes:
    rows = rows_of(text)
    at = len(rows) // 2
    return b"".join(rows[:at]) + rows[at][: len(rows[at]) // 2]
