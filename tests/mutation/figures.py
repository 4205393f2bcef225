"""The figures of the mutants: a file in ``build/proof``, and a table in the documentation."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.mutation.survivors import Outcome
from tests.proof.figures import FOLDER
from tests.proof.sections import PAGE, replaced


def write_figures(outcomes: Sequence[Outcome]) -> None:
    """Keep what was found of all targets, and show it."""
    figures = {
        "targets": [
            {
                "target": one.target.name,
                "what": one.target.what,
                "modules": len(one.target.modules),
                "mutants": one.mutants,
                "killed": one.killed,
                "explained": len(one.survivors) - len(one.unexplained),
            }
            for one in outcomes
        ],
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "command": "make mutation",
        "python": platform.python_version(),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "mutants.json").write_text(json.dumps(figures, indent=2) + "\n")
    written = table(outcomes, date=str(figures["date"]))
    PAGE.write_text(replaced(PAGE.read_text(), "mutants", written, by="make mutation"))


def table(outcomes: Sequence[Outcome], *, date: str) -> str:
    """The figures in Markdown, with a line of sums."""
    rows = [
        f"| {one.target.what} | {len(one.target.modules)} | {one.mutants:,} | {one.killed:,} | {one.share:.1f} % "
        f"| {len(one.survivors) - len(one.unexplained):,} | {date} |\n"
        for one in outcomes
    ]
    mutants, killed = sum(one.mutants for one in outcomes), sum(one.killed for one in outcomes)
    explained = sum(len(one.survivors) - len(one.unexplained) for one in outcomes)
    return (
        "| What decides | Modules | Mutants | Killed | Share | Survivors explained | Date |\n"
        "|---|--:|--:|--:|--:|--:|---|\n"
        + "".join(rows)
        + f"| **All** | | **{mutants:,}** | **{killed:,}** | **{100 * killed / mutants:.1f} %** | **{explained:,}** | |\n"
    )
