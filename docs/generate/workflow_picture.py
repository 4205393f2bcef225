"""Pictures of the workflows, drawn from their definitions: a column of states; what leaps or returns is an arc.

The pictures are SVG, so that GitHub, the site and paper show them alike and nothing draws them when they are read.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from docs.generate.said import ROOT

_WIDTH, _LEFT, _BOX, _GAP, _LANE = 760, 90, 490, 22, 22
_LINE = 16
_LONGEST = 20
"""Characters of a condition that fit beside its arrow."""
_FAILURES = ("HandleFailure", "Failed")
"""Every step that fails leads there: one sentence below the picture says so, instead of an arrow from each."""
_STYLE = """
text{font-family:system-ui,sans-serif;fill:#1b2b34;font-size:12px}
.name{font-weight:600;font-size:14px}
.about,.label{fill:#3d5662}
.task{fill:#e8f1f4;stroke:#5b8294}.choice{fill:#fdf3dc;stroke:#b98a1c}.wait{fill:#eee9f6;stroke:#7f68a8}
.map{fill:#e3f0e6;stroke:#568a61}.end{fill:#fff;stroke:#1b2b34}.fail{fill:#fbe6e4;stroke:#b5493f}
.edge{fill:none;stroke:#5a7382;stroke-width:1.5}.tip{fill:#5a7382}
"""
_KINDS = {
    "Task": "task",
    "Choice": "choice",
    "Wait": "wait",
    "Map": "map",
    "Pass": "task",
    "Succeed": "end",
    "Fail": "fail",
}


@dataclass(frozen=True)
class Edge:
    """From one state to another, with what a choice says there."""

    start: str
    end: str
    label: str = ""


@dataclass(frozen=True)
class Row:
    """A state with its place: where its box begins and how high it is, in pixels."""

    name: str
    kind: str
    about: list[str]
    top: int
    height: int

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @property
    def middle(self) -> int:
        return self.top + self.height // 2


def pictures() -> dict[str, str]:
    """The pictures: path below docs/ → SVG."""
    found = sorted((ROOT / "statemachines").glob("*.asl.json"))
    names = {path: path.name.removesuffix(".asl.json") for path in found}
    return {
        f"images/workflow-{name.replace('_', '-')}.svg": draw(name, json.loads(path.read_text("utf-8")))
        for path, name in names.items()
    }


def edges(states: Mapping[str, Any]) -> list[Edge]:
    """The arrows between the states of one definition, without those that lead to the handling of failures."""
    return [
        edge
        for name, state in states.items()
        if name not in _FAILURES
        for edge in _edges_of(name, state)
        if edge.end not in _FAILURES
    ]


def _edges_of(name: str, state: Mapping[str, Any]) -> Iterator[Edge]:
    for choice in state.get("Choices", []):
        yield Edge(name, choice["Next"], _condition(choice))
    if "Default" in state:
        yield Edge(name, state["Default"], "otherwise")
    if "Next" in state:
        yield Edge(name, state["Next"])


def _condition(choice: Mapping[str, Any]) -> str:
    text = re.sub(r"^\{%\s*|\s*%\}$|\$states\.input\.|\$", "", str(choice.get("Condition", "")))
    # A long one is for the definition; what it asks stands in the comment of its state.
    return text if len(text) <= _LONGEST else "if so"


def draw(name: str, definition: Mapping[str, Any]) -> str:
    """The SVG of one workflow."""
    states = definition["States"]
    rows = {row.name: row for row in _rows(states)}
    found = edges(states)
    parts = [_box(row) for row in rows.values()] + _arrows(rows, found)
    height = max(row.bottom for row in rows.values()) + 50
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    rest = "A step that fails leads to HandleFailure." if "HandleFailure" in states else ""
    parts.append(f'<text class="about" x="{_LEFT}" y="{height - 18}">{escape(rest)}</text>')
    told = " → ".join(rows)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="t d">',
            f'<title id="t">The workflow {escape(name)}</title>',
            f'<desc id="d">{escape(told)}</desc>',
            f"<style>{_STYLE}</style>",
            f'<rect width="{_WIDTH}" height="{height}" rx="8" fill="#fff"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def _rows(states: Mapping[str, Any]) -> Iterator[Row]:
    top = 20
    for name, state in states.items():
        if name in _FAILURES:
            continue
        about = textwrap.wrap(state.get("Comment", ""), 68)
        if state["Type"] == "Map":
            inner = [each for each in state["ItemProcessor"]["States"] if each not in _FAILURES]
            about += textwrap.wrap(f"for each: {', '.join(inner)}", 68)
        height = 28 + _LINE * len(about)
        yield Row(name, _KINDS[state["Type"]], about, top, height)
        top += height + _GAP


def _box(row: Row) -> str:
    round_ = 14 if row.kind in ("choice", "end", "fail") else 5
    lines = [f'<text class="name" x="{_LEFT + 12}" y="{row.top + 19}">{escape(row.name)}</text>']
    lines += [
        f'<text class="about" x="{_LEFT + 12}" y="{row.top + 19 + _LINE * (number + 1)}">{escape(line)}</text>'
        for number, line in enumerate(row.about)
    ]
    shape = f'<rect class="{row.kind}" x="{_LEFT}" y="{row.top}" width="{_BOX}" height="{row.height}" rx="{round_}"/>'
    return shape + "".join(lines)


def _arrows(rows: Mapping[str, Row], found: list[Edge]) -> list[str]:
    order = list(rows)
    lanes: list[tuple[int, int, int]] = []
    drawn = []
    for edge in sorted(found, key=lambda each: abs(order.index(each.end) - order.index(each.start))):
        start, end = order.index(edge.start), order.index(edge.end)
        if end == start + 1:
            drawn.append(_straight(rows[edge.start], rows[edge.end], edge.label))
            continue
        side = 1 if end > start else -1
        low, high = min(start, end), max(start, end)
        taken = {lane for lane, *span in lanes if lane * side > 0 and span[0] < high and low < span[1]}
        lane = next(side * number for number in range(1, 20) if side * number not in taken)
        lanes.append((lane, low, high))
        drawn.append(_arc(rows[edge.start], rows[edge.end], lane, edge.label))
    return drawn


def _straight(start: Row, end: Row, label: str) -> str:
    x = _LEFT + _BOX // 2
    line = f'<path class="edge" d="M{x} {start.bottom}V{end.top - 6}"/>{_tip(x, end.top, 90)}'
    return line + _label(x + 8, start.bottom + 15, label)


def _arc(start: Row, end: Row, lane: int, label: str) -> str:
    """A way around the boxes between: at the right where it leads on, at the left where it returns."""
    edge = _LEFT + _BOX if lane > 0 else _LEFT
    x, y, to = edge + lane * _LANE, start.middle, end.middle - 6 * (1 if lane > 0 else -1)
    turn = 8 if to > y else -8
    side = 8 if lane > 0 else -8
    back = edge + (6 if lane > 0 else -6)
    path = f"M{edge} {y}H{x - side}Q{x} {y} {x} {y + turn}V{to - turn}Q{x} {to} {x - side} {to}H{back}"
    line = f'<path class="edge" d="{path}"/>{_tip(edge, to, 180 if lane > 0 else 0)}'
    return line + (_label(x + 6, y + 4, label) if lane > 0 else _label(6, y - 4, label))


def _tip(x: int, y: int, angle: int) -> str:
    return f'<path class="tip" d="M0 0L-9 -4.5V4.5Z" transform="translate({x} {y}) rotate({angle})"/>'


def _label(x: int, y: int, text: str) -> str:
    return f'<text class="label" x="{x}" y="{y}">{escape(text)}</text>' if text else ""
