"""The figures of damage, as tables for docs/explanation/proof.md."""

from __future__ import annotations

from typing import Any


def section(found: list[dict[str, Any]]) -> str:
    """The figures of damage, of all that were kept; empty where there are none."""
    of_damage = [one for one in found if "damage" in one]
    return f"{_table(of_damage)}\n{_sentences(found)}" if of_damage else ""


def _table(found: list[dict[str, Any]]) -> str:
    columns = ("kinds", "deliveries", "found", "divided", "otherwise")
    rows = [
        f"| {one['damage']} | {one['kinds']} | {one['forms']} | "
        + " | ".join(f"{one[column]:,}" for column in columns[1:])
        + f" | {one['date']} |"
        for one in found
    ]
    kinds, *sums = (f"**{sum(one[column] for one in found):,}**" for column in columns)
    head = (
        "| Damage to | Kinds | Forms | Deliveries | Found as told | Read in parts | Then told otherwise | Date |\n"
        "|---|--:|--:|--:|--:|--:|--:|---|\n"
    )
    return head + "\n".join(rows) + f"\n| **All** | {kinds} | | {' | '.join(sums)} | |\n"


def _sentences(found: list[dict[str, Any]]) -> str:
    told = []
    for one in found:
        if "corpus" in one:
            told.append(
                f"Of the written files of the corpus {one['found']:,} of {one['corpus']:,} damaged ones were found, and "
                f"{one['sound']:,} sound ones raised no alarm."
            )
        if "alarms" in one:
            told.append(
                f"**{one['alarms']:,} false alarms** in {one['sound']:,} sound deliveries of {one['forms']} forms: "
                f"{one['files']:,} files, {one['rows']:,} rows; {one['empty']:,} had nothing to export, and "
                f"{one['divided']:,} were read in parts as well, with the same report ({one['date']})."
            )
    return "\n".join(told) + "\n"
