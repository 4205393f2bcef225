"""What is generated is up to date, whole, and can be linked to."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest

from docs.generate import errors, workflow_picture
from docs.generate.pages import stale
from docs.generate.said import said
from tests.unit.docs.codes import CODES
from tests.unit.docs.pages import ROOT, anchors, name_of

DOCS = ROOT / "docs"
DEFINITIONS = sorted((ROOT / "statemachines").glob("*.asl.json"))
EXPLAINED = sorted((DOCS / "reference" / "errors").glob("*.md"))


def test_generated_pages_and_pictures_are_up_to_date() -> None:
    assert [name_of(path) for path in stale()] == [], "call `make pages`"


def test_every_code_is_explained_where_its_name_leads() -> None:
    for code in CODES:
        page, _, anchor = errors.link_of(code).partition("#")
        assert anchor in anchors(DOCS / page), code


def test_no_two_codes_have_the_same_anchor() -> None:
    for page in EXPLAINED:
        titles = re.findall(r"^## (\S+)$", page.read_text("utf-8"), re.MULTILINE)
        assert len({title.replace(".", "") for title in titles}) == len(titles), page.name


def test_every_explanation_shows_what_is_printed_and_says_what_to_do() -> None:
    for page in EXPLAINED:
        for section in re.split(r"^## ", page.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            code = section.splitlines()[0]
            example = section.partition("```text\n")[2].partition("\n```")[0]
            assert f"[{code}]" in example, code
            assert re.search(r"^  hint: \S|^      = \S|^\*\*What to do:\*\* \S", section, re.MULTILINE), code


def test_words_are_read_from_the_source_as_they_are_there() -> None:
    [words] = [each for each in said()["secret.not-found"] if each.hint]
    assert words.message == "There is no secret <name>, or it has no value yet."
    assert words.hint.startswith("aws secretsmanager create-secret --name <name>")


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.name)
def test_a_picture_has_every_state_and_arrow_of_its_workflow(path) -> None:
    states = json.loads(path.read_text("utf-8"))["States"]
    picture = DOCS / "images" / f"workflow-{path.name.removesuffix('.asl.json').replace('_', '-')}.svg"
    svg = ET.fromstring(picture.read_text("utf-8"))  # noqa: S314 - our own file
    names = {each.text for each in svg.iter("{http://www.w3.org/2000/svg}text") if each.get("class") == "name"}
    assert names == {name for name in states if name not in ("HandleFailure", "Failed")}
    arrows = [each for each in svg.iter("{http://www.w3.org/2000/svg}path") if each.get("class") == "edge"]
    drawn = {(edge.start, edge.end) for edge in workflow_picture.edges(states)}
    assert len(arrows) == len(workflow_picture.edges(states))
    assert drawn == {
        (name, end)
        for name, state in states.items()
        if name not in ("HandleFailure", "Failed")
        for end in [
            *(choice["Next"] for choice in state.get("Choices", [])),
            *(state[key] for key in ("Next", "Default") if key in state),
        ]
        if end not in ("HandleFailure", "Failed")
    }


def test_every_workflow_picture_is_on_a_page_and_needs_nothing_from_elsewhere() -> None:
    text = "".join(page.read_text("utf-8") for page in DOCS.rglob("*.md"))
    for picture in sorted((DOCS / "images").glob("*.svg")):
        assert f"images/{picture.name})" in text, picture.name
        assert not re.search(r"(href|src|url\()", picture.read_text("utf-8")), picture.name
