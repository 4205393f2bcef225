"""The documentation as data: its pages, samples, links, names in code type and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_MARKER = re.compile(r"<!-- sample: (.+?) -->")
_PARSER = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Sample:
    """A fenced block.

    Attributes:
        page: The file, relative to the repository.
        line: Of the opening fence.
        language: What the fence says: ``yaml``, ``console``.
        kind: The comment in front of it, ``<!-- sample: KIND -->``; empty without one.
        text: The content.
    """

    page: str
    line: int
    language: str
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Table:
    """A table, its cells as Markdown."""

    page: str
    section: str
    head: list[str]
    rows: list[list[str]]

    def column(self, title: str) -> list[str]:
        index = self.head.index(title)
        return [row[index] for row in self.rows]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def tokens(page: Path) -> list[Token]:
    return _PARSER.parse(page.read_text("utf-8"))


def samples(page: Path) -> Iterator[Sample]:
    before: Token | None = None
    for token in tokens(page):
        if token.type == "fence":
            found = _MARKER.search(before.content) if before is not None and before.type == "html_block" else None
            line = token.map[0] + 1 if token.map else 0
            yield Sample(name_of(page), line, token.info, found[1] if found else "", token.content)
        before = token


def all_samples(*kinds: str) -> list[Sample]:
    """Every sample whose kind begins with one of the words, or all there are."""
    found = [sample for page in PAGES for sample in samples(page)]
    return [sample for sample in found if not kinds or sample.kind.partition(" ")[0] in kinds]


def inline(page: Path, kind: str) -> Iterator[Token]:
    """The tokens of one kind inside paragraphs, headings and cells."""
    for token in tokens(page):
        yield from (child for child in token.children or () if child.type == kind)


def code_spans(page: Path) -> list[str]:
    return [token.content for token in inline(page, "code_inline")]


def links(page: Path) -> list[str]:
    return [
        *(str(token.attrGet("href")) for token in inline(page, "link_open")),
        *(str(token.attrGet("src")) for token in inline(page, "image")),
    ]


def anchors(page: Path) -> set[str]:
    """The anchors GitHub gives to the headings."""
    found = tokens(page)
    titles = [found[index + 1].content for index, token in enumerate(found) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def tables(path: str) -> list[Table]:
    """The tables of a page of the repository, each under the heading it follows."""
    page = ROOT / path
    found: list[Table] = []
    section = ""
    rows: list[list[str]] = []
    row: list[str] = []
    parsed = tokens(page)
    for index, token in enumerate(parsed):
        match token.type:
            case "heading_open":
                section = parsed[index + 1].content
            case "table_open":
                rows = []
            case "tr_open":
                row = []
            case "inline" if parsed[index - 1].type in ("th_open", "td_open"):
                row.append(token.content)
            case "tr_close":
                rows.append(row)
            case "table_close":
                found.append(Table(name_of(page), section, rows[0], rows[1:]))
    return found


def bare(cell: str) -> str:
    """A cell that is one name in code type, without the backticks; other cells as they are."""
    return cell[1:-1] if re.fullmatch(r"`[^`]+`", cell) else cell
