"""Damage to gzip around rows of JSON or CSV."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from random import Random

from aep_delivery.verification.report import Verdict
from tests.proof.corruption.deliveries import Delivery
from tests.proof.corruption.kinds import (
    altered,
    damage,
    flipped,
    has_others,
    is_csv,
    is_gzip,
    patched,
    rows_of,
    text_of,
)

_CORRUPT = Verdict.CORRUPT
_HEAD = 10
"""Bytes of the header that the packer of the proof writes."""


def _is_beside_others(delivery: Delivery) -> bool:
    return is_gzip(delivery) and has_others(delivery)


@damage("gzip: the magic changed", _CORRUPT, "file.not-gzip", applies=is_gzip)
def magic(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, *((lambda body, at=at: flipped(body, at)) for at in range(3)))


@damage("gzip: reserved flags set", _CORRUPT, "gzip.invalid", applies=is_gzip)
def flags(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: patched(body, 3, b"\x80"))


@damage(
    "gzip: a bit of the data turned over",
    _CORRUPT,
    *("gzip.invalid", "gzip.checksum", "gzip.trailing-garbage", "file.truncated"),
    applies=is_gzip,
)
def data_bit(delivery: Delivery, random: Random) -> Iterator[Delivery]:
    size = min(len(delivery.files[key]) for key in delivery.data)
    # The bits behind the end of the data, in the byte before the trailer, mean nothing.
    places = [_HEAD, size // 3, size // 2, size - 10, *(random.randrange(_HEAD, size - 9) for _ in range(4))]
    yield from altered(delivery, *((lambda body, at=at: flipped(body, at, 1 << random.randrange(8))) for at in places))


@damage("gzip: a bit of the checksum turned over", _CORRUPT, "gzip.checksum", applies=is_gzip)
def checksum_bit(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: flipped(body, -8), lambda body: flipped(body, -5))


@damage("gzip: a bit of the length turned over", _CORRUPT, "gzip.checksum", applies=is_gzip)
def length_bit(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: flipped(body, -4), lambda body: flipped(body, -1))


@damage("gzip: the checksum of other content", _CORRUPT, "gzip.checksum", applies=_is_beside_others)
def other_checksum(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    other = delivery.files[delivery.data[-1]][-8:-4]
    key = delivery.data[0]
    yield delivery.altering(key, lambda body: patched(body, -8, other))


@damage("gzip: a stored byte changed", _CORRUPT, "gzip.checksum", applies=is_gzip)
def stored_byte(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    def changed(body: bytes) -> bytes:
        stored = gzip.compress(gzip.decompress(body), 0, mtime=0)
        return flipped(stored, len(stored) // 2, 1)

    yield from altered(delivery, changed)


@damage("gzip: zlib in its place", _CORRUPT, "file.not-gzip", applies=is_gzip)
def is_zlib(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: zlib.compress(gzip.decompress(body)))


@damage("gzip: its trailer missing", _CORRUPT, "file.truncated", applies=is_gzip)
def no_trailer(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: body[:-8], lambda body: body[:-4])


@damage("gzip: the second member cut", _CORRUPT, "file.truncated", applies=is_gzip)
def second_member_cut(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, *((lambda body, size=size: _in_two(body)[:-size]) for size in (1, 8, 15)))


@damage("gzip: a bit of the first of two members turned over", _CORRUPT, "gzip.checksum", applies=is_gzip)
def first_member_bit(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    def changed(body: bytes) -> bytes:
        first, second = _halves(body)
        return flipped(gzip.compress(first), -6) + gzip.compress(second)

    yield from altered(delivery, changed)


@damage(
    "gzip: a member missing that ends inside of a row",
    _CORRUPT,
    *("json.invalid", "csv.ragged-row"),
    applies=is_gzip,
)
def member_missing(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    def without(body: bytes) -> bytes:
        text = gzip.decompress(body)
        rows = rows_of(text)
        # From the beginning of a row to the end of another one's last field but one, or to inside of its object.
        start = sum(map(len, rows[:-4])) + 1
        end = sum(map(len, rows[:-1])) - (len(rows[-2].rpartition(b",")[2]) if is_csv(delivery) else 3)
        return gzip.compress(text[:start]) + gzip.compress(text[end:])

    yield from altered(delivery, without)


@damage("gzip: a member of whole rows missing", Verdict.COUNT_MISMATCH, "set.count-mismatch", applies=is_gzip)
def rows_member_missing(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from _in_members(delivery, (0, 2))


@damage("gzip: a member of whole rows twice", Verdict.COUNT_MISMATCH, "set.count-mismatch", applies=is_gzip)
def rows_member_doubled(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from _in_members(delivery, (0, 1, 1, 2))


@damage("gzip: bytes between two members", _CORRUPT, "gzip.trailing-garbage", applies=is_gzip)
def between_members(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    def parted(body: bytes) -> bytes:
        first, second = _halves(body)
        return gzip.compress(first) + b"\0\0\0\0" + gzip.compress(second)

    yield from altered(delivery, parted)


def _in_members(delivery: Delivery, order: tuple[int, ...]) -> Iterator[Delivery]:
    """Members of whole rows, the header in the first one, in another order."""
    for key in delivery.data:
        rows = rows_of(text_of(delivery, key))
        third = len(rows) // 3
        members = [b"".join(rows[:third]), b"".join(rows[third : 2 * third]), b"".join(rows[2 * third :])]
        yield delivery.having({key: b"".join(gzip.compress(members[number]) for number in order)})


def _halves(body: bytes) -> tuple[bytes, bytes]:
    text = gzip.decompress(body)
    return text[: len(text) // 2], text[len(text) // 2 :]


def _in_two(body: bytes) -> bytes:
    return b"".join(map(gzip.compress, _halves(body)))
