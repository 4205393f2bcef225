"""The sound deliveries that damage is done to: one for each form of files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.proof.corruption.clean import large
from tests.proof.corruption.contents import of_audience, seeded
from tests.proof.corruption.deliveries import Delivery, by_adobe, by_others
from tests.proof.corruption.forms import Form

_ROWS = (240, 170)
"""Of the two datasets or audiences. No two files have as many rows."""
_COLUMNS = (
    ("email", "personalEmail.address"),
    ("first_name", "person.name.firstName"),
    ("city", "homeAddress.city"),
)
_PARTS = (100, 80, 60)


def bases(folder: Path) -> Iterator[Delivery]:
    """Each of them. `folder` is an empty one, for data lakes."""
    random = seeded(4)
    yield from _of_datasets(random, folder)
    yield from _of_audiences(random, folder)
    form = Form("audiences", "JSON", "GZIP", columns=_COLUMNS, count=1)
    # So large that it can be handed from one function to another.
    yield replace(large(random, form, 24_000), traits=frozenset({"covered", "large"}))


def name_of(delivery: Delivery) -> str:
    """What a base is called."""
    return " ".join([str(delivery.form), *sorted(delivery.traits)])


def _of_datasets(random: Random, folder: Path) -> Iterator[Delivery]:
    for file_type in ("JSON", "PARQUET"):
        for compression in ("GZIP", "NONE"):
            for manifest in (False, True):
                form = Form("datasets", file_type, compression, manifest=manifest)
                place = folder / str(form).replace(" ", "-")
                place.mkdir()
                covered = {"covered"} if compression == "GZIP" else set()
                made = by_adobe(form, [_dataset(random, rows, number) for number, rows in enumerate(_ROWS)], 100, place)
                yield replace(made, traits=frozenset(covered))
    gzip, none = Form("datasets", "PARQUET", "GZIP"), Form("datasets", "PARQUET", "NONE")
    yield _written(random, none, {"compression": "none", "write_page_checksum": True}, "covered", "checksums")
    yield _written(
        random, none, {"compression": "snappy", "write_page_checksum": True}, "covered", "checksums", "snappy"
    )
    yield _written(random, none, {"compression": "none", "use_dictionary": False}, "uncovered")
    yield _written(random, gzip, {"compression": "gzip", "data_page_version": "2.0"}, "pages-2")
    strict = _written(random, replace(gzip, strict=True), {"compression": "gzip"}, "covered", "strict")
    yield replace(strict, before=strict)


def _of_audiences(random: Random, folder: Path) -> Iterator[Delivery]:
    csv, semicolons = Form("audiences", "CSV", "NONE"), (("delimiter", ";"), ("nullValue", ""))
    forms = [
        csv,
        replace(csv, compression="GZIP"),
        replace(csv, csv=semicolons, manifest=True),
        replace(csv, csv=(("quote", ""), ("delimiter", "\t"))),
        replace(csv, keyed=True, compression="GZIP"),
        replace(csv, path="exports/%SEGMENT_NAME%"),
        replace(csv, file_type="JSON", compression="GZIP"),
        replace(csv, file_type="PARQUET", compression="GZIP"),
        replace(csv, encrypted=True),
        replace(csv, encrypted=True, compression="GZIP", manifest=True),
        replace(csv, encrypted=True, file_type="PARQUET"),
    ]
    for form in forms:
        wide = replace(form, columns=_COLUMNS)
        made = by_adobe(wide, _audiences(random, wide), 5_000_000, folder)
        yield replace(made, traits=frozenset({"covered"} if form.file_type == "PARQUET" else ()) | _odd(form))
    one = replace(csv, columns=_COLUMNS, count=1)
    yield replace(by_adobe(one, _audiences(random, one)[:1], 70, folder), traits=frozenset({"split"}))
    yield replace(by_adobe(one, _audiences(random, one)[:1], 5_000_000, folder), traits=frozenset({"alone"}))


def _odd(form: Form) -> frozenset[str]:
    """What tells two bases of one form apart."""
    told = {"keyed": form.keyed, "folders": "%" in form.path, "tabs": dict(form.csv).get("delimiter") == "\t"}
    return frozenset(name for name, holds in told.items() if holds)


def _written(random: Random, form: Form, options: dict[str, Any], *traits: str) -> Delivery:
    """What Arrow makes of Parquet with these options."""
    tables = [_dataset(random, rows, number) for number, rows in enumerate(_ROWS)]
    parts = [[table.slice(sum(_PARTS[:number]), rows) for number, rows in enumerate(_PARTS)] for table in tables]
    write: Callable[[pa.Table, IO[bytes]], None] = partial(_write, options)
    kept = [[part for part in each if len(part)] for each in parts]
    return replace(by_others(form, kept, write), traits=frozenset(traits))


def _write(options: dict[str, Any], table: pa.Table, spool: IO[bytes]) -> None:
    pq.write_table(table, spool, row_group_size=40, data_page_size=200, **options)


def _dataset(random: Random, rows: int, number: int) -> pa.Table:
    """Rows with values of several types; each dataset has a column that the others have not."""
    names = [random.choice(("Zoë", "Åse", "Jürgen", "東京")) for _ in range(rows)]
    tags: list[list[str] | None] = [["a", "b"][: row % 3] if row % 5 else None for row in range(rows)]
    return pa.table(
        {
            "id": pa.array(range(rows), pa.int64()),
            "name": names,
            "tags": pa.array(tags, pa.list_(pa.string())),
            f"of_{number}": [random.random() for _ in range(rows)],
        }
    )


def _audiences(random: Random, form: Form) -> list[pa.Table]:
    columns = [column for column, _ in form.columns]
    tables = [of_audience(random, rows, columns, plain=True) for rows in _ROWS]
    return [table.set_column(1, columns[1], pa.array(["Zoë"] * len(table))) for table in tables]
