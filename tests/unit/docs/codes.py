"""Every stable code of the product, read from its source: a code no page names is a code nobody can look up."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from aep_delivery.adobe.classification import TABLE
from aep_delivery.runtime.errors import FAMILIES, DeliveryError
from tests.unit.docs.pages import ROOT

_SOURCE = ROOT / "shared" / "aep_delivery"
_CODE = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z0-9]+(-[a-z0-9]+)*")
_NO_CODES = {
    "activation.attributes",
    "activation.schedule",
    "adopt.dataflow",
    "aep-delivery.cli",
    "auth.params",
    "aws.s3",
    "config.schema",
    "destination.type",
    "detail.bucket",
    "detail.key",
    "events.schema",
    "params.path",
    "planning.schema",
    "status.schema",
}
"""Texts of the same shape: event sources, modules, fields."""
_FILES = (".css", ".html", ".js", ".json")
"""And names of files."""
_OTHER_PAGES = {"cli"}
"""The command line has a reference of its own."""


def _constants(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
            yield node.value


def _codes() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in sorted(_SOURCE.rglob("*.py")):
        room = path.relative_to(_SOURCE).parts[0]
        for code in _constants(path):
            if code not in _NO_CODES and not code.endswith(_FILES) and room not in _OTHER_PAGES:
                found.setdefault(code, set()).add(room)
    return found


def _families() -> dict[str, str]:
    """The class of an error, where the call that makes it names one of the four, or a class derived from them."""
    known = {name: family for family, kind in FAMILIES.items() for name in _descendants(kind)}
    found = {rule.code: known[rule.error.__name__] for rule in TABLE}
    for path in sorted(_SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
                for keyword in node.keywords:
                    if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                        found[str(keyword.value.value)] = known[node.func.id]
    return found


def _descendants(kind: type[DeliveryError]) -> set[str]:
    return {kind.__name__}.union(*(_descendants(derived) for derived in kind.__subclasses__()))


CODES = _codes()
"""Code → the rooms that name it."""
FAMILY = _families()
"""Code → the class of its error, for codes that are raised under their class's own name."""
