from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.receipt.page import LONG_TABLE, render_page
from aep_delivery.verification.receipt.verdicts import SENSES
from aep_delivery.verification.report import DatasetReport, FilePart, FileReport, VerificationReport
from tests.receipts.samples import NAMES_WITH_MARKUP, named

VOID = {"meta", "link", "br", "input", "hr", "img"}


class Page(HTMLParser):
    """A strict reader: every element closed in order, and everything remembered."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.raw: dict[str, list[str]] = {"style": [], "script": []}
        self.feed(html)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> says an attribute twice"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] in self.raw:
            self.raw[self.stack[-1]].append(data)
        else:
            self.text.append(data)

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


def test_the_page_is_well_formed_and_says_the_verdict_first(sample: Receipt) -> None:
    page = Page(render_page(sample))
    sense = SENSES[sample.verdict]
    headings = [name for name, _ in page.elements if name in ("h1", "h2")]
    assert headings[0] == "h1"
    assert headings.count("h1") == 1
    assert f"{sense.title} {sample.verdict} {sample.reason}" in page.words


def test_the_page_needs_no_network(sample: Receipt) -> None:
    page = Page(render_page(sample))
    for _, attributes in page.elements:
        for name in ("src", "href", "action", "srcset", "xlink:href", "poster"):
            value = attributes.get(name, "#")
            assert value.startswith(("#", "data:image/svg+xml,"))
    style = "".join(page.raw["style"])
    assert "@import" not in style
    assert set(re.findall(r"url\((.*?)\)", style)) == {'"#hatch"'}


def test_the_policy_allows_exactly_the_inline_style_and_script(sample: Receipt) -> None:
    page = Page(render_page(sample))
    (policy,) = [meta["content"] for meta in page.of("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    directives = dict(directive.strip().split(" ", 1) for directive in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert "unsafe" not in policy
    for directive, tag in (("style-src", "style"), ("script-src", "script")):
        digest = base64.b64encode(hashlib.sha256("".join(page.raw[tag]).encode()).digest()).decode()
        assert directives[directive] == f"'sha256-{digest}'"
        assert len(page.of(tag)) == 1


def test_nothing_the_policy_would_block_is_used(sample: Receipt) -> None:
    for _, attributes in Page(render_page(sample)).elements:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]


def test_ids_are_unique_and_what_points_to_them_finds_them(sample: Receipt) -> None:
    page = Page(render_page(sample))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    pointers = [attributes["aria-labelledby"] for _, attributes in page.elements if "aria-labelledby" in attributes]
    pointers += [attributes["aria-describedby"] for _, attributes in page.elements if "aria-describedby" in attributes]
    pointers += [attributes["href"][1:] for attributes in page.of("a")]
    assert pointers
    assert set(pointers) <= set(ids)


def test_a_screen_reader_finds_its_way(sample: Receipt) -> None:
    page = Page(render_page(sample))
    assert page.of("html")[0]["lang"] == "en"
    assert [len(page.of(tag)) for tag in ("header", "main", "footer")] == [1, 1, 1]
    assert all("scope" in head for head in page.of("th"))
    assert len(page.of("caption")) == len(page.of("table"))
    for drawing in page.of("svg"):
        assert drawing.get("aria-hidden") == "true" or drawing.get("aria-labelledby") or drawing.get("y") == "16"
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", when["datetime"]) for when in page.of("time"))


def test_every_file_has_its_row_with_sigil_word_and_findings(samples: dict[str, Callable[[], Receipt]]) -> None:
    page = Page(render_page(samples["corrupt"]()))
    states = [row["data-state"] for row in page.of("tr") if "data-state" in row]
    assert states == ["damaged", "missing", "unexpected", "differs", *["whole"] * 9]
    for text in ("! damaged part-00009", "- missing part-00010", "+ unexpected part-00011", "* differs part-00012"):
        assert text in page.words
    assert (
        "The file ends before its footer; 4,096 bytes or more are missing. (byte 462000) file.truncated" in page.words
    )


def test_figures_are_compared_in_words(samples: dict[str, Callable[[], Receipt]]) -> None:
    words = Page(render_page(samples["corrupt"]())).words
    assert "records 352,608 324,177 * −28,431" in words  # noqa: RUF001 - a real minus
    assert "files 13 12 * −1 shown, not judged" in words  # noqa: RUF001
    assert "no figure to compare" in words


def test_files_without_checksums_of_their_own_are_named(
    make_receipt: Callable[..., Receipt],
    make_verification: Callable[..., VerificationReport],
    make_dataset: Callable[..., DatasetReport],
    make_part: Callable[..., FileReport],
) -> None:
    files = [make_part("f", number) for number in range(3)]
    covered = Page(render_page(make_receipt(report=make_verification([make_dataset(files)]))))
    assert "Checksums inside the files cover all their data." in covered.words
    files[1] = files[1].model_copy(update={"checksummed": False})
    bare = Page(render_page(make_receipt(report=make_verification([make_dataset(files)]))))
    assert "1 file carries no checksums that cover all data" in bare.words
    files[1] = files[1].model_copy(update={"checksummed": None})
    unknown = Page(render_page(make_receipt(report=make_verification([make_dataset(files)]))))
    assert "no checksums" not in unknown.words
    assert "cover all their data" not in unknown.words


def test_a_failure_says_what_where_and_what_to_do(samples: dict[str, Callable[[], Receipt]]) -> None:
    words = Page(render_page(samples["failed-early"]())).words
    assert (
        "What went wrong destination.bucketNam: not a known field, did you mean bucketName? at crm.yaml:12:9" in words
    )
    assert "What to do: Write bucketName instead of bucketNam and drop the config again." in words
    assert "config.unknown-field" in words
    assert "stopped here" in words


def page_with(name: str) -> Page:
    """Two pages in one, with a name of choice wherever a name from outside can stand."""
    return Page("".join(render_page(receipt) for receipt in named(name)))


@pytest.mark.parametrize("evil", NAMES_WITH_MARKUP)
def test_names_with_markup_are_inert(evil: str) -> None:
    page, plain = page_with(evil), page_with("plain")
    assert [name for name, _ in page.elements] == [name for name, _ in plain.elements]
    assert [sorted(attributes) for _, attributes in page.elements] == [
        sorted(attributes) for _, attributes in plain.elements
    ]
    assert page.raw == plain.raw
    shown = evil.replace("\u202e", "⟨U+202E⟩")
    assert page.words.count(" ".join(shown.split())) >= 24
    assert "\u202e" not in "".join(page.text)


def test_a_file_read_in_parts_shows_how_many_and_folds_their_checksums_up(
    make_receipt: Callable[..., Receipt],
    make_verification: Callable[..., VerificationReport],
    make_dataset: Callable[..., DatasetReport],
    make_part: Callable[..., FileReport],
) -> None:
    parts = [FilePart(start=n * 9, end=n * 9 + 9, sha256=f"{n}" * 64) for n in range(3)]
    files = [make_part("folder", 0).model_copy(update={"sha256": None, "parts": parts}), make_part("folder", 1)]
    page = Page(render_page(make_receipt(report=make_verification([make_dataset(files)]))))
    assert page.words.count("read in 3 parts") == 1
    assert "SHA-256 of 1 file" in page.words
    assert "SHA-256 of 3 parts of files that were read in parts" in page.words
    assert f"{'2' * 64} {files[0].key} bytes 18-26" in page.words


def test_two_thousand_files_render_quickly(samples: dict[str, Callable[[], Receipt]]) -> None:
    receipt = samples["large"]()
    started = time.process_time()
    html = render_page(receipt)
    assert time.process_time() - started < 3
    assert len(html) < 2_500_000
    page = Page(html)
    rows = [row for row in page.of("tr") if "data-state" in row]
    assert len(rows) == 2000
    assert rows[0]["data-state"] == "damaged"
    assert sum("beyond" in row["class"] for row in rows) == 2000 - LONG_TABLE
    assert len(page.of("rect")) < 200


def colours(style: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", style))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "paper"])
def test_contrast_is_that_of_wcag_aa(scheme: str, samples: dict[str, Callable[[], Receipt]]) -> None:
    style = "".join(Page(render_page(samples["verified"]())).raw["style"])
    light, dark, paper = (block for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL))
    tokens = colours({"light": light, "dark": dark, "paper": paper}[scheme])
    text = [("ink", "ground"), ("ink", "card"), ("ink", "inset"), ("muted", "ground"), ("muted", "card")]
    text += [("muted", "inset")]
    text += [(tone, f"{tone}-tint") for tone in ("good", "calm", "warn", "bad")]
    text += [(tone, "card") for tone in ("good", "warn", "bad")]
    text += [(ink, f"{tone}-tint") for ink in ("ink", "muted") for tone in ("good", "calm", "warn", "bad")]
    assert {
        pair: contrast(tokens[pair[0]], tokens[pair[1]])
        for pair in text
        if contrast(tokens[pair[0]], tokens[pair[1]]) < 4.5
    } == {}
    drawn = [("rows", "card"), ("bytes", "card"), ("bad", "card")]
    assert {pair for pair in drawn if contrast(tokens[pair[0]], tokens[pair[1]]) < 3} == set()


def test_columns_are_marked_with_what_became_of_them(samples: dict[str, Callable[[], Receipt]]) -> None:
    page = Page(render_page(samples["later"]()))
    for text in (
        "3 columns, 3 changed since the last delivery",
        "- tailnum BYTE_ARRAY STRING removed",
        "+ tail_number BYTE_ARRAY STRING added",
        "* delay INT64 → DOUBLE retyped",
        "= flight INT64",
        "1 column, as in the last delivery",
    ):
        assert text in page.words
    assert [unfolded for unfolded in page.of("details") if unfolded.get("class") == "columns"] == [
        {"class": "columns", "open": ""},
        {"class": "columns"},
    ]


def test_earlier_deliveries_are_drawn_and_listed(samples: dict[str, Callable[[], Receipt]]) -> None:
    receipt = samples["later"]()
    page = Page(render_page(receipt))
    assert "Usual is the median of 4 earlier deliveries that were verified." in page.words
    assert "Rows 391,014, ±0% against the usual 391,014" in page.words
    assert page.words.count("first full export") >= 2
    assert "A_VERDICT_TO_COME" in page.words
    assert "Against earlier deliveries" not in Page(render_page(samples["verified"]())).words


def test_signs_are_explained_where_there_are_files(samples: dict[str, Callable[[], Receipt]]) -> None:
    legend = "= whole ! damaged - missing + unexpected * differs"
    assert legend in Page(render_page(samples["corrupt"]())).words
    assert legend not in Page(render_page(samples["empty"]())).words


def test_several_datasets_have_an_overview_that_leads_to_each(samples: dict[str, Callable[[], Receipt]]) -> None:
    page = Page(render_page(samples["corrupt"]()))
    assert [link["href"] for link in page.of("a")] == ["#receipt", "#dataset-1", "#dataset-2"]
    assert "! Flights 2013 look here 12" in page.words
    assert [link["href"] for link in Page(render_page(samples["large"]())).of("a")] == ["#receipt"]


def test_the_page_says_how_to_go_on(samples: dict[str, Callable[[], Receipt]]) -> None:
    words = Page(render_page(samples["corrupt"]())).words
    assert "How to go on: Verify again." in words
    assert "aep-delivery explain file.truncated" in words


@pytest.mark.parametrize("later", [False, True])
def test_a_run_that_ends_after_its_receipt_ran_by_another_clock(
    later: bool, samples: dict[str, Callable[[], Receipt]]
) -> None:
    receipt = samples["corrupt"]()
    assert receipt.run
    ended = receipt.finished_at + timedelta(minutes=10 if later else -10)
    run = receipt.run.model_copy(update={"completed_at": ended})
    words = Page(render_page(receipt.model_copy(update={"run": run}))).words
    assert ("Adobe's clock and ours differ: times here are Adobe's." in words) is later


def test_files_without_checksums_are_told(
    make_receipt: Callable[..., Receipt],
    make_verification: Callable[..., VerificationReport],
    make_dataset: Callable[..., DatasetReport],
    make_part: Callable[..., FileReport],
) -> None:
    files = [make_part("f", number).model_copy(update={"checksummed": number > 1}) for number in range(3)]
    words = Page(render_page(make_receipt(report=make_verification([make_dataset(files)])))).words
    assert "2 files carry no checksums that cover all data: a byte changed on the way could go unseen there" in words
    assert "Checksums inside the files cover all their data." not in words
