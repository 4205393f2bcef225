"""Takes note of what the event bus tells of deliveries, and draws the status page anew."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random

from aep_delivery.config.models import DeliveryConfig, RunOptions
from aep_delivery.events.details import (
    DATAFLOW_DRIFT_FOUND,
    DELIVERY_FAILED,
    DELIVERY_MISMATCH_FOUND,
    DELIVERY_REMOVED,
    DELIVERY_VERIFIED,
)
from aep_delivery.events.watches import DATAFLOW_DISABLED, DELIVERY_LATE
from aep_delivery.runtime.errors import DeliveryError, InternalError, TransientError
from aep_delivery.runtime.invocation import concerning
from aep_delivery.runtime.log import logger
from aep_delivery.runtime.metrics import count
from aep_delivery.status.board import Rule
from aep_delivery.status.draw import draw
from aep_delivery.status.records import Ending, Expected, Finding, Known, StatusRecord
from aep_delivery.status.rhythm import rhythms_of
from aep_delivery.status.volume import Entitlement
from aep_delivery.verification.receipt.models import Asked, Receipt
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.messages import DeliveryRef
from aep_delivery.workflow.services import Services

_ATTEMPTS = 5
_ENDED = {DELIVERY_VERIFIED, DELIVERY_MISMATCH_FOUND, DELIVERY_FAILED}
_FOUND = {DATAFLOW_DRIFT_FOUND: "drift-found", DELIVERY_LATE: "delivery-late", DATAFLOW_DISABLED: "dataflow-disabled"}


class _Told(BaseModel):
    """What the page needs of an outbound event. Tolerant: an event may be of another release."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)

    delivery_id: str | None = None
    execution: str | None = None
    receipt: str | None = None
    receipt_page: str | None = None
    finished_at: AwareDatetime | None = None
    detected_at: AwareDatetime | None = None
    reason: str = ""
    repaired: bool = False


class _Envelope(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    detail_type: str = Field(alias="detail-type")
    detail: dict[str, Any]


def draw_status(messages: Iterable[str], services: Services) -> None:
    """Note every message, then draw.

    Args:
        messages: Events as EventBridge writes them; others, the clock's among them, only have the page drawn.
        services: The collaborators.

    Raises:
        TransientError: Not everything could be noted or drawn; all of it may be repeated.
        InternalError: The page cannot be written.
    """
    failed: TransientError | None = None
    for message in messages:
        try:
            _note(message, services)
        except TransientError as error:
            failed = error
        except (DeliveryError, ValidationError, ValueError, RecursionError) as error:
            # One that will never be understood must not keep the page from showing the others.
            code = error.code if isinstance(error, DeliveryError) else type(error).__name__
            logger.warning("an event could not be noted for the status page", extra={"code": code})
            count(StatusEventsNotNoted=1)
    settings = services.settings
    draw(
        services.status_board,
        services.status_shelf,
        services.clock,
        owner=settings.owner,
        entitlement=Entitlement(settings.entitled_profiles, settings.entitled_kilobytes, settings.entitlement_month),
    )
    if failed is not None:
        raise failed


def _note(message: str, services: Services) -> None:
    envelope = _Envelope.model_validate(json.loads(message))
    told = _Told.model_validate(envelope.detail)
    if told.delivery_id is None:
        return
    with concerning(delivery=told.delivery_id, execution=told.execution):
        _note_of_delivery(told.delivery_id, envelope.detail_type, told, services)


def _note_of_delivery(delivery_id: str, kind: str, told: _Told, services: Services) -> None:
    rule = _rule(kind, told, services)
    if rule is not None:
        change = partial(services.status_board.change, delivery_id, rule, services.clock.now())
        # Two functions at most draw at a time, so a conflict is over in a moment; a queue would wait for minutes.
        Retrying(
            retry=retry_if_exception_type(TransientError),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_random(0.05, 0.5),
            sleep=services.clock.sleep,
            reraise=True,
        )(change)


def _rule(kind: str, told: _Told, services: Services) -> Rule | None:
    if kind in _ENDED and told.receipt is not None:
        return _ended(told, told.receipt, services)
    if kind == DELIVERY_REMOVED and told.finished_at is not None:
        return _removed(told.finished_at)
    if kind in _FOUND and told.detected_at is not None:
        return _found(_FOUND[kind], told, told.detected_at)
    return None


def _found(code: str, told: _Told, at: datetime) -> Rule:
    if told.repaired:
        return lambda record: record.without_finding(code, at)
    finding = Finding(code=code, reason=told.reason, found_at=at)
    return lambda record: record.with_finding(finding)


def _removed(at: datetime) -> Rule:
    return lambda record: record.with_removal(at)


def _ended(told: _Told, uri: str, services: Services) -> Rule:
    key = _key(uri)
    receipt = Receipt.from_json(services.documents.get(key))
    own = _own_config(receipt, key, services)
    ending, known = _ending(receipt, told, applied=own is not None), _known(receipt, own, services)

    def rule(record: StatusRecord) -> StatusRecord:
        return record.with_ending(ending, known)

    return rule


def _own_config(receipt: Receipt, key: str, services: Services) -> DeliveryConfig | None:
    """The config that the execution has read; None where it failed before, or has only verified a run."""
    folder = key.rpartition("/")[0]
    delivery = DeliveryRef(delivery_id=receipt.delivery.id, config=f"{folder}/config.json")
    try:
        return read_config(services.documents, delivery).delivery()
    except InternalError:
        # Without the right to list the bucket, what is not there looks like what is refused.
        return None


def _ending(receipt: Receipt, told: _Told, *, applied: bool) -> Ending:
    run, found = receipt.run, receipt.verification
    return Ending(
        execution=receipt.request.execution,
        verdict=str(receipt.verdict),
        good=receipt.is_good,
        reason=receipt.reason,
        finished_at=receipt.finished_at,
        slot=run.slot if run else None,
        page=_key(told.receipt_page) if told.receipt_page else None,
        rows=found.rows if found and not found.uncounted_files else None,
        files=found.file_count if found else None,
        bytes=found.bytes if found else None,
        run_ids=tuple(run.run_ids) if run else (),
        applied=applied,
        backfill=run.backfill if run else False,
    )


def _known(receipt: Receipt, own: DeliveryConfig | None, services: Services) -> Known:
    asked = receipt.asked
    if asked is None:
        return Known(description=receipt.delivery.description)
    return Known(
        description=receipt.delivery.description,
        destination=asked.destination.type,
        exports="audiences" if asked.audiences else "datasets",
        count=len(asked.audiences or asked.datasets),
        expected=_expected(receipt, asked, own, services),
    )


def _expected(receipt: Receipt, asked: Asked, own: DeliveryConfig | None, services: Services) -> Expected | None:
    """What is due when, where the delivery got as far as to settle it."""
    rhythms = rhythms_of(asked)
    if not rhythms:
        return None
    run = own.run if own else _applied_run(receipt.delivery.id, services)
    return Expected(trigger=run.trigger, deadline_minutes=run.deadline_minutes, rhythms=rhythms) if run else None


def _applied_run(delivery_id: str, services: Services) -> RunOptions | None:
    """Of the config that was applied last; None where there is none, or it was removed since."""
    applied = services.store.applied(delivery_id)
    if applied is None:
        return None
    return (
        read_config(services.documents, DeliveryRef(delivery_id=delivery_id, config=applied.config_key)).delivery().run
    )


def _key(uri: str) -> str:
    """``s3://bucket/key`` -> ``key``."""
    return uri.partition("://")[2].partition("/")[2]
