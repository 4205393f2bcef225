"""A receipt's page asks for nothing, runs nothing but its own script, and shows names as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from aep_delivery.verification.receipt.page import render_page
from aep_delivery.verification.receipt.text import visible
from tests.receipts.samples import NAMES_WITH_MARKUP, SAMPLES, named

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Opened = Callable[..., "Page"]


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_page_asks_for_nothing_and_has_its_script_run(opened: Opened, sample: str) -> None:
    page = opened(render_page(SAMPLES[sample]()))
    shown = page.get_by_role("heading", level=1)
    assert shown.inner_text().strip()
    assert page.evaluate("[...document.querySelectorAll('.sortable .tools')].every((tools) => !tools.hidden)")


@pytest.mark.parametrize("name", NAMES_WITH_MARKUP)
def test_names_that_contain_markup_are_shown_and_do_nothing(opened: Opened, name: str) -> None:
    for receipt in named(name):
        page = opened(render_page(receipt))
        page.mouse.move(300, 300)
        assert page.evaluate("document.querySelectorAll('img, iframe, object, embed, form').length") == 0
        assert page.evaluate("document.scripts.length") == 1
        words = page.evaluate("document.querySelector('main').textContent")
        assert visible(name) in words
        assert (
            page.evaluate(
                "[...document.querySelectorAll('*')].flatMap((e) => [...e.attributes]).filter((a) => a.name.startsWith('on')).length"
            )
            == 0
        )


def test_a_script_from_elsewhere_would_be_refused(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(render_page(SAMPLES["verified"]()))
    page.evaluate("document.head.append(Object.assign(document.createElement('script'), {text: 'var hacked = 1'}))")
    assert page.evaluate("typeof hacked") == "undefined"
    page.evaluate("document.body.setAttribute('style', 'display: none')")
    assert page.get_by_role("heading", level=1).is_visible()
    page.close()
