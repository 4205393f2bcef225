"""The figures of hostile input, as a table for docs/explanation/proof.md."""

from __future__ import annotations

from typing import Any

BEGIN, END = "<!-- hostile: written by make proof -->", "<!-- end of hostile -->"


def put_into(page: str, found: list[dict[str, Any]]) -> str:
    """The page with the figures of hostile input, where there are any.

    Args:
        page: the text of docs/explanation/proof.md.
        found: all figures that were kept.
    """
    hostile = [one for one in found if "hostile" in one]
    if not hostile:
        return page
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{_table(hostile)}\n{END}{after}"


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
