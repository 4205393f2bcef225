"""Rows as people have them: any script, nulls, empty texts, quotes, line breaks in values, objects and lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import pyarrow as pa

_WORDS = (
    "Oslo", "Zoë", "東京", "𝄞 clef", "naïve café", "מזל טוב", "a\u2028b", "tab\tin", "O'Neil", "x" * 200, "ﬁ", "e\u0301",
    "👩‍👩‍👧", "0", "true", "null", "NaN", "-", "=1+1", "@home", " leading", "trailing ", "{}", "[1]", "#", "\\N", "%41", "&amp;",
)  # fmt: skip
_AWKWARD = (
    'say "hi"',
    '"',
    '""',
    "two\nlines",
    "two\r\nlines",
    "a,b",
    "a;b|c:d\te",
    "C:\\dir\\",
    '\\"',
    "\\",
    "\n",
    ',"',
    "'quoted'",
)
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)

Make = Callable[[Random, int], list[Any]]


def seeded(number: int) -> Random:
    """What draws the same every time."""
    return Random(number)  # noqa: S311 - test data


def text(random: Random, *, plain: bool = False) -> str:
    """Some text; a plain one holds nothing that any dialect of CSV treats specially."""
    words = [word for word in _WORDS if not (plain and set(word) & set(",;|:\t\n\r\"'\\"))]
    pool = words if plain or random.random() < 0.7 else _AWKWARD
    return " ".join(random.choice(pool) for _ in range(random.choice((1, 1, 2, 6))))


def _texts(random: Random, rows: int) -> list[Any]:
    return [random.choice((None, "", text(random), text(random))) for _ in range(rows)]


def _structs(random: Random, rows: int) -> list[Any]:
    return [
        None if random.random() < 0.2 else {"city": text(random), "geo": {"lat": random.random(), "zip": None}}
        for _ in range(rows)
    ]


def _lists(random: Random, rows: int) -> list[Any]:
    return [None if random.random() < 0.2 else [text(random)] * random.randrange(4) for _ in range(rows)]


_KINDS: dict[str, tuple[pa.DataType, Make]] = {
    "name": (pa.string(), _texts),
    "count": (pa.int32(), lambda random, rows: [random.choice((None, random.randrange(-9, 9))) for _ in range(rows)]),
    "amount": (pa.float64(), lambda random, rows: [random.choice((None, random.gauss(0, 1e6))) for _ in range(rows)]),
    "flag": (pa.bool_(), lambda random, rows: [random.choice((None, True, False)) for _ in range(rows)]),
    "at": (
        pa.timestamp("ms", tz="UTC"),
        lambda random, rows: [_BEGINNING + timedelta(milliseconds=random.randrange(10**11)) for _ in range(rows)],
    ),
    "born": (pa.date32(), lambda random, rows: [date(1950 + random.randrange(60), 2, 3) for _ in range(rows)]),
    "price": (pa.decimal128(12, 2), lambda random, rows: [Decimal(random.randrange(10**6)) / 100 for _ in range(rows)]),
    "nothing": (pa.string(), lambda _, rows: [None] * rows),
    "address": (
        pa.struct([("city", pa.string()), ("geo", pa.struct([("lat", pa.float64()), ("zip", pa.string())]))]),
        _structs,
    ),
    "tags": (pa.list_(pa.string()), _lists),
}


def of_dataset(random: Random, rows: int) -> pa.Table:
    """A table with an id and some other columns."""
    chosen = random.sample(sorted(_KINDS), random.randrange(len(_KINDS) + 1))
    columns: dict[str, pa.Array[Any]] = {"id": pa.array(range(rows), pa.int64())}
    columns |= {f"_tenant_{name}" if random.random() < 0.1 else name: _made(name, random, rows) for name in chosen}
    return pa.table(columns)


def of_audience(random: Random, rows: int, columns: Sequence[str], *, plain: bool = False) -> pa.Table:
    """A table of texts with these columns, the first of which is different in every row."""
    made = {columns[0]: [f"person{number}@example.com" for number in range(rows)]}
    for column in columns[1:]:
        values = [random.choice((None, "", text(random, plain=plain), text(random, plain=plain))) for _ in range(rows)]
        made[column] = values  # type: ignore[assignment]  # texts, and nothing
    return pa.table({name: pa.array(values, pa.string()) for name, values in made.items()})


def cut(random: Random, table: pa.Table, parts: int) -> list[pa.Table]:
    """The table in so many parts, some of which may be empty."""
    bounds = sorted([0, len(table), *(random.randint(0, len(table)) for _ in range(parts - 1))])
    return [table.slice(start, end - start) for start, end in pairwise(bounds)]


def _made(name: str, random: Random, rows: int) -> pa.Array[Any]:
    kind, make = _KINDS[name]
    return pa.array(make(random, rows), kind)
