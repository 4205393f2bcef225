# ruff: noqa: INP001 - scripts, not a package
"""What was created, kept beside the delivery, so that a script can be run again and goes on where it ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path


class Notebook:
    """Ids by name, in a file. Each is written down as soon as it is known."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ids: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def known_or(self, name: str, create: Callable[[], str]) -> str:
        """The id written down under a name; otherwise what `create` returns, written down."""
        if name not in self._ids:
            self._ids[name] = create()
            self._path.write_text(json.dumps(self._ids))
        return self._ids[name]
