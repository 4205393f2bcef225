"""Damage to Parquet: its ends, its footer, its pages, its columns."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from aep_delivery.verification.checkers.parquet_footer import Footer, read_footer
from aep_delivery.verification.checkers.thrift import CompactReader
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.report import Verdict
from tests.proof.corruption.deliveries import Delivery
from tests.proof.corruption.kinds import altered, damage, flipped, has_parts, is_parquet, patched, victims

_CORRUPT = Verdict.CORRUPT
_HEADER = "parquet.page-header"
_BODY = ("parquet.page-damaged", "parquet.page-length", "parquet.page-checksum")
_COUNTS = ("parquet.value-count", "parquet.row-count")
_STRUCTURE = ("parquet.footer", "parquet.layout", "parquet.dictionary", "parquet.codec", "file.truncated")
_ANY = (_HEADER, *_BODY, *_COUNTS, *_STRUCTURE)
_GZIP_HEAD = 10


def footer_of(data: bytes) -> Footer:
    length = int.from_bytes(data[-8:-4], "little")
    return read_footer(data[-8 - length : -8], len(data) - 8 - length, Limits())


def pages(data: bytes) -> list[tuple[int, int, int]]:
    """Where each page begins, its body begins, and it ends."""
    found = []
    for chunk in footer_of(data).chunks:
        position = chunk.start
        while position < chunk.start + chunk.length:
            reader = CompactReader(data[position:], max_values=1000)
            stored = reader.read_struct()[3]
            assert isinstance(stored, int)
            body = position + reader.position
            found.append((position, body, body + stored))
            position = body + stored
    return found


def _is_covered(delivery: Delivery) -> bool:
    """Where checksums cover all data of the pages."""
    return is_parquet(delivery) and "covered" in delivery.traits


def _is_checked(delivery: Delivery) -> bool:
    """Where the checksums are the pages' own."""
    return is_parquet(delivery) and "checksums" in delivery.traits


@damage("Parquet: the magic in front changed", _CORRUPT, "file.not-parquet", applies=is_parquet)
def head(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: flipped(body, 0), lambda body: b"\0\0\0\0" + body[4:])


@damage("Parquet: the magic behind changed", _CORRUPT, "file.truncated", applies=is_parquet)
def tail(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: flipped(body, -1), lambda body: patched(body, -4, b"\0\0\0\0"))


@damage("Parquet: encrypted", _CORRUPT, "parquet.encrypted", applies=is_parquet)
def encrypted(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: b"PARE" + body[4:-4] + b"PARE", lambda body: body[:-4] + b"PARE")


@damage("Parquet: the footer's length changed", _CORRUPT, *_STRUCTURE, applies=is_parquet)
def footer_length(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    lengths = (b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\1\0\0\0")
    yield from altered(delivery, *((lambda body, length=length: patched(body, -8, length)) for length in lengths))
    yield from altered(delivery, lambda body: flipped(body, -8, 1), lambda body: flipped(body, -7, 1))


@damage("Parquet: zeros in the footer", _CORRUPT, *_STRUCTURE, applies=is_parquet)
def footer_zeros(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: patched(body, _footer(body), b"\0" * 100))


@damage("Parquet: bytes of the footer missing", _CORRUPT, *_ANY, applies=is_parquet)
def footer_cut(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: body[: _footer(body) + 20] + body[_footer(body) + 30 :])


@damage("Parquet: the footer of a file with fewer rows", _CORRUPT, *_ANY, applies=is_parquet)
def other_footer(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    def exchanged(body: bytes) -> bytes:
        table = pq.read_table(io.BytesIO(body))
        other = _written(table.slice(0, len(table) // 2))
        return body[: _footer(body)] + other[_footer(other) :]

    yield from altered(delivery, exchanged)


@damage("Parquet: a page header of zeros", _CORRUPT, *_ANY, applies=is_parquet)
def page_header(delivery: Delivery, random: Random) -> Iterator[Delivery]:
    def zeroed(number: int) -> Callable[[bytes], bytes]:
        def alter(body: bytes) -> bytes:
            begin, inner, _ = (found := pages(body))[number % len(found)]
            return patched(body, begin, b"\0" * (inner - begin))

        return alter

    yield from altered(delivery, zeroed(0), zeroed(-1), zeroed(random.randrange(99)))


@damage("Parquet: a bit of a page turned over that a checksum covers", _CORRUPT, *_BODY, applies=_is_covered)
def page_bit(delivery: Delivery, random: Random) -> Iterator[Delivery]:
    for key in victims(delivery):
        body = delivery.files[key]
        for begin, end in _bodies(body)[:: max(1, len(_bodies(body)) // 8)]:
            # The time and the system in the header of gzip mean nothing to anybody.
            free = set(range(begin + 3, begin + _GZIP_HEAD)) if body[begin : begin + 2] == b"\x1f\x8b" else set()
            places = {begin, end - 1, random.randrange(begin, end)} - free
            for at in sorted(places):
                yield delivery.having({key: flipped(body, at, 1 << random.randrange(8))})


@damage("Parquet: a page's checksum changed", _CORRUPT, "parquet.page-checksum", applies=_is_checked)
def page_checksum(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    def rewritten(body: bytes) -> bytes:
        begin, inner, _ = pages(body)[0]
        header = body[begin:inner]
        # The checksum is the header's fourth field: the byte behind the marks of three sizes is its last one.
        at = begin + _checksum_at(header)
        return flipped(body, at, 1)

    yield from altered(delivery, rewritten)


@damage("Parquet: bytes of a page lost", _CORRUPT, *_ANY, applies=is_parquet)
def page_bytes_lost(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    def lost(body: bytes) -> bytes:
        begin, end = _bodies(body)[0]
        return body[: (begin + end) // 2] + body[(begin + end) // 2 + 1 :]

    yield from altered(delivery, lost)


@damage("Parquet: bytes of a page twice", _CORRUPT, *_ANY, applies=is_parquet)
def page_bytes_doubled(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    def doubled(body: bytes) -> bytes:
        begin, end = _bodies(body)[0]
        return body[: (begin + end) // 2 + 2] + body[(begin + end) // 2 :]

    yield from altered(delivery, doubled)


@damage("Parquet: pages of two columns exchanged", _CORRUPT, *_ANY, applies=is_parquet)
def pages_exchanged(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    def exchanged(body: bytes) -> bytes:
        found = pages(body)
        (first, _, first_end), (last, _, last_end) = found[0], found[-1]
        return body[:first] + body[last:last_end] + body[first_end:last] + body[first:first_end] + body[last_end:]

    for one in altered(delivery, exchanged):
        if any(len(set(_sizes(one.files[key]))) > 1 for key in one.data):
            yield one


@damage("Parquet: the first half of another file in front of its own second half", _CORRUPT, *_ANY, applies=_is_covered)
def halves(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    first, last = delivery.files[delivery.data[0]], delivery.files[delivery.data[-1]]
    yield delivery.having({delivery.data[-1]: first[: len(last) // 2] + last[min(len(last) // 2, len(first)) :]})


@damage("Parquet: a row group missing", Verdict.COUNT_MISMATCH, "set.count-mismatch", applies=is_parquet)
def row_group_missing(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, _rewritten(lambda table: table.slice(0, len(table) - len(table) // 3)))


@damage(
    "Parquet: no rows in it, though there were some", Verdict.COUNT_MISMATCH, "set.count-mismatch", applies=is_parquet
)
def no_rows(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, _rewritten(lambda table: table.slice(0, 0)))


@damage("Parquet: a column missing in one file", Verdict.UNEXPECTED_FILES, "schema.files-differ", applies=has_parts)
def column_missing(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if is_parquet(delivery):
        yield from altered(delivery, _rewritten(_without_last))


@damage("Parquet: a column more in one file", Verdict.UNEXPECTED_FILES, "schema.files-differ", applies=has_parts)
def column_more(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if is_parquet(delivery):
        yield from altered(delivery, _rewritten(lambda table: table.append_column("more", table.column(0))))


@damage("Parquet: a column renamed in one file", Verdict.UNEXPECTED_FILES, "schema.files-differ", applies=has_parts)
def column_renamed(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if is_parquet(delivery):
        yield from altered(delivery, _rewritten(lambda table: table.rename_columns(["other", *table.column_names[1:]])))


@damage(
    "Parquet: columns in another order in one file", Verdict.UNEXPECTED_FILES, "schema.files-differ", applies=has_parts
)
def columns_ordered(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if is_parquet(delivery):
        yield from altered(delivery, _rewritten(lambda table: table.select(table.column_names[::-1])))


@damage(
    "Parquet: a column of another type in one file", Verdict.UNEXPECTED_FILES, "schema.files-differ", applies=has_parts
)
def column_retyped(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if is_parquet(delivery):
        yield from altered(delivery, _rewritten(_retyped))


def retyped(body: bytes) -> bytes:
    """The same rows, the first column as text."""
    return _rewritten(_retyped)(body)


def without_last(body: bytes) -> bytes:
    """The same rows, the last column left out."""
    return _rewritten(_without_last)(body)


def _without_last(table: pa.Table) -> pa.Table:
    return table.drop_columns([table.column_names[-1]])


def _retyped(table: pa.Table) -> pa.Table:
    return table.set_column(0, table.column_names[0], table.column(0).cast(pa.string()))


def _rewritten(change: Callable[[pa.Table], pa.Table]) -> Callable[[bytes], bytes]:
    return lambda body: _written(change(pq.read_table(io.BytesIO(body))))


def _written(table: pa.Table) -> bytes:
    target = io.BytesIO()
    pq.write_table(table, target, compression="gzip")
    return target.getvalue()


def _footer(data: bytes) -> int:
    return len(data) - 8 - int.from_bytes(data[-8:-4], "little")


def _bodies(data: bytes) -> list[tuple[int, int]]:
    """Where the bodies of pages lie that have any bytes."""
    return [(inner, end) for _, inner, end in pages(data) if end > inner]


def _sizes(data: bytes) -> list[int]:
    try:
        return [end - begin for begin, _, end in pages(data)]
    except Exception:  # noqa: BLE001 - the pages are where the footer does not look for them: as they should be
        return [0, 1]


def _checksum_at(header: bytes) -> int:
    """Where in a page's header its checksum has its first byte: behind three numbers of as many bytes as they need."""
    at = 0
    for _ in range(3):
        at += 1
        while header[at] & 0x80:
            at += 1
        at += 1
    return at + 1
