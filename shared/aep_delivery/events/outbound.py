"""Tells the event bus; of a delivery's end there are three events, and jobs want "Delivery Verified"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from aep_delivery.events.base import MOST_RUNS, EventError, within
from aep_delivery.events.details import (
    DELIVERY_FAILED,
    DELIVERY_MISMATCH_FOUND,
    DELIVERY_VERIFIED,
    DETAILS,
    Detail,
)
from aep_delivery.runtime.aws import AWS_ERRORS, aws_error
from aep_delivery.runtime.errors import ErrorDocument, TransientError

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "aep-delivery"
_GOOD = frozenset({"VERIFIED", "EMPTY"})
_NOTHING_TO_JUDGE = frozenset({"RUN_FAILED", "NO_RUN"})


class _Whose(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def sandbox(self) -> str | None: ...


class _Request(Protocol):
    @property
    def execution(self) -> str: ...


class _Run(Protocol):
    @property
    def flow_id(self) -> str: ...
    @property
    def run_ids(self) -> list[str]: ...


class _Found(Protocol):
    @property
    def rows(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def file_count(self) -> int: ...
    @property
    def uncounted_files(self) -> int: ...
    @property
    def level(self) -> str: ...
    @property
    def location(self) -> str: ...


class Announced(Protocol):
    """What an event takes from a receipt. A shape, not the class: events lie below verification."""

    @property
    def delivery(self) -> _Whose: ...
    @property
    def request(self) -> _Request: ...
    @property
    def verdict(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def finished_at(self) -> datetime: ...
    @property
    def run(self) -> _Run | None: ...
    @property
    def verification(self) -> _Found | None: ...
    @property
    def failure(self) -> ErrorDocument | None: ...


@dataclass(frozen=True)
class OutboundEvent:
    """An event as it goes to EventBridge."""

    detail: Detail

    @property
    def detail_type(self) -> str:
        """What consumers match on."""
        return self.detail.DETAIL_TYPE

    @property
    def body(self) -> str:
        """``detail`` as JSON text."""
        return self.detail.model_dump_json(by_alias=True)


def event_for(receipt: Announced, *, receipt_uri: str, page_uri: str) -> OutboundEvent:
    """The event for the end of a delivery: its kind follows from the verdict.

    Args:
        receipt: The delivery's receipt.
        receipt_uri: S3 URI of the receipt.
        page_uri: S3 URI of its page.

    Raises:
        pydantic.ValidationError: The verdict is not on the closed list, or judges a delivery without a sandbox.
    """
    verdict, whose, run, found = str(receipt.verdict), receipt.delivery, receipt.run, receipt.verification
    fields: dict[str, Any] = {
        # Without a sandbox the config could not be read, and the receipt's name is only the file's.
        "delivery_id": f"{whose.sandbox}/{whose.name}" if whose.sandbox else None,
        "delivery": whose.name if whose.sandbox else None,
        "sandbox": whose.sandbox,
        "execution": receipt.request.execution,
        "verdict": verdict,
        "reason": within(receipt.reason),
        "receipt": receipt_uri,
        "receipt_page": page_uri,
        "finished_at": receipt.finished_at,
    }
    if run is not None:
        fields |= {"flow_id": run.flow_id, "run_ids": run.run_ids[:MOST_RUNS]}
    if found is not None:
        fields |= {
            "rows": None if found.uncounted_files else found.rows,
            "bytes": found.bytes,
            "files": found.file_count,
            "level": str(found.level) if found.file_count else None,
            "location": found.location,
        }
    if receipt.failure is not None:
        kind = DELIVERY_FAILED
        fields |= {"verdict": None, "error": EventError.of(receipt.failure)}
    elif verdict in _NOTHING_TO_JUDGE:
        kind = DELIVERY_FAILED
    else:
        kind = DELIVERY_VERIFIED if verdict in _GOOD else DELIVERY_MISMATCH_FOUND
    return OutboundEvent(detail=DETAILS[kind].model_validate(fields))


class EventPublisher(Protocol):
    """Where outbound events go."""

    def publish(self, event: OutboundEvent) -> None:
        """Send one event, or raise: a delivery whose event is lost never reaches its consumers."""


class NoBus:
    """Sends nothing: for what somebody does at a terminal, or as a part of something that has an event of its own."""

    def publish(self, event: OutboundEvent) -> None:
        """Take an event and forget it."""


class EventBridgePublisher:
    """An EventBridge bus.

    Args:
        client: boto3's EventBridge client.
        bus_name: Name or ARN of the bus.
    """

    def __init__(self, client: EventBridgeClient, bus_name: str) -> None:
        self._client = client
        self._bus_name = bus_name

    def publish(self, event: OutboundEvent) -> None:
        """Send one event.

        Raises:
            TransientError: ``event.not-published``: the bus did not take it, which PutEvents answers with 200 all the
                same; ``aws.busy``.
            InternalError: ``aws.refused``: the role may not, or there is no such bus.
        """
        try:
            answer = self._client.put_events(
                Entries=[
                    {
                        "Source": SOURCE,
                        "DetailType": event.detail_type,
                        "Detail": event.body,
                        "EventBusName": self._bus_name,
                        "Time": event.detail.moment,
                    }
                ]
            )
        except AWS_ERRORS as error:
            raise aws_error(error, doing=f"publish an event to the bus {self._bus_name}") from None
        # Half an answer is one without fields to botocore: the event is sent once more, under the same eventId.
        if answer.get("FailedEntryCount", 1):
            code = answer.get("Entries", [{}])[0].get("ErrorCode", "unknown")
            raise TransientError(
                f'The event bus did not take the event "{event.detail_type}" ({code}).', code="event.not-published"
            )
