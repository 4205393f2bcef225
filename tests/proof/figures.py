"""The figures of the long proof: one file each in ``build/proof``, and all of them in the documentation.

``python -m tests.proof.figures`` writes the table of docs/explanation/proof.md from the files.
"""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.proof.chaos import page as of_chaos
from tests.proof.corruption import page as of_damage
from tests.proof.hostile import page as of_hostile
from tests.proof.sections import PAGE, replaced

PROOF = bool(os.environ.get("PROOF"))
"""Whether all cells are asked for: ``make proof``. Otherwise a sample of each matrix is."""
FOLDER = Path("build/proof")


def write_figures(name: str, **figures: Any) -> None:
    """Keep what one part of the proof has found."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    figures["seconds"] = round(figures["seconds"], 1)
    dated = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "command": "make proof", "python": platform.python_version()}
    (FOLDER / f"{name}.json").write_text(json.dumps({**figures, **dated}, indent=2) + "\n")


def table(found: list[dict[str, Any]]) -> str:
    """The figures as a table in Markdown, with a line of sums."""
    columns = ("cells", "recovered", "refused", "wrong")
    rows = [
        f"| {one['what']} | {one['operations']} | {one['faults']} | "
        + " | ".join(f"{one[column]:,}" for column in columns)
        + f" | {one['date']} |"
        for one in found
    ]
    sums = " | ".join(f"**{sum(one[column] for one in found):,}**" for column in columns)
    head = "| What fails | Operations | Faults | Cells | Recovered | Refused as told | Wrong | Date |\n"
    return head + "|---|--:|--:|--:|--:|--:|--:|---|\n" + "\n".join(rows) + f"\n| **All** | | | {sums} | |\n"


def main() -> None:
    """Put the tables into the page."""
    found = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
    sections = {
        "figures": table([one for one in found if "cells" in one]),
        "damage": of_damage.section(found),
        "hostile": of_hostile.section(found),
        "chaos": of_chaos.section(found),
    }
    page = PAGE.read_text()
    for name, content in sections.items():
        if content:
            page = replaced(page, name, content)
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
