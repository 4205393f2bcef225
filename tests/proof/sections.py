"""Parts of docs/explanation/proof.md that are written anew, each between two comments."""

from __future__ import annotations

from pathlib import Path

PAGE = Path("docs/explanation/proof.md")


def replaced(page: str, name: str, content: str, *, by: str = "make proof") -> str:
    """The page with other content between the comments of a name.

    Raises:
        ValueError: The page has no such comments.
    """
    begin, end = f"<!-- {name}: written by {by} -->", f"<!-- end of {name} -->"
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"no {begin} and {end}")
    return f"{before}{begin}\n\n{content}\n{end}{after}"
