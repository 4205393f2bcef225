"""The site has every page once, in an order, and loads nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML

from tests.unit.docs.pages import PAGES, ROOT, name_of

DOCS = ROOT / "docs"
CONFIG = YAML(typ="safe").load((ROOT / "mkdocs.yml").read_text("utf-8"))
ORDER = ["Start", "Promises", "Tutorial", "How to", "Runbook", "Reference", "Explanation", "Decisions"]


def _named(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, dict):
            for below in entry.values():
                yield from _named(below if isinstance(below, list) else [below])
        else:
            yield entry


def test_sections_are_in_order() -> None:
    assert [next(iter(entry)) for entry in CONFIG["nav"]] == ORDER


def test_every_page_has_one_place() -> None:
    entries = list(_named(CONFIG["nav"]))
    named = [entry for entry in entries if entry.endswith(".md")]
    folders = {entry.rstrip("*") for entry in entries if not entry.endswith(".md")}
    assert len(named) == len({*named})
    assert [page for page in named if not (DOCS / page).is_file()] == []
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert {page for page in pages - {*named} if f"{page.rpartition('/')[0]}/" not in folders} == set()


def test_nothing_is_loaded_when_it_is_read() -> None:
    assert CONFIG["theme"]["font"] is False
    assert CONFIG["use_directory_urls"] is False
    assert CONFIG["plugins"] == ["search", "offline"]
    assert [script for script in CONFIG["extra"]["polyfills"] if (DOCS / script).is_file()] == [
        # The name without which mkdocs-material fetches one.
        "assets/iframe-worker.js"
    ]
    assert {"extra_javascript", "extra_css"} & {*CONFIG} == set()
    text = "".join(page.read_text("utf-8") for page in PAGES)
    assert "```mermaid" not in text.replace((ROOT / "README.md").read_text("utf-8"), "")


def test_lists_are_read_alike_by_github_and_the_site() -> None:
    """Python-Markdown wants an empty line before a list, and what belongs to an item to be indented by four."""
    for page in PAGES:
        before = ""
        fence = False
        for number, line in enumerate(page.read_text("utf-8").splitlines(), start=1):
            fence ^= line.lstrip().startswith("```")
            item = re.match(r"( *)(?:[*-]|\d+\.) ", line)
            if not fence and item and before and not re.match(r" *(?:[*-]|\d+\.) |  +\S|#", before):
                raise AssertionError(f"{name_of(page)}:{number}: no empty line before the list")
            if line.lstrip().startswith("```") and 0 < len(line) - len(line.lstrip()) < 4:
                raise AssertionError(f"{name_of(page)}:{number}: a sample in a list is indented by four")
            before = line
