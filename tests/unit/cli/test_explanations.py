"""What the product says of a code is what the reference says of it."""

from __future__ import annotations

import re

import pytest

from aep_delivery.cli.exits import MisuseError
from aep_delivery.cli.explanations import codes, explanation, explanations, section_address
from docs.generate import errors
from tests.unit.docs.pages import ROOT, anchors

_LINK = re.compile(r"\]\(([^)#]+)(?:#([^)]+))?\)")


def test_every_code_of_the_reference_is_explained_on_the_page_that_is_named() -> None:
    assert {*explanations()} == {each.code for each in errors.told()}, "call `make pages`"
    for each in explanations().values():
        assert each.page == errors.link_of(each.code)
        assert each.meaning
        assert f"[{each.code}]" in each.example


def test_links_lead_to_pages_that_are_there() -> None:
    found = [link for each in explanations().values() for link in _LINK.findall(each.meaning + each.advice)]
    assert found
    for page, anchor in found:
        assert not anchor or anchor in anchors(ROOT / "docs" / page), (page, anchor)


def test_a_terminal_gets_the_section_without_links() -> None:
    assert [*explanation("set.files-missing").lines()] == [
        "set.files-missing",
        "",
        "A finding; as an error it asks for `INCOMPLETE`. Adobe reports more files than there are.",
        "",
        "  error: Adobe reports <number> files, storage has <number>. [set.files-missing]",
        "",
        "What to do: See `INCOMPLETE` (docs/how-to/read-a-mismatch.md).",
    ]


def test_markdown_links_to_the_site_where_there_is_one() -> None:
    found = explanation("set.files-missing")
    assert "](https://docs.example.com/how-to/read-a-mismatch.html#incomplete)" in found.markdown(
        "https://docs.example.com/"
    )
    assert "](" not in found.markdown()
    assert section_address("no.such-code", "https://docs.example.com") is None


@pytest.mark.parametrize("spelling", ["[config.alias]", " config.alias", "Config.Alias"])
def test_a_code_may_be_pasted_as_it_is_printed(spelling: str) -> None:
    assert explanation(spelling).code == "config.alias"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("config.unknown-feild", "did you mean config.unknown-field?"),
        ("gzip", "did you mean gzip.checksum or gzip.invalid or gzip.trailing-garbage?"),
        ("unknown-field", "did you mean config.unknown-field?"),
        ("gzip.sum", "did you mean gzip.checksum or gzip.invalid or gzip.trailing-garbage?"),
        ("", "There is no code ."),
        ("xyzzy", "There is no code xyzzy."),
    ],
)
def test_an_unknown_code_is_answered_with_those_that_may_be_meant(word: str, meant: str) -> None:
    with pytest.raises(MisuseError) as caught:
        explanation(word)
    assert caught.value.code == "cli.code-unknown"
    assert caught.value.message.endswith(meant)


def test_completion_offers_what_begins_alike() -> None:
    assert codes("manifest.") == sorted(code for code in explanations() if code.startswith("manifest."))
    assert codes("nope") == []
