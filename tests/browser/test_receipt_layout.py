"""How a receipt's page reads: on a desk, on a phone, on paper, in light and dark, and to a screen reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from aep_delivery.verification.receipt.page import LONG_TABLE, render_page
from tests.receipts.samples import SAMPLES, corrupt, large, later, named

if TYPE_CHECKING:
    from playwright.sync_api import Page

Opened = Callable[..., "Page"]
PHONE = {"width": 360, "height": 740}

FAINT = """() => {
    const parse = (text) => {
        const parts = text.match(/[-\\d.]+/g).map(Number);
        const scale = text.startsWith("color(") ? 255 : 1;
        return { rgb: parts.slice(0, 3).map((part) => part * scale), alpha: parts.length > 3 ? parts[3] : 1 };
    };
    const luminance = ({ rgb }) => rgb
        .map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = parse(getComputedStyle(at).backgroundColor);
            if (colour.alpha === 1) return colour;
            if (colour.alpha > 0) throw new Error("a translucent ground");
        }
        return { rgb: [255, 255, 255] };
    };
    const faint = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        if (!node.data.trim() || !element.checkVisibility() || element.closest("script, title, desc")) continue;
        const style = getComputedStyle(element);
        const ink = luminance(parse(element.closest("svg") ? style.fill : style.color));
        const paper = luminance(ground(element));
        const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
        const large = parseFloat(style.fontSize) >= 24;
        if (ratio < (large ? 3 : 4.5)) faint.push(`${ratio.toFixed(2)} ${node.data.trim().slice(0, 40)}`);
    }
    return [...new Set(faint)];
}"""


@pytest.mark.parametrize("sample", SAMPLES)
def test_contrast_is_that_of_wcag_aa_in_light_dark_and_print(opened: Opened, sample: str) -> None:
    page = opened(render_page(SAMPLES[sample]()))
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    grounds = set()
    for media, scheme in (("screen", "light"), ("screen", "dark"), ("print", "light")):
        page.emulate_media(media=media, color_scheme=scheme)
        assert page.evaluate(FAINT) == [], (media, scheme)
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 3


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_phone_never_scrolls_sideways(opened: Opened, sample: str) -> None:
    page = opened(render_page(SAMPLES[sample]()), viewport=PHONE, has_touch=True, is_mobile=True)
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    title = page.get_by_role("heading", level=1).bounding_box()
    assert title is not None
    assert title["y"] + title["height"] < PHONE["height"] / 2


def test_a_phone_shows_long_names_whole(opened: Opened) -> None:
    for receipt in named("n" * 400):
        page = opened(render_page(receipt), viewport=PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_paper_has_no_tools_and_nothing_folded(opened: Opened) -> None:
    page = opened(render_page(later()))
    folded = page.locator("details:not([open])")
    assert folded.count() > 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("details:not([open], .bulk)")).to_have_count(0)
    page.emulate_media(media="print")
    expect(page.locator(".tools").first).to_be_hidden()
    expect(page.get_by_role("table", name="This delivery and those before it")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert folded.count() > 0


def test_a_delivery_of_thousands_of_files_takes_a_few_sheets(opened: Opened) -> None:
    page = opened(render_page(large()))
    printed = page.pdf(format="A4")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 8
    page.emulate_media(media="print")
    expect(page.locator(".listing tbody tr:visible")).to_have_count(LONG_TABLE)
    expect(page.get_by_text("On paper this list ends after 60 files")).to_be_visible()


def test_a_screen_reader_is_told_the_verdict_and_the_way(opened: Opened) -> None:
    page = opened(render_page(corrupt()))
    expect(page.get_by_role("main")).to_match_aria_snapshot(
        """
        - main:
          - region "Corrupt CORRUPT":
            - heading "Corrupt CORRUPT" [level=1]
            - paragraph: 1 of 12 files cannot be read to its end.
            - paragraph: Do not load these files.
          - region "What was asked"
          - region "What Adobe reports, and what lies in storage":
            - table "Adobe's figures against those counted in the files":
              - rowgroup:
                - row "Figure Adobe Storage Result"
              - rowgroup:
                - row "records 352,608 324,177 −28,431"
          - region "What lies in storage":
            - table "All datasets of this delivery"
            - article "Flights 2013 5ef3e324052581191aa6a466"
          - region "The way of this delivery":
            - list
          - region "Resources in Adobe"
          - region "Warnings of the plan"
          - region "Repeat the check"
          - region "Technical details"
        """  # noqa: RUF001 - a real minus
    )


def test_a_screen_reader_is_read_the_drawings_and_the_files(opened: Opened) -> None:
    page = opened(render_page(later()))
    expect(page.get_by_role("region", name="Against earlier deliveries")).to_match_aria_snapshot(
        """
        - region "Against earlier deliveries":
          - figure:
            - img "Rows of this delivery and 9 earlier ones"
          - figure:
            - img "Size of this delivery and 9 earlier ones"
          - group: The figures of 10 runs
        """
    )
    drawing = page.get_by_role("img", name="Rows of 12 files")
    expect(drawing).to_have_accessible_description("390,602 rows in all. The table below has the figures.")
    expect(page.get_by_role("table", name="Files of Flights 2013")).to_match_aria_snapshot(
        """
        - table "Files of Flights 2013":
          - rowgroup:
            - row "State File Rows Size":
              - columnheader "State":
                - button "State"
          - rowgroup:
            - row "whole part-00000-tid-81-c000.gz.parquet 28,000 1.1 MiB":
              - rowheader "part-00000-tid-81-c000.gz.parquet"
        """
    )


@pytest.mark.parametrize("sample", ["corrupt", "later", "failed-in-adobe"])
def test_what_takes_the_focus_has_a_name_and_shows_it(opened: Opened, sample: str) -> None:
    page = opened(render_page(SAMPLES[sample]()))
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break  # the last one is behind us
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", page.evaluate("document.activeElement.outerHTML")
