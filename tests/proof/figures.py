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
from tests.proof.corruption.page import put_into
from tests.proof.hostile import page as of_hostile

PROOF = bool(os.environ.get("PROOF"))
"""Whether all cells are asked for: ``make proof``. Otherwise a sample of each matrix is."""
FOLDER = Path("build/proof")
PAGE = Path("docs/explanation/proof.md")
BEGIN, END = "<!-- figures: written by make proof -->", "<!-- end of figures -->"


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
    """Put the table into the page."""
    found = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page = f"{before}{BEGIN}\n\n{table([one for one in found if 'cells' in one])}\n{END}{after}"
    page = of_hostile.put_into(page, found)
    PAGE.write_text(of_chaos.put_into(put_into(page, found), found))


if __name__ == "__main__":
    main()
