from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aep_delivery.status.records import Finding
from aep_delivery.status.standing import status_document
from aep_delivery.status.volume import Entitlement
from aep_delivery.verification.receipt.verdicts import Tone

SIX = datetime(2026, 11, 22, 6, tzinfo=UTC)


def document(*records, now, entitlement=Entitlement()):  # noqa: B008 - a frozen value
    return status_document(records, owner="stack", entitlement=entitlement, now=now)


def test_trouble_comes_first_the_worst_of_it_before(record, ending, known, now) -> None:
    def one(name, verdict, **options):
        return record(name).with_ending(ending(verdict=verdict, slot=SIX), known(**options))

    drift = Finding(code="drift-found", reason="disabled", found_at=now)
    found = document(
        one("prod/a-good", "VERIFIED"),
        one("prod/b-ends", "VERIFIED", ends=now + timedelta(days=3)),
        one("prod/c-drifted", "VERIFIED").with_finding(drift),
        one("prod/d-no-run", "NO_RUN"),
        one("prod/e-corrupt", "CORRUPT"),
        one("prod/f-new-word", "SOMETHING_NEW"),
        now=now,
    )
    assert [one.id.partition("/")[2] for one in found.deliveries] == [
        "e-corrupt",
        "d-no-run",
        "f-new-word",
        "c-drifted",
        "b-ends",
        "a-good",
    ]
    assert len(found.troubled) == 4
    assert found.tone is Tone.BAD
    assert [one.id for one in found.ending] == ["prod/b-ends"]


def test_the_tone_of_the_page(record, ending, known, now) -> None:
    good = record().with_ending(ending(slot=SIX), known())
    soon = record("prod/soon").with_ending(ending(slot=SIX), known(ends=now + timedelta(days=3)))
    late = record("prod/late").with_ending(ending(slot=SIX - timedelta(days=1)), known())
    assert document(now=now).tone is Tone.CALM
    assert document(good, now=now).tone is Tone.GOOD
    assert document(good, soon, now=now).tone is Tone.WARN
    assert document(late, now=now).tone is Tone.WARN


def test_what_was_removed_is_shown_apart_and_still_counts(record, ending, known, now) -> None:
    gone = record().with_ending(ending(bytes=500), known()).with_removal(now)
    found = document(gone, now=now)
    assert found.deliveries == []
    (removed,) = found.removed
    assert (removed.id, removed.removed_at, removed.bytes_this_year) == ("prod/orders", now, 500)
    assert removed.receipts[0].page == "deliveries/prod/orders/e-1/receipt.html"
    assert (found.volume.dataset_bytes, found.volume.dataset_forecast_bytes) == (500, 500)


def test_audiences_are_no_part_of_the_entitlement(record, ending, known, now) -> None:
    audiences = record("prod/crm").with_ending(ending(bytes=7), known(exports="audiences"))
    datasets = record().with_ending(ending(bytes=5), known())
    volume = document(audiences, datasets, now=now, entitlement=Entitlement(10, 700)).volume
    assert (volume.dataset_bytes, volume.audience_bytes, volume.entitled_bytes) == (5, 7, 7_000_000)
    assert document(now=now).volume.entitled_bytes is None
