"""The status page in a real browser: sorting, finding, links, a phone, paper, and the same without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from aep_delivery.status.page import render_status
from aep_delivery.status.records import Ending, Expected, Finding, Known, StatusRecord
from aep_delivery.status.rhythm import Rhythm
from aep_delivery.status.standing import status_document
from aep_delivery.status.volume import Entitlement

if TYPE_CHECKING:
    from playwright.sync_api import Page

Opened = Callable[..., "Page"]
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SIX = NOW.replace(hour=6)
PHONE = {"viewport": {"width": 360, "height": 780}}
HOSTILE = 'prod/<img src=x onerror="alert(1)">'
IDS = "(rows) => rows.filter((row) => !row.hidden).map((row) => row.cells[1].dataset.value)"


def record(
    delivery_id: str, verdict: str = "VERIFIED", *, rows: int = 10, ends: datetime | None = None
) -> StatusRecord:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    expected = Expected(
        trigger="SCHEDULED", deadline_minutes=60, rhythms=(Rhythm(start=start, hours=6, last=ends, ends_at=ends),)
    )
    known = Known(destination="amazon-s3", exports="datasets", count=2, expected=expected, description="For <b>all</b>")
    found = StatusRecord(delivery_id=delivery_id, since=start)
    for age in range(9, -1, -1):
        slot = SIX - timedelta(hours=6 * age)
        word = "VERIFIED" if age else verdict
        ending = Ending(
            execution=f"e-{age}",
            verdict=word,
            good=word == "VERIFIED",
            reason=f"Of {delivery_id}: " + "a-name-without-any-place-to-break-it" * 3,
            finished_at=slot + timedelta(minutes=20),
            slot=slot,
            page=f"deliveries/{delivery_id}/e-{age}/receipt.html",
            rows=rows,
            bytes=10_000 * rows,
            run_ids=(f"{delivery_id}-{age}",),
        )
        found = found.with_ending(ending, known)
    return found


def html_of(count: int) -> str:
    records = [
        record("prod/b-corrupt", "CORRUPT", rows=5),
        record(HOSTILE, "NO_RUN", rows=900),
        record("prod/drifted").with_finding(Finding(code="drift-found", reason="disabled", found_at=NOW)),
        record("prod/ending", ends=NOW + timedelta(days=3)),
        record("prod/gone").with_removal(NOW),
        *(record(f"prod/d-{number:03}", rows=number) for number in range(count)),
    ]
    entitlement = Entitlement(100_000, 700)
    return render_status(status_document(records, owner="stack", entitlement=entitlement, now=NOW))


def test_trouble_comes_first_and_names_are_text(opened: Opened) -> None:
    page = opened(html_of(8))
    ids = page.locator(".deliveries tbody tr").evaluate_all(IDS)
    assert ids[:4] == ["prod/b-corrupt", HOSTILE, "prod/drifted", "prod/ending"]
    assert page.title().startswith("3 of 12 need attention")
    assert page.get_by_role("heading", level=1).inner_text() == "3 of 12 need attention"
    assert page.locator("img").count() == 0
    assert page.locator("bdi b").count() == 0


def test_a_column_is_sorted_and_rows_are_found_by_keyboard(opened: Opened) -> None:
    page = opened(html_of(8))
    table = page.get_by_role("table", name="Deliveries")
    status = page.get_by_role("status")
    table.get_by_role("button", name="Rows").press("Enter")
    assert status.inner_text() == "12 deliveries, sorted by rows, ascending"
    rows = table.locator("tbody tr").evaluate_all("(rows) => rows.map((row) => Number(row.cells[4].dataset.value))")
    assert rows == sorted(rows)
    page.get_by_label("only what needs attention (3)").press("Space")
    assert len(table.locator("tbody tr").evaluate_all(IDS)) == 3
    page.get_by_label("Find a delivery").fill("DRIFT")
    assert table.locator("tbody tr").evaluate_all(IDS) == ["prod/drifted"]
    assert status.inner_text().startswith("1 of 12 deliveries shown")


def test_every_column_can_be_sorted(opened: Opened) -> None:
    page = opened(html_of(3))
    cells = page.locator(".deliveries tbody :is(td, th)")
    assert cells.evaluate_all("(cells) => cells.filter((cell) => !cell.dataset.value).length") == 0


def test_links_lead_to_receipts_beside_the_page(opened: Opened) -> None:
    page = opened(html_of(0))
    links = page.locator(".runs a")
    assert links.count() == 40
    assert links.first.get_attribute("href") == "../deliveries/prod/b-corrupt/e-0/receipt.html"
    assert page.get_by_role("link", name="CORRUPT, 2026-11-22 06:20 UTC").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the summary"


@pytest.mark.parametrize(
    "options", [PHONE, PHONE | {"color_scheme": "dark"}, {"viewport": {"width": 1280, "height": 900}}]
)
@pytest.mark.parametrize("count", [0, 8])
def test_nothing_is_wider_than_the_screen(opened: Opened, options: dict[str, object], count: int) -> None:
    page = opened(html_of(count), **options)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")


def test_without_javascript_all_is_there(opened: Opened) -> None:
    page = opened(html_of(8), java_script_enabled=False)
    assert page.locator(".deliveries tbody tr:visible").count() == 12
    assert page.locator(".tools:visible").count() == 0
    assert page.locator(".stale:visible").count() == 0


@pytest.mark.parametrize(("hours", "says_so"), [(0, False), (1, False), (3, True)])
def test_a_page_that_has_grown_old_says_so(opened: Opened, hours: int, *, says_so: bool) -> None:
    drawn_at = datetime.now(UTC) - timedelta(hours=hours, minutes=5)
    document = status_document([record("prod/orders")], owner="stack", entitlement=Entitlement(), now=drawn_at)
    stale = opened(render_status(document)).locator(".stale")
    assert stale.is_visible() is says_so
    assert (f"was drawn {hours} hours ago" in stale.inner_text()) is says_so


def test_paper_has_every_row_in_one_table_and_no_tools(opened: Opened) -> None:
    # A4 upright, without its margins: narrower than what the page asks for.
    page = opened(html_of(80), viewport={"width": 688, "height": 1016})
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 688
    assert page.locator(".deliveries tbody tr").first.evaluate("(row) => getComputedStyle(row).display") == "table-row"
    assert page.locator(".deliveries tbody tr:visible").count() == 84
    assert page.locator(".tools:visible").count() == 0


def test_three_hundred_are_sorted_quickly(opened: Opened) -> None:
    page = opened(html_of(300))
    took = page.evaluate(
        "() => { const began = performance.now(); document.querySelectorAll('th button')[4].click(); "
        "return performance.now() - began; }"
    )
    assert took < 3_000
    assert page.get_by_role("status").inner_text() == "304 deliveries, sorted by rows, ascending"
