# ruff: noqa: INP001 - scripts, not a package
"""Makes the files that are read, the same ones every time: ``python make_files.py FOLDER MEGABYTES SET``.

People as an audience export has them: ids, mail addresses, names, a score, a time, segments, an address, and in every
eighth row a text with a comma and quotes.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_ROW_BYTES = 330
"""About what a row takes as JSON."""


def rows(count: int, seed: int = 0) -> Iterator[dict[str, Any]]:
    chance = random.Random(seed)  # noqa: S311 - the same rows every time are the point
    for number in range(count):
        yield {
            "id": f"{chance.getrandbits(128):032x}",
            "email": f"person{number}@example.com",
            "first": chance.choice(["Ada", "Zoë", "Grace", "Lin", "Mohammed", "Søren"]),
            "last": f"Name{chance.randrange(100_000)}",
            "note": 'likes "quotes", commas' if number % 8 == 0 else "nothing of note",
            "score": chance.random(),
            "visits": chance.randrange(1000),
            "updated": f"2027-01-{number % 28 + 1:02d}T{number % 24:02d}:00:00Z",
            "segments": [f"segment-{chance.randrange(500)}" for _ in range(number % 3)],
            "address": {"city": f"City {chance.randrange(5000)}", "zip": f"{chance.randrange(100_000):05d}"},
        }


def flat(row: dict[str, Any]) -> dict[str, Any]:
    address = row.pop("address")
    return {**row, "segments": "|".join(row["segments"]), "city": address["city"], "zip": address["zip"]}


def write_text(folder: Path, count: int) -> None:
    with (folder / "rows.json").open("w", encoding="utf-8") as target:
        target.writelines(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows(count))
    for name, quoting in (("rows.csv", csv.QUOTE_MINIMAL), ("quoted.csv", csv.QUOTE_ALL)):
        with (folder / name).open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, list(flat(next(rows(1)))), lineterminator="\n", quoting=quoting)
            writer.writeheader()
            writer.writerows(map(flat, rows(count)))
    for name in ("rows.json", "rows.csv"):
        with (folder / name).open("rb") as source, gzip.open(folder / f"{name}.gz", "wb", 6) as packed:
            shutil.copyfileobj(source, packed, 1 << 20)


def write_parquet(folder: Path, count: int) -> None:
    import pyarrow as pa  # noqa: PLC0415 - the other files need none
    import pyarrow.parquet as pq  # noqa: PLC0415

    table = pa.Table.from_pylist(list(rows(count)))
    for name, codec, checksums in (("rows.gz.parquet", "gzip", True), ("rows.snappy.parquet", "snappy", True)):
        pq.write_table(table, folder / name, compression=codec, write_page_checksum=checksums, row_group_size=100_000)


def write_set(folder: Path, files: int, count: int) -> None:
    """Many files, a set for each format."""
    write_parquet(folder, count)
    for name in ("rows.json.gz", "rows.csv.gz", "rows.gz.parquet"):
        for number in range(files):
            target = folder / f"part-{number:04d}.{name.removeprefix('rows.')}"
            if not target.exists():
                target.hardlink_to(folder / name)


def main() -> None:
    folder, megabytes, files = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    count = megabytes * 1_000_000 // _ROW_BYTES
    write_text(folder, count)
    write_set(folder, files, count)
    small = folder / "small"
    small.mkdir(exist_ok=True)
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows(100))), buffer, compression="gzip")
    for number in range(200):
        (small / f"part-{number:04d}.parquet").write_bytes(buffer.getvalue())


if __name__ == "__main__":
    main()
