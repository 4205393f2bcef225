"""The figures of chaos, as a table for docs/explanation/proof.md."""

from __future__ import annotations

from typing import Any

_ROWS = {
    "Deliveries": "deliveries",
    "Versions of their configs that were dropped": "versions",
    "Events that told of them, duplicates included": "events",
    "Foreign objects and messages between them": "foreign",
    "Executions": "executions",
    "Executions side by side, at most": "side_by_side",
    "Calls to Adobe": "calls",
    "Of these, failed on purpose": "faults",
    "Changes of locks": "lock_changes",
    "Holders of locks": "holders",
    "Times that a lock was another's": "waits",
    "**Doubled, lost, left over, or a lock held twice**": "wrong",
    "Memory at its highest, MB": "peak_megabytes",
    "Seconds": "seconds",
    "Date": "date",
}


def section(found: list[dict[str, Any]]) -> str:
    """The figures of chaos, of all that were kept; empty where there are none."""
    of_chaos = [one for one in found if "chaos" in one]
    return f"{_table(of_chaos)}\n{_ends(of_chaos)}" if of_chaos else ""


def _table(found: list[dict[str, Any]]) -> str:
    head = f"| | {' | '.join(one['chaos'] for one in found)} |\n|---|{'--:|' * len(found)}\n"
    return head + "".join(
        f"| {name} | {' | '.join(_shown(one[field]) for one in found)} |\n" for name, field in _ROWS.items()
    )


def _ends(found: list[dict[str, Any]]) -> str:
    """How the executions ended, the most frequent first."""
    told = []
    for one in found:
        ends = sorted(one["ends"].items(), key=lambda end: -end[1])
        told.append(f"* {one['chaos']}: " + ", ".join(f"{times:,} `{end}`" for end, times in ends) + ".")
    return "How the executions ended:\n\n" + "\n".join(told) + "\n"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:,}"
