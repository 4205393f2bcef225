"""Sorting and finding in a receipt's file table, with the keyboard alone; and the same table without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from aep_delivery.verification.receipt.page import render_page
from tests.receipts.samples import SAMPLES, large

if TYPE_CHECKING:
    from playwright.sync_api import Page

Opened = Callable[..., "Page"]
SHOWN = "(rows) => rows.filter((row) => !row.hidden).map((row) => row.cells[1].dataset.value)"


def test_the_keyboard_reaches_the_verdict_first(opened: Opened) -> None:
    page = opened(render_page(SAMPLES["corrupt"]()))
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the verdict")
    assert skip.evaluate("(link) => link === document.activeElement && link.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "receipt"


def test_a_column_is_sorted_both_ways_by_keyboard(opened: Opened) -> None:
    page = opened(render_page(SAMPLES["corrupt"]()))
    table = page.get_by_role("table", name="Files of Flights 2013")
    head, button = table.get_by_role("columnheader", name="Rows"), table.get_by_role("button", name="Rows")
    status = page.locator(".dataset").first.get_by_role("status")
    counts = "(rows) => rows.map((row) => Number(row.cells[2].dataset.value))"
    button.focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert status.inner_text() == "13 files, sorted by rows, ascending"
    values = table.locator("tbody tr").evaluate_all(counts)
    assert values == sorted(values)
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "descending"
    assert table.locator("tbody tr").evaluate_all(counts) == values[::-1]
    assert button.evaluate("(button) => button === document.activeElement")
    table.get_by_role("button", name="File").press("Enter")
    assert head.get_attribute("aria-sort") is None
    names = table.locator("tbody tr").evaluate_all(SHOWN)
    assert names == sorted(names)


def test_files_are_found_by_keyboard_and_counted_aloud(opened: Opened) -> None:
    page = opened(render_page(SAMPLES["corrupt"]()))
    rows = page.get_by_role("table", name="Files of Flights 2013").locator("tbody tr")
    search, status = page.get_by_label("Find a file"), page.locator(".dataset").first.get_by_role("status")
    search.focus()
    page.keyboard.type("part-0001")
    assert status.inner_text() == "3 of 13 files shown"
    assert all("part-0001" in name for name in rows.evaluate_all(SHOWN))
    page.keyboard.press("Control+A")
    page.keyboard.type("FOOTER")  # a word of a finding
    assert status.inner_text() == "1 of 13 files shown"
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    assert status.inner_text() == "13 files"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.get_by_label("only what is not whole (4)").is_checked()
    assert status.inner_text() == "4 of 13 files shown"


def test_two_thousand_files_are_sorted_and_found_without_a_wait(opened: Opened) -> None:
    page = opened(render_page(large()))
    took = page.evaluate(
        """() => {
            const time = (act) => { const start = performance.now(); act(); document.body.offsetHeight; return performance.now() - start; };
            const search = document.querySelector("input[type=search]");
            const type = (text) => { search.value = text; search.dispatchEvent(new Event("input")); };
            const heads = document.querySelectorAll(".listing th button");
            return [...[...heads].map((head) => time(() => head.click())), time(() => type("part-0123")), time(() => type(""))];
        }"""
    )
    assert max(took) < 2_000, took  # some 100 ms each on an idle machine
    page.get_by_label("Find a file").fill("part-01234-")
    assert page.locator(".listing tbody tr:visible").count() == 1
    assert page.locator(".listing tbody tr:visible").text_content().split()[:2] == ["!", "damaged"]


@pytest.mark.parametrize("sample", ["corrupt", "large", "later"])
def test_without_javascript_it_is_a_plain_table(opened: Opened, sample: str) -> None:
    receipt = SAMPLES[sample]()
    assert receipt.verification is not None
    page = opened(render_page(receipt), java_script_enabled=False)
    table = page.get_by_role("table", name="Files of Flights 2013")
    assert table.get_by_role("columnheader").all_inner_texts() == ["State", "File", "Rows", "Size"]
    assert table.locator("tbody tr").count() == len(receipt.verification.datasets[0].files)
    assert page.get_by_role("button").count() == 0
    assert page.get_by_role("searchbox").count() == 0
