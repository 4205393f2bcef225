"""Writes every generated page and picture: ``python -m docs.generate``."""

from __future__ import annotations

from docs.generate.pages import write

if __name__ == "__main__":
    for path in write():
        print(path)  # noqa: T201 - says what was changed
