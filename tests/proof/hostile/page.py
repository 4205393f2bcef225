"""The figures of hostile input, as a table for docs/explanation/proof.md."""

from __future__ import annotations

from typing import Any


def section(found: list[dict[str, Any]]) -> str:
    """The figures of hostile input, of all that were kept; empty where there are none."""
    hostile = [one for one in found if "hostile" in one]
    return _table(hostile) if hostile else ""


def _table(found: list[dict[str, Any]]) -> str:
    columns = ("tried", "accepted", "refused", "wrong")
    rows = [
        f"| {one['hostile']} | "
        + " | ".join(f"{one[column]:,}" for column in columns)
        + f" | {one['slowest']:.2f} s | {one['mebibytes']:,} MiB | {one['date']} |"
        for one in found
    ]
    sums = " | ".join(f"**{sum(one[column] for one in found):,}**" for column in columns)
    head = (
        "| Hostile | Tried | Taken | Refused | Otherwise | Slowest | Most memory | Date |\n"
        "|---|--:|--:|--:|--:|--:|--:|---|\n"
    )
    return head + "\n".join(rows) + f"\n| **All** | {sums} | | | |\n"
