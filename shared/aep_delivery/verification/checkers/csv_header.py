"""The header of a CSV file: the names of its columns."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from aep_delivery.verification.checkers.base import Column, Damage
from aep_delivery.verification.checkers.csv_grammar import MAX_FIELDS, Problem, Row
from aep_delivery.verification.dialect import CsvDialect


@dataclass(frozen=True, slots=True)
class Header:
    """What the first row says."""

    fields: int
    columns: tuple[Column, ...] | None
    """None where the first row holds data: its content must not be taken for names."""
    problems: tuple[Problem, ...]


def read_header(
    content: bytes, row: Row | None, dialect: CsvDialect, expected: Sequence[str] | None, where: str
) -> Header:
    """Read the first row.

    Args:
        content: Its bytes, line end included.
        row: What the grammar says of it; None where the file has no rows at all.
        dialect: The form of the file.
        expected: The columns there must be, in their order; None where that is not known.
        where: The place of a damage.

    Raises:
        Damage: Without a readable header nothing can be said of the rows: ``csv.header-missing``, ``csv.line-ends``,
            ``csv.not-utf8``, or what is wrong with any row.
    """
    if row is None or row.blank:
        raise Damage("csv.header-missing", "The file has no header: its first line is blank or not there.", where)
    if row.fields > MAX_FIELDS:
        raise Damage("csv.header-missing", "The header has too many fields to be one.", where)
    if row.problem:
        if row.problem.code == "csv.carriage-return":
            raise Damage("csv.line-ends", "Lines end in carriage returns alone; readers see one long line.", where)
        raise Damage(row.problem.code, row.problem.message, where)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise Damage("csv.not-utf8", f"The header is not UTF-8, from its byte {error.start:,} on.", where) from error
    names = _names(text, dialect)
    problems = tuple(_problems(names, expected))
    known = not any(problem.code == "csv.header-missing" for problem in problems)
    columns = tuple(Column(name=name) for name in names) if known else None
    return Header(fields=row.fields, columns=columns, problems=problems)


def _names(text: str, dialect: CsvDialect) -> list[str]:
    escape = dialect.escape if dialect.escape != dialect.quote else None
    try:
        return next(
            csv.reader(
                [text],
                delimiter=dialect.delimiter,
                quotechar=dialect.quote or "\0",
                escapechar=escape or None,
                doublequote=True,
            )
        )
    except csv.Error as error:
        raise Damage("csv.header-missing", "The header is too long to be one.", "header") from error


def _problems(names: list[str], expected: Sequence[str] | None) -> list[Problem]:
    if expected is not None and names != list(expected):
        if not set(names) & set(expected):
            return [Problem("csv.header-missing", "The first row is no header: it has none of the expected names.")]
        return [Problem("csv.header-differs", _difference(names, expected))]
    if not any(character.isalpha() for name in names for character in name):
        return [Problem("csv.header-missing", "The first row is no header: it has no letter.")]
    if max(Counter(names).values()) > 1:
        return [Problem("csv.header-duplicate", "A name stands in the header twice.")]
    return []


def _difference(names: list[str], expected: Sequence[str]) -> str:
    missing, added = len(set(expected) - set(names)), len(set(names) - set(expected))
    if missing or added:
        return f"The header lacks {missing:,} of the expected columns and has {added:,} others."
    return "The header has the expected columns in another order, or one of them twice."
