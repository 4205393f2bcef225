"""Sound deliveries, drawn at random: every form, every size from no rows to thousands, every writer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa

from tests.proof.corruption.contents import cut, of_audience, of_dataset
from tests.proof.corruption.deliveries import Delivery, by_adobe, by_others
from tests.proof.corruption.forms import Form
from tests.proof.corruption.writers import some_writer

_SOURCES = ("personalEmail.address", "person.name.firstName", "homeAddress.city", "_tenant.note", "loyalty.tier")
_NAMES = ("email", "first_name", "city", "note", "tier")
_FOLDERS = ("", "", "%DATASET_NAME%/%DATETIME(YYYYMMdd_HHmmss)%", "%DATASET_ID%")
_FILES = ("", "", "%SEGMENT_ID%-%TIMESTAMP%", "%SEGMENT_NAME% %DATETIME(YYYYMMddHHmm)%")
_DIALECTS: tuple[dict[str, str], ...] = (
    {},
    {},
    {"delimiter": ";"},
    {"delimiter": "\t", "nullValue": ""},
    {"delimiter": "|", "emptyValue": "null"},
    {"delimiter": ":", "escape": "'", "nullValue": '""'},
    {"quote": ""},
    {"quote": "", "delimiter": "\t"},
)
HARMLESS = frozenset(
    {
        "file.encrypted",
        "set.keys-not-checked",
        "set.split-not-full",
        "set.dataset-empty",
        "set.audience-empty",
        "set.duplicate-file",
        "csv.last-line-open",
    }
)
"""Remarks that a sound delivery may have: its files are encrypted, or split earlier than Adobe does to keep the proof
quick, or it has nothing for one dataset, or two files of the same few rows, or a writer that leaves the last line open.
Any other is a false alarm, too."""


def clean(random: Random, folder: Path, most: int = 5000) -> Delivery:
    """One sound delivery.

    Args:
        random: what draws it.
        folder: an empty folder, for the data lake.
        most: rows that a dataset or audience may have.
    """
    form = _form(random)
    sizes = [_rows(random, most) for _ in form.subjects]
    if form.exports == "datasets":
        tables = [of_dataset(random, rows) for rows in sizes]
    else:
        plain = form.file_type == "CSV" and not form.csv_options["quote"]
        columns = [column for column, _ in form.columns]
        tables = [of_audience(random, rows, columns, plain=plain) for rows in sizes]
    if random.random() < 0.4:
        return by_adobe(form, tables, random.choice((1 + max(sizes) // 3, 5_000_000)), folder)
    parts = [_parts(random, form, table) for table in tables]
    return by_others(form, parts, some_writer(form, random))


def large(random: Random, form: Form, rows: int) -> Delivery:
    """A sound delivery of one file that cannot be packed well, so that several functions must read it."""
    columns = [column for column, _ in form.columns]
    made = pa.table({column: [f"Zoë{row}@example.com" for row in range(rows)] for column in columns})
    noise = pa.array([f"{random.getrandbits(160):040x}" for _ in range(rows)])
    table = made.set_column(len(columns) - 1, columns[-1], noise)
    return by_others(form, [[table]], some_writer(form, random))


def _form(random: Random) -> Form:
    file_type: Any = random.choice(("JSON", "PARQUET", "CSV", "CSV"))
    compression: Any = random.choice(("NONE", "GZIP"))
    common = Form("datasets", file_type, compression, manifest=random.random() < 0.3, count=random.randint(1, 3))
    if file_type != "CSV" and random.random() < 0.7:
        return replace(common, template=random.choice(_FOLDERS))
    width = random.randint(1, len(_NAMES))
    columns = tuple(zip(_NAMES, _SOURCES, strict=True))[:width]
    dialect = random.choice(_DIALECTS) if file_type == "CSV" else {}
    return replace(
        common,
        exports="audiences",
        csv=tuple(dialect.items()),
        columns=columns,
        template=random.choice(_FILES),
        path=random.choice(("exports", "exports/%SEGMENT_NAME%")),
        encrypted=random.random() < 0.1,
        keyed=random.random() < 0.3,
    )


def _rows(random: Random, most: int) -> int:
    return random.choice((0, 1, 2, 10, *(random.randrange(limit) for limit in (100, 1000, most) if limit <= most)))


def _parts(random: Random, form: Form, table: pa.Table) -> list[pa.Table]:
    """The tables of the files; an export without rows writes a frame, or no file at all."""
    if not len(table) and random.random() < 0.5:
        return []
    parts = cut(random, table, random.choice((1, 1, 2, 5)))
    # Plain JSON has no frame: without rows it would have no bytes.
    framed = form.file_type != "JSON" or form.compression == "GZIP"
    return [part for part in parts if framed or len(part)]
