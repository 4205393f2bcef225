"""Writes the corpus of sound and damaged files into a folder, with ``cases.json`` beside them.

Run as ``python -m tests.corpus.make_corpus FOLDER``. The same files come out every time.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tests.corpus import csv_cases, json_cases, openpgp_cases, parquet_cases, zip_cases
from tests.corpus.case import Case

MODULES = (json_cases, csv_cases, zip_cases, parquet_cases, openpgp_cases)
SOUND: list[Case] = [case for module in MODULES for case in module.SOUND]
DAMAGED: list[Case] = [case for module in MODULES for case in module.DAMAGED]
CASES = [*SOUND, *DAMAGED]


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    table = []
    for case in CASES:
        (folder / case.file_name).write_bytes(case.data)
        table.append(
            {
                "file": case.file_name,
                "type": case.file_type,
                "compression": case.compression,
                "verdict": case.verdict,
                "rows": case.rows,
                "code": case.code,
                "where": case.where,
                "dialect": case.dialect.model_dump(),
                "columns": case.columns,
                "encrypted": case.encrypted,
            }
        )
    (folder / "cases.json").write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the corpus of sound and damaged files.")
    parser.add_argument("folder", type=Path)
    write(parser.parse_args().folder)
