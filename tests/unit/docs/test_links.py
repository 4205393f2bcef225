"""Whatever the documentation points at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.docs.pages import PAGES, ROOT, anchors, code_spans, links, name_of, samples, tables

GOALS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
VARIABLES = set(re.findall(r"\$\(if \$\(([A-Z]+)\)", (ROOT / "Makefile").read_text()))
PARTS = {"demo", "docs", "emulator", "events", "examples", "functions", "schemas", "shared", "statemachines", "tests"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_relative_links_resolve(page: Path) -> None:
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            assert link.startswith("https://"), link
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT), link
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_in_code_type_exist(page: Path) -> None:
    for span in code_spans(page):
        if re.fullmatch(r"\.?[\w-]+(/[\w.-]*)+", span) and span.partition("/")[0] in PARTS:
            assert (ROOT / span).exists(), span


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_goals_and_variables_exist(page: Path) -> None:
    commands = [line for sample in samples(page) if sample.language == "console" for line in sample.text.splitlines()]
    for command in [*(line.removeprefix("$ ") for line in commands), *code_spans(page)]:
        if command.startswith("make "):
            goal, *settings = command.partition("#")[0].split()[1:]
            assert goal in GOALS, command
            assert {setting.partition("=")[0] for setting in settings} <= VARIABLES, command
            for setting in settings:
                name, _, value = setting.partition("=")
                assert name != "CONFIG" or not value.startswith("examples/") or (ROOT / value).is_file(), command


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_consoles_begin_with_a_command(page: Path) -> None:
    for sample in samples(page):
        if sample.language == "console":
            assert sample.text.startswith("$ "), str(sample)


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        targets = [(page.parent / link.partition("#")[0]).resolve() for link in links(page) if "://" not in link]
        waiting += [target for target in targets if target.suffix == ".md" and target.exists()]
    assert {name_of(page) for page in PAGES} - {name_of(page) for page in seen} == set()


def test_pictures_are_small() -> None:
    pictures = [path for path in (ROOT / "docs" / "images").iterdir() if path.is_file()]
    assert pictures
    assert all(path.stat().st_size <= 300_000 for path in pictures)


def test_every_decision_is_listed() -> None:
    [table] = tables("docs/adr/index.md")
    listed = [re.findall(r"\((.+?)\)", cell)[0] for cell in table.column(table.head[0])]
    assert listed == sorted(path.name for path in (ROOT / "docs" / "adr").glob("0*.md"))
