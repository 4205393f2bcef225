"""An example of what is printed for each code of a config, from the bad configs that the tests keep."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from docs.generate.said import ROOT

_CASES = ROOT / "tests" / "unit" / "config"
_HEAD = re.compile(r"^\S+:\d+:\d+: .* \[(config\.[a-z0-9-]+)\]$")


@cache
def examples() -> dict[str, str]:
    """The shortest diagnostic for each code: head, offending line, mark, hint."""
    found: dict[str, str] = {}
    for path in [*sorted(_CASES.glob("bad/*.expected")), *sorted(_CASES.glob("bad_parts/*/expected"))]:
        for code, text in _diagnostics(path):
            if code not in found or len(text) < len(found[code]):
                found[code] = text
    return found


def _diagnostics(path: Path) -> Iterator[tuple[str, str]]:
    code, lines = "", list[str]()
    for line in path.read_text("utf-8").splitlines():
        if head := _HEAD.fullmatch(line):
            if code:
                yield code, "\n".join(lines)
            code, lines = head[1], []
        lines.append(line)
    if code:
        yield code, "\n".join(lines)
