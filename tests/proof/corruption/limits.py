"""What cannot be seen, or does no harm: the documentation says so, and a receipt claims no more."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

from aep_delivery.verification.report import VerificationReport
from tests.proof.corruption.damage_parquet import footer_of, pages
from tests.proof.corruption.deliveries import Delivery
from tests.proof.corruption.kinds import (
    Applies,
    Inflict,
    altered,
    edited,
    flipped,
    has_parts,
    is_csv,
    is_encrypted,
    is_gzip,
    is_json,
    is_parquet,
    is_plain,
    is_text,
    of_audiences,
    rows_edited,
    rows_of,
    text_of,
)
from tests.proof.corruption.verifying import remarks

Told = Callable[[VerificationReport], bool]


@dataclass(frozen=True)
class Limit:
    """Damage that leaves a delivery verified.

    Attributes:
        name: what happens.
        said: where the documentation says that it is not seen, in its words.
        inflict: does it.
        applies: whether a delivery can have it.
        told: what the report says of the level of proof all the same.
    """

    name: str
    said: str
    inflict: Inflict
    applies: Applies
    told: Told

    def __str__(self) -> str:
        return self.name


LIMITS: list[Limit] = []


def limit(name: str, said: str, applies: Applies, told: Told) -> Callable[[Inflict], Inflict]:
    """Register a limit; see :class:`Limit`."""

    def register(inflict: Inflict) -> Inflict:
        LIMITS.append(Limit(name, said, inflict, applies, told))
        return inflict

    return register


def _unproven(report: VerificationReport) -> bool:
    """True where the receipt says of a file that a changed byte could go unseen."""
    return any(file.checksummed is False for export in report.exports for file in export.files)


def _remarked(code: str) -> Told:
    return lambda report: code in remarks(report)


def _at_level(level: str) -> Told:
    return lambda report: report.level == level and "there" in report.reason and "whole" not in report.reason


def _harmless(_: VerificationReport) -> bool:
    return True


def _without_manifest(applies: Applies) -> Applies:
    return lambda delivery: applies(delivery) and not delivery.form.manifest


def _is_uncovered(delivery: Delivery) -> bool:
    return is_parquet(delivery) and "uncovered" in delivery.traits


def _is_unpacked(delivery: Delivery) -> bool:
    return is_readable_whole(delivery) and delivery.form.exports == "datasets" and not delivery.form.manifest


def is_readable_whole(delivery: Delivery) -> bool:
    return not delivery.form.encrypted and "split" not in delivery.traits


@limit("a letter changed in plain JSON or CSV", "Not that a changed byte is always seen.", is_plain, _unproven)
def letter(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: _turned(text, "ë".encode(), "è".encode()))


@limit("a byte of a Parquet page without a checksum", "Parquet pages often have none", _is_uncovered, _unproven)
def page_byte(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    def changed(body: bytes) -> bytes:
        # Behind the levels of an array of numbers.
        _, begin, end = pages(body)[0]
        return flipped(body, (begin + end) // 2, 1)

    yield from altered(delivery, changed)


@limit(
    "a byte inside of encrypted data, or many",
    "a byte changed within the encrypted data is not",
    is_encrypted,
    _remarked("file.encrypted"),
)
def encrypted_byte(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: flipped(body, -20), lambda body: body[:-50] + b"\0" * 50)


@limit(
    "plain CSV cut inside of its last value",
    "cut inside of the last value of its last row",
    _without_manifest(lambda delivery: is_plain(delivery) and is_csv(delivery)),
    _remarked("csv.last-line-open"),
)
def last_value(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if len(delivery.data) == 1:
        yield from altered(delivery, lambda body: body[:-1])


@limit("values encoded twice", "Not that the values are right.", _without_manifest(is_text), _harmless)
def twice_encoded(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: text.replace("ë".encode(), "Ã«".encode()))


@limit(
    "a row missing, another one twice",
    "a row that is missing and another one that is there twice",
    _is_unpacked,
    _harmless,
)
def row_for_row(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if is_text(delivery):
        yield from rows_edited(delivery, lambda rows: [rows[1], *rows[1:]])


@limit("rows in another order", "Not in which order rows are", _without_manifest(is_text), _harmless)
def reordered(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, lambda rows: rows[::-1])


@limit("members of gzip in another order", "Not in which order rows are", _without_manifest(is_gzip), _harmless)
def members_reordered(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    for key in delivery.data:
        header, *rows = rows_of(text_of(delivery, key))
        parts = header, b"".join(rows[10:]), b"".join(rows[:10])
        yield delivery.having({key: b"".join(map(gzip.compress, parts))})


@limit("line ends of text changed", "line ends of another kind", _without_manifest(is_text), _harmless)
def line_ends(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: text.replace(b"\n", b"\r\n"), lambda text: text.replace(b"\n", b"\r\n", 9))


@limit(
    "a file lost, a copy of another one with as many rows in its place",
    "the finding `set.duplicate-file` is then a warning",
    lambda delivery: _is_unpacked(delivery) and "uncovered" not in delivery.traits,
    _remarked("set.duplicate-file"),
)
def copied(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    first, second, *_rest = delivery.of(0)
    if is_text(delivery) and len(rows_of(text_of(delivery, first))) == len(rows_of(text_of(delivery, second))):
        yield delivery.having({second: delivery.files[first]})


@limit(
    "files of two datasets of JSON exchanged",
    "Not that each file lies in its own dataset's folder.",
    lambda delivery: _is_unpacked(delivery) and is_json(delivery),
    _harmless,
)
def exchanged(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    first, second = delivery.of(0)[0], delivery.of(1)[0]
    yield delivery.having({first: delivery.files[second], second: delivery.files[first]})


@limit(
    "a file in another dataset's folder",
    "Not that each file lies in its own dataset's folder.",
    lambda delivery: _is_unpacked(delivery) and is_json(delivery),
    _harmless,
)
def moved(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    first, second = delivery.of(0)[0], delivery.of(1)[0]
    there = second.rpartition("/")[0]
    yield delivery.having({f"{there}/{first.rpartition('/')[2]}": delivery.files[first], first: None})


@limit("a row missing where Adobe reports no figure", "nothing to compare", _is_unpacked, _harmless)
def no_figure(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if is_text(delivery):
        for one in rows_edited(delivery, lambda rows: rows[1:]):
            yield one.having({}, records=None)


@limit(
    "columns in another order than they are mapped in, in every file",
    "columns in another order",
    _without_manifest(lambda delivery: is_csv(delivery) and of_audiences(delivery)),
    _remarked("schema.columns-differ"),
)
def columns_ordered(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if not delivery.form.keyed and "split" not in delivery.traits:
        mark = delivery.form.dialect.delimiter.encode()
        yield from edited(
            delivery,
            lambda text: b"".join(mark.join(row.rstrip(b"\n").split(mark)[::-1]) + b"\n" for row in rows_of(text)),
        )


@limit("the time in a header of gzip", "bytes that no reader looks at", is_gzip, _harmless)
def gzip_time(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, *((lambda body, at=at: flipped(body, at)) for at in (4, 7, 8, 9)))


@limit(
    "bytes between the last column of Parquet and its footer",
    "bytes that no reader looks at",
    _without_manifest(is_parquet),
    _harmless,
)
def gap(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    def widened(body: bytes) -> bytes:
        end = max(chunk.start + chunk.length for chunk in footer_of(body).chunks)
        return body[:end] + b"lost" * 9 + body[end:]

    yield from altered(delivery, widened)


@limit(
    "a bit in the middle of a large file, at the level `structure`",
    "at `structure` the rows are those that the files claim",
    lambda delivery: "large" in delivery.traits,
    _at_level("structure"),
)
def at_structure(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    asked = replace(delivery, form=replace(delivery.form, level="structure"))
    yield from altered(asked, lambda body: flipped(body, len(body) // 2))


@limit(
    "half of each file, at the level `listing`",
    "at `listing` no file was opened",
    lambda delivery: has_parts(delivery) and not delivery.form.manifest and not delivery.form.strict,
    _at_level("listing"),
)
def at_listing(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    asked = replace(delivery, form=replace(delivery.form, level="listing"))
    yield from altered(asked, lambda body: body[: len(body) // 2])


def _turned(text: bytes, old: bytes, new: bytes) -> bytes:
    changed = text.replace(old, new, 1)
    assert changed != text
    return changed
