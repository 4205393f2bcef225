"""The columns of JSON rows, as the first of them show."""

from __future__ import annotations

import re

import msgspec

from aep_delivery.verification.checkers.base import Column

ROWS = 200
"""Rows looked at: enough for a writer that leaves nulls out, and of no weight in a large file."""
_MAX_COLUMNS = 5000
_MAX_DEPTH = 24
_NAME = re.compile(r"[^\W\d][\w:$-]{0,126}")
"""What a schema calls a field. Keys of other forms are taken for values (of a map by e-mail address, say) and never
leave the process: they all become ``*``."""


class JsonShape:
    """The union of the shapes of some rows: dotted names, kinds, and whether a value may be missing.

    Objects count by what is in them; ``tags[].name`` is the name of each object in the array ``tags``.
    """

    def __init__(self) -> None:
        self._rows = 0
        self._kinds: dict[str, set[str]] = {}
        self._seen: dict[str, int] = {}

    @property
    def is_full(self) -> bool:
        return self._rows >= ROWS

    def add(self, line: bytes) -> None:
        """Look at one row. What is no JSON object is passed over."""
        try:
            row = msgspec.json.decode(line)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return
        if isinstance(row, dict):
            self._rows += 1
            for name in self._walk(row, "", 0):
                self._seen[name] = self._seen.get(name, 0) + 1

    def columns(self) -> tuple[Column, ...]:
        """The columns in the order they were first seen."""
        return tuple(
            Column(
                name=name,
                type="|".join(sorted(kinds - {"null"})) or "null",
                nullable="null" in kinds or self._seen[name] < self._rows,
            )
            for name, kinds in self._kinds.items()
        )

    def _walk(self, value: object, name: str, depth: int) -> set[str]:
        """Note a value and say which columns its row has."""
        if isinstance(value, dict) and value and depth < _MAX_DEPTH:
            prefix = f"{name}." if name else ""
            inner = (self._walk(item, prefix + _named(key), depth + 1) for key, item in value.items())
            return set().union(*inner)
        if name not in self._kinds and len(self._kinds) >= _MAX_COLUMNS:
            return set()
        found = {name}
        self._kinds.setdefault(name, set()).add(_kind(value))
        if isinstance(value, list) and depth < _MAX_DEPTH:
            for item in value[:_MAX_DEPTH]:
                if isinstance(item, dict):
                    found |= self._walk(item, f"{name}[]", depth + 1)
        return found


def _named(key: object) -> str:
    return key if isinstance(key, str) and _NAME.fullmatch(key) else "*"


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return "array"
    return "null" if value is None else "object"
