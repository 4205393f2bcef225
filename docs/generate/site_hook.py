"""What `make docs` does beyond mkdocs: folders in the nav, and pages for files of the repository that are linked to.

The pages link to code, schemas and examples by relative paths, as GitHub wants it. The site has no such files, so each
one that is linked to becomes a page of its own, with its content. Runs in the environment of requirements/docs.txt.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig  # type: ignore[import-not-found]  # only in the environment of the docs
from mkdocs.structure.files import File, Files, InclusionLevel  # type: ignore[import-not-found]
from mkdocs.structure.pages import Page  # type: ignore[import-not-found]

_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?(?=\))")
_FENCES = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".py": "python", ".toml": "toml"}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """In the nav, ``folder/`` stands for all pages of a folder, ``folder/*`` for those that are named nowhere else."""
    docs = Path(config.docs_dir)
    nav = config.nav or []
    config.nav = _filled(nav, docs, set(_named(nav)))
    return config


def _named(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, dict):
            for below in entry.values():
                yield from _named(below if isinstance(below, list) else [below])
        else:
            yield entry


def _filled(entries: list[Any], docs: Path, named: set[str]) -> list[Any]:
    filled: list[Any] = []
    for entry in entries:
        if isinstance(entry, str):
            rest = entry.endswith("/*")
            filled += [page for page in _pages(docs, entry[:-1]) if page not in named] if rest else [entry]
            continue
        [(title, below)] = entry.items()
        if isinstance(below, str) and below.endswith("/"):
            pages = _pages(docs, below)
            index = f"{below}index.md"
            below = [index] * (index in pages) + [{Path(page).stem: page} for page in pages if page != index]
        filled.append({title: _filled(below, docs, named) if isinstance(below, list) else below})
    return filled


def _pages(docs: Path, folder: str) -> list[str]:
    return [path.relative_to(docs).as_posix() for path in sorted((docs / folder).glob("*.md"))]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds a page for each file or folder outside of docs/ that a page links to, and for what those link to."""
    root = Path(config.config_file_path).parent
    waiting = [(f"docs/{file.src_uri}", file.content_string) for file in files.documentation_pages()]
    seen: set[str] = set()
    while waiting:
        place, text = waiting.pop()
        for match in _LINK.finditer(text):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(place), match[1]))
            if target in seen or target.startswith(("..", "docs/")) or not (root / target).exists():
                continue
            seen.add(target)
            content = _content(root, target)
            files.append(File.generated(config, _page_of(target), content=content, inclusion=InclusionLevel.NOT_IN_NAV))
            if target.endswith(".md"):
                waiting.append((target, content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - mkdocs names them
    """Leads links to files of the repository to their pages."""
    root = Path(config.config_file_path).parent
    place = _file_of(page.file.src_uri, root)

    def led(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(place), match[1]))
        if target.startswith("docs/"):
            target = target.removeprefix("docs/")
        elif (root / target).exists():
            target = _page_of(target)
        else:
            return match[0]
        return posixpath.relpath(target, posixpath.dirname(page.file.src_uri) or ".") + (match[2] or "")

    return _LINK.sub(led, markdown)


def _page_of(target: str) -> str:
    return f"source/{target}" if target.endswith(".md") else f"source/{target}.md"


def _file_of(page: str, root: Path) -> str:
    if not page.startswith("source/"):
        return f"docs/{page}"
    path = page.removeprefix("source/")
    return path if (root / path).is_file() else path.removesuffix(".md")


def _content(root: Path, target: str) -> str:
    path = root / target
    if path.suffix == ".md":
        return path.read_text("utf-8")
    head = f"---\nsearch:\n  exclude: true\n---\n\n# {target}\n\n"
    if path.is_dir():
        names = sorted(f"{below.name}/" if below.is_dir() else below.name for below in path.iterdir())
        return head + "".join(f"* `{name}`\n" for name in names if not name.startswith((".", "__")))
    return f"{head}````{_FENCES.get(path.suffix, 'text')}\n{path.read_text('utf-8')}\n````\n"
