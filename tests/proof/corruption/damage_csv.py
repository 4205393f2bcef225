"""Damage to rows of CSV, plain or inside of gzip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from aep_delivery.verification.report import Verdict
from tests.proof.corruption.deliveries import Delivery
from tests.proof.corruption.kinds import damage, edited, has_others, is_csv, rows_edited, rows_of

_CORRUPT = Verdict.CORRUPT
_RAGGED = "csv.ragged-row"
Edit = Callable[[bytes], bytes]


def _is_whole(delivery: Delivery) -> bool:
    """One file for each audience."""
    return is_csv(delivery) and "split" not in delivery.traits


def _is_beside_others(delivery: Delivery) -> bool:
    return is_csv(delivery) and has_others(delivery)


def _quotes(delivery: Delivery) -> bool:
    return is_csv(delivery) and bool(delivery.form.dialect.quote)


def _delimiter(delivery: Delivery) -> bytes:
    return delivery.form.dialect.delimiter.encode()


@damage("CSV: cut inside of a row, before its last field", _CORRUPT, _RAGGED, applies=is_csv)
def cut_in_a_row(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: text[: text.rindex(_delimiter(delivery))], lambda text: _cut(text, 0.5))


@damage(
    "CSV: cut inside of its last value, or of its header", _CORRUPT, "csv.last-line-open", applies=_is_beside_others
)
def cut_in_the_last_value(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: text[:-1], lambda text: text[:7])


@damage(
    "CSV: the only file cut inside of its header",
    Verdict.UNEXPECTED_FILES,
    "schema.columns-differ",
    applies=lambda delivery: is_csv(delivery) and not _is_beside_others(delivery),
)
def cut_in_the_header(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: text[:2], lambda text: text[:7])


@damage("CSV: a field missing", _CORRUPT, _RAGGED, applies=is_csv)
def field_missing(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _one(lambda row: row.replace(_delimiter(delivery), b"", 1)))


@damage("CSV: a field too many", _CORRUPT, _RAGGED, applies=is_csv)
def field_more(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _one(lambda row: row.rstrip(b"\n") + _delimiter(delivery) + b"\n"))


@damage("CSV: a line break in a value without quotes", _CORRUPT, _RAGGED, applies=is_csv)
def broken(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _one(lambda row: row[:3] + b"\n" + row[3:]))


@damage("CSV: two rows on one line", _CORRUPT, _RAGGED, applies=is_csv)
def joined(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _one(lambda row: row.rstrip(b"\n")))


@damage("CSV: a quote left open", _CORRUPT, "csv.unclosed-quote", "csv.text-after-quote", _RAGGED, applies=_quotes)
def quote_open(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(
        delivery,
        _one(lambda row: b'"' + row),
        lambda rows: [*rows[:-1], b'"' + rows[-1]],
        lambda rows: [b'"' + rows[0]],
    )


@damage("CSV: a quote inside of a value", _CORRUPT, "csv.quote-in-field", applies=_quotes)
def quote_inside(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _one(lambda row: row[:2] + b'"' + row[2:]))


@damage("CSV: text behind a closed quote", _CORRUPT, "csv.text-after-quote", applies=_quotes)
def text_behind(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _one(lambda row: b'"a" b' + row[row.index(_delimiter(delivery)) :]))


@damage("CSV: a blank line", _CORRUPT, "csv.blank-line", applies=is_csv)
def blank_line(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _one(lambda row: row + b"\n"), lambda rows: [*rows, b"\n"])


@damage("CSV: the character NUL in a row", _CORRUPT, "csv.nul", applies=_quotes)
def nul(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _one(lambda row: row[:2] + b"\0" + row[3:]))


@damage("CSV: in Latin-1", _CORRUPT, "csv.not-utf8", applies=is_csv)
def latin_1(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: text.decode().encode("latin-1", "replace"))


@damage("CSV: one row in Latin-1", _CORRUPT, "csv.not-utf8", applies=is_csv)
def latin_1_row(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _one(lambda row: "Zoë".encode("latin-1") + row))


@damage("CSV: in UTF-16", _CORRUPT, "csv.not-utf8", "csv.nul", "csv.quote-in-field", applies=is_csv)
def utf_16(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: text.decode().encode("utf-16"))


@damage("CSV: a byte order mark in front", _CORRUPT, "csv.byte-order-mark", applies=is_csv)
def mark(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: b"\xef\xbb\xbf" + text)


@damage("CSV: lines end in carriage returns alone", _CORRUPT, "csv.line-ends", applies=is_csv)
def carriage_returns(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: text.replace(b"\n", b"\r"))


@damage("CSV: a carriage return inside of a value", _CORRUPT, "csv.carriage-return", applies=is_csv)
def carriage_return(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(
        delivery, _one(lambda row: row[:2] + b"\r" + row[2:]), _one(lambda row: row.replace(b"\n", b"\r\r\n"))
    )


@damage("CSV: the header once more among the rows", _CORRUPT, "csv.header-repeated", applies=is_csv)
def header_repeated(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(
        delivery,
        lambda text: text + text,
        lambda text: _with_header(text, b"\n"),
        lambda text: _with_header(text, b"\r\n"),
    )


@damage("CSV: a name in the header twice", _CORRUPT, "csv.header-duplicate", applies=is_csv)
def header_doubled(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    first, second = (column for column, _ in delivery.form.columns[:2])
    yield from edited(delivery, lambda text: text.replace(second.encode(), first.encode(), 1))


@damage("CSV: its first line blank", _CORRUPT, "csv.header-missing", applies=is_csv)
def header_blank(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: b"\n" + text, lambda _: b"\n")


@damage("CSV: without its header", Verdict.UNEXPECTED_FILES, "schema.columns-differ", applies=_is_whole)
def header_missing(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from edited(delivery, lambda text: b"".join(rows_of(text)[1:]))


@damage("CSV: a header of numbers alone", _CORRUPT, "csv.header-missing", applies=is_csv)
def header_of_numbers(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    numbers = _delimiter(delivery).join(b"%d" % number for number in range(len(delivery.form.columns)))
    yield from edited(delivery, lambda text: numbers + b"\n" + b"".join(rows_of(text)[1:]))


@damage("CSV: another delimiter", Verdict.UNEXPECTED_FILES, "schema.columns-differ", applies=is_csv)
def other_delimiter(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    def swapped(text: bytes) -> bytes:
        return b"".join(row.replace(_delimiter(delivery), b"~").replace(b'"', b"") for row in rows_of(text))

    yield from edited(delivery, swapped)


@damage("CSV: a column renamed", Verdict.UNEXPECTED_FILES, "schema.columns-differ", applies=is_csv)
def column_renamed(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    name = delivery.form.columns[-1][0].encode()
    yield from edited(delivery, lambda text: text.replace(name, b"surname", 1))


@damage("CSV: a column missing", Verdict.UNEXPECTED_FILES, "schema.columns-differ", applies=is_csv)
def column_missing(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    def without(text: bytes) -> bytes:
        return b"".join(row.rpartition(_delimiter(delivery))[0] + b"\n" for row in rows_of(text))

    yield from edited(delivery, without)


@damage("CSV: an error in place of a row", _CORRUPT, _RAGGED, applies=is_csv)
def message(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, _one(lambda _: b"java.io.IOException: Broken pipe\n"))


def _one(edit: Edit) -> Callable[[list[bytes]], list[bytes]]:
    """One row in the middle edited."""

    def in_the_middle(rows: list[bytes]) -> list[bytes]:
        at = len(rows) // 2
        return [*rows[:at], edit(rows[at]), *rows[at + 1 :]]

    return in_the_middle


def _cut(text: bytes, share: float) -> bytes:
    """Cut inside of the first field of a row."""
    rows = rows_of(text)
    at = int(len(rows) * share)
    return b"".join(rows[:at]) + rows[at][:2]


def _with_header(text: bytes, end: bytes) -> bytes:
    rows = rows_of(text)
    at = len(rows) // 2
    return b"".join([*rows[:at], rows[0].rstrip() + end, *rows[at:]])
