"""Damage that storages, networks and people do to any file, whatever is in it."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Iterator
from random import Random

from aep_delivery.verification.report import Verdict
from tests.proof.corruption.deliveries import Delivery
from tests.proof.corruption.kinds import (
    altered,
    damage,
    everywhere,
    has_others,
    is_binary,
    is_gzip,
    is_parquet,
    is_readable,
    patched,
)

Alter = Callable[[bytes], bytes]
CORRUPT = Verdict.CORRUPT
_FRAMES = ("file.truncated", "file.not-gzip", "file.not-parquet", "file.not-encrypted")
_GZIP = ("gzip.invalid", "gzip.checksum", "gzip.trailing-garbage")
_PAGES = (
    "parquet.page-damaged",
    "parquet.page-header",
    "parquet.page-checksum",
    "parquet.page-length",
    "parquet.layout",
)
_OTHERS = (
    "parquet.footer",
    "parquet.dictionary",
    "parquet.value-count",
    "parquet.row-count",
    "openpgp.packet",
    "openpgp.trailing-garbage",
)
_PACKED = (*_FRAMES, *_GZIP, *_PAGES, *_OTHERS)
_JSON = ("json.invalid", "json.not-utf8")
_CSV = (
    "csv.nul",
    "csv.ragged-row",
    "csv.not-utf8",
    "csv.quote-in-field",
    "csv.line-ends",
    "csv.header-missing",
    "csv.unclosed-quote",
)
_ANY = (*_PACKED, *_JSON, *_CSV)
_ERROR_PAGE = b"<!DOCTYPE html>\n<html><body><h1>503 Service Unavailable</h1></body></html>\n"
_ERROR_XML = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>\n'


def _is_read(delivery: Delivery) -> bool:
    return is_binary(delivery) and is_readable(delivery)


def _is_beside_others(delivery: Delivery) -> bool:
    return _is_read(delivery) and has_others(delivery)


@damage("emptied to zero bytes", CORRUPT, "file.empty", applies=everywhere)
def emptied(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda _: b"")


@damage("cut in its first bytes", CORRUPT, "file.truncated", applies=is_binary)
def cut_in_the_head(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, *(_cut_to(size) for size in (1, 3, 4, 9)))


@damage("cut in the middle", CORRUPT, "file.truncated", applies=is_binary)
def cut_in_the_middle(delivery: Delivery, random: Random) -> Iterator[Delivery]:
    shares = (0.25, 0.5, 0.75, random.random())
    yield from altered(
        delivery, *((lambda body, share=share: body[: max(1, int(len(body) * share))]) for share in shares)
    )


@damage("cut in its last bytes", CORRUPT, "file.truncated", applies=is_binary)
def cut_in_the_trailer(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, *(_cut_to(-size) for size in (1, 4, 8, 9)))


@damage("its beginning lost", CORRUPT, *_PACKED, applies=is_binary)
def head_lost(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: body[1:], lambda body: body[len(body) // 2 :])


@damage("the end zeros: written ahead, never filled", CORRUPT, *_ANY, applies=is_readable)
def sparse_end(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, *(_zeros_from(share) for share in (0.2, 0.6, 0.9)))


@damage("all zeros", CORRUPT, *_ANY, applies=everywhere)
def all_zeros(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: b"\0" * len(body))


@damage("filled up with zeros behind its end", CORRUPT, *_ANY, applies=everywhere)
def padded(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(
        delivery, lambda body: body + b"\0" * 512, lambda body: body + b"\0" * (-len(body) % 4096 or 4096)
    )


@damage("bytes behind its end", CORRUPT, *_ANY, applies=is_binary)
def garbage_behind(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: body + b"\n", lambda body: body + b"--boundary--\r\n")


@damage("a piece of an upload missing", CORRUPT, *_ANY, applies=is_binary)
def piece_missing(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, *(_pieces(order) for order in ((0, 2, 3), (0, 1, 3), (1, 2, 3), (0, 1, 2))))


@damage("pieces of an upload in another order", CORRUPT, *_ANY, applies=_is_read)
def pieces_shuffled(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, _pieces((0, 2, 1, 3)), _pieces((1, 0, 2, 3)))


@damage("a piece of an upload twice", CORRUPT, *_ANY, applies=is_binary)
def piece_doubled(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, _pieces((0, 0, 1, 2, 3)), _pieces((0, 1, 2, 3, 3)))


@damage("a block of zeros inside", CORRUPT, *_ANY, applies=_is_read)
def hole(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if delivery.form.file_type != "PARQUET" or "covered" in delivery.traits:
        yield from altered(delivery, *(_hole_at(share) for share in (0.3, 0.6)))


@damage("sent as text: line feeds became carriage returns and line feeds", CORRUPT, *_ANY, applies=is_binary)
def as_text(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    for one in altered(delivery, lambda body: body.replace(b"\n", b"\r\n")):
        if one.files != delivery.files and (is_gzip(delivery) or "covered" in delivery.traits):
            yield one


@damage("read as text: bytes that are no UTF-8 became question marks", CORRUPT, *_ANY, applies=is_binary)
def as_utf8(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: body.decode(errors="replace").encode())


@damage("the eighth bit of each byte lost", CORRUPT, *_ANY, applies=is_binary)
def seven_bits(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: bytes(byte & 0x7F for byte in body))


@damage("in base64", CORRUPT, *_ANY, applies=is_binary)
def in_base64(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, base64.b64encode)


@damage("an error page in its place", CORRUPT, *_ANY, applies=is_binary)
def error_page(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda _: _ERROR_PAGE, lambda _: _ERROR_XML)


@damage("in gzip once more", CORRUPT, *_ANY, applies=is_readable)
def in_gzip(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: gzip.compress(body, mtime=0))


@damage("not in gzip, though asked for", CORRUPT, "file.not-gzip", applies=is_gzip)
def not_in_gzip(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, gzip.decompress)


@damage("another file's second half behind its first", CORRUPT, *_ANY, applies=_is_beside_others)
def torn(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    first, second = delivery.files[delivery.data[0]], delivery.files[delivery.data[-1]]
    yield delivery.having({delivery.data[0]: first[: len(first) // 2] + second[len(second) // 2 :]})
    if is_parquet(delivery):
        yield delivery.having({delivery.data[-1]: second[: len(second) // 2] + first[len(first) // 2 :]})


def _cut_to(size: int) -> Alter:
    return lambda body: body[:size]


def _zeros_from(share: float) -> Alter:
    def zeroed(body: bytes) -> bytes:
        start = int(len(body) * share)
        return body[:start] + b"\0" * (len(body) - start)

    return zeroed


def _hole_at(share: float) -> Alter:
    return lambda body: patched(body, int(len(body) * share), b"\0" * min(64, len(body) // 4))


def _pieces(order: tuple[int, ...]) -> Alter:
    def joined(body: bytes) -> bytes:
        size = -(-len(body) // 4)
        return b"".join(body[number * size : (number + 1) * size] for number in order)

    return joined
