from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser

import pytest

from aep_delivery.status.page import link_to, render_status
from aep_delivery.status.records import Finding
from aep_delivery.status.standing import status_document
from aep_delivery.status.volume import Entitlement

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'\u202e"
SIX = datetime(2026, 11, 22, 6, tzinfo=UTC)


def page(*records, now, entitlement=Entitlement()):  # noqa: B008 - a frozen value
    return render_status(status_document(records, owner="stack", entitlement=entitlement, now=now))


class Elements(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_names_are_text_wherever_they_stand(record, ending, known, now) -> None:
    wild = ending(page=f"deliveries/{HOSTILE}/receipt.html").model_copy(
        update={"reason": HOSTILE, "verdict": HOSTILE, "good": False}
    )
    told = known().model_copy(update={"description": HOSTILE, "destination": HOSTILE})
    found = record(HOSTILE).with_ending(wild, told).with_finding(Finding(code=HOSTILE, reason=HOSTILE, found_at=now))
    html = page(found, found.model_copy(update={"delivery_id": "x"}).with_removal(now), now=now)
    elements = Elements(html).found
    assert [tag for tag, _ in elements].count("script") == 1
    assert "img" not in [tag for tag, _ in elements]
    assert not [name for _, attributes in elements for name in attributes if name.startswith("on")]
    assert "\u202e" not in html


def test_the_policy_lets_nothing_in(record, ending, known, now) -> None:
    html = page(record().with_ending(ending(), known()), now=now)
    assert "default-src 'none'" in unescape(html)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", html)
    assert not re.search(r"\sstyle=", html)


def test_links_are_relative_and_spelled_for_a_browser() -> None:
    assert link_to("deliveries/prod/a b/e:1/receipt.html") == "../deliveries/prod/a%20b/e%3A1/receipt.html"


def test_every_ending_links_to_its_receipt(record, ending, known, now) -> None:
    found = record()
    for number in range(4):
        found = found.with_ending(ending(f"e-{number}", ago=timedelta(hours=9 - number)), known())
    html = page(found, now=now)
    for number in range(4):
        assert f'href="../deliveries/prod/orders/e-{number}/receipt.html"' in html


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        (1_000_000, "the year ends within the licence"),
        (60_000_000, "the licence is exceeded before the year ends"),
        (200_000_000, "More was exported than the licence covers"),
    ],
)
def test_the_volume_against_the_licence(record, ending, known, now, *, size: int, sentence: str) -> None:
    html = page(record().with_ending(ending(bytes=size), known()), now=now, entitlement=Entitlement(200, 500))
    assert sentence in html
    assert "200 profiles" in html
    assert "500 kB a year" in html


def test_an_unknown_licence_is_asked_for(now) -> None:
    assert "EntitledProfiles" in page(now=now)


def test_equal_documents_give_equal_pages(record, ending, known, now) -> None:
    found = record().with_ending(ending(slot=SIX), known())
    assert page(found, now=now) == page(found, now=now)
