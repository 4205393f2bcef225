"""All files that are generated from the documentation or for it, and which of those that lie there are out of date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from docs.generate import errors, iam, metrics, workflow_picture
from docs.generate.said import ROOT

DOCS = ROOT / "docs"
_PACKAGED = "shared/aep_delivery/cli/codes.json"
"""What the product itself says of its codes, with no network and no documentation at hand."""
_FOLDERS_OF_THEIR_OWN = ("reference/errors",)
"""Everything in them is generated: what lies there besides is a page of a code that is no more."""


def generated() -> dict[str, str]:
    """Path in the repository → content."""
    pages = {**errors.pages(), **iam.page(), **metrics.page(), **workflow_picture.pictures()}
    return {**{f"docs/{name}": content for name, content in pages.items()}, _PACKAGED: errors.packaged()}


def stale() -> list[Path]:
    """Files that differ from what would be written, are missing, or should not be there any more."""
    wanted = {ROOT / name: content for name, content in generated().items()}
    changed = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    return sorted([*changed, *(path for path in _kept() if path not in wanted)])


def write() -> list[Path]:
    """Write what is out of date, and remove what should not be there.

    Returns:
        The files that were changed.
    """
    wanted = {ROOT / name: content for name, content in generated().items()}
    found = stale()
    for path in found:
        if path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], "utf-8")
        else:
            path.unlink()
    return found


def _kept() -> Iterator[Path]:
    for folder in _FOLDERS_OF_THEIR_OWN:
        yield from (DOCS / folder).glob("*")
