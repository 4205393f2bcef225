"""Makes the status document of the records of all deliveries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from aep_delivery.status.document import (
    DeliveryStatus,
    FindingNote,
    Latest,
    ReceiptLink,
    RemovedDelivery,
    StatusDocument,
    Volume,
)
from aep_delivery.status.freshness import Freshness, Judged, judge
from aep_delivery.status.records import Ending, StatusRecord
from aep_delivery.status.volume import Entitlement, Weight, weigh
from aep_delivery.verification.receipt.figures import plural
from aep_delivery.verification.receipt.verdicts import Tone, sense_of_word

_BADNESS = (Tone.BAD, Tone.WARN, Tone.CALM, Tone.GOOD)


def status_document(
    records: Iterable[StatusRecord], *, owner: str, entitlement: Entitlement, now: datetime
) -> StatusDocument:
    """Draw the document up.

    Args:
        records: Of all deliveries.
        owner: The installation.
        entitlement: What its licence covers.
        now: The time at which all are judged.
    """
    judged = [(record, judge(record, now)) for record in records]
    weighed = [(record, found, weigh(record, entitlement, found.ends_at, now)) for record, found in judged]
    deliveries = [_delivery(*one) for one in weighed if not one[0].is_removed]
    removed = [
        RemovedDelivery(
            id=record.delivery_id,
            removed_at=record.removed_at,
            bytes_this_year=weight.so_far,
            receipts=_receipts(record.endings),
        )
        for record, _, weight in weighed
        if record.is_removed and record.removed_at is not None
    ]
    begins, ends = entitlement.year(now)
    datasets = Weight.all(weight for record, _, weight in weighed if record.known.exports == "datasets")
    audiences = Weight.all(weight for record, _, weight in weighed if record.known.exports == "audiences")
    return StatusDocument(
        owner=owner,
        drawn_at=now,
        deliveries=sorted(deliveries, key=_rank),
        removed=sorted(removed, key=lambda one: one.removed_at, reverse=True),
        volume=Volume(
            year_begins=begins,
            year_ends=ends,
            dataset_bytes=datasets.so_far,
            dataset_forecast_bytes=datasets.forecast,
            audience_bytes=audiences.so_far,
            entitled_profiles=entitlement.profiles or None,
            entitled_kilobytes_per_profile=entitlement.kilobytes if entitlement.profiles else None,
            entitled_bytes=entitlement.bytes,
        ),
    )


def _delivery(record: StatusRecord, judged: Judged, weight: Weight) -> DeliveryStatus:
    known = record.known
    latest = record.endings[0] if record.endings else None
    is_bad = latest is not None and not latest.good
    return DeliveryStatus(
        id=record.delivery_id,
        description=known.description,
        destination=known.destination,
        exports=plural(known.count, known.exports.removesuffix("s")) if known.exports else None,
        needs_attention=is_bad or judged.freshness is Freshness.LATE or bool(record.findings),
        latest=Latest.model_validate(latest.model_dump()) if latest else None,
        freshness=judged.freshness,
        due=judged.due,
        deadline=judged.deadline,
        last_good_at=record.latest_good.finished_at if record.latest_good else None,
        next_run=judged.next_run,
        next_run_all_day=judged.next_run_all_day,
        ends_at=judged.ends_at,
        ends_soon=judged.ends_soon,
        has_ended=judged.has_ended,
        findings=[FindingNote.model_validate(finding.model_dump()) for finding in record.findings],
        bytes_this_year=weight.so_far,
        forecast_bytes=weight.forecast,
        receipts=_receipts(record.endings),
    )


def _receipts(endings: tuple[Ending, ...]) -> list[ReceiptLink]:
    return [ReceiptLink.model_validate(ending.model_dump()) for ending in endings]


def _rank(one: DeliveryStatus) -> tuple[bool, int, bool, str]:
    tone = sense_of_word(one.latest.verdict).tone if one.latest else Tone.CALM
    return not one.needs_attention, _BADNESS.index(tone) if one.needs_attention else 0, not one.ends_soon, one.id
