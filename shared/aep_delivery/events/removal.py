"""What may start a removal: an event of somebody's own, or the command line."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from aep_delivery.events.inbound import CLI_SOURCE, MAX_EXECUTION_NAME, Envelope
from aep_delivery.runtime.errors import UserError

DELIVERY_REMOVAL_REQUESTED = "Delivery Removal Requested"

_HASH_LENGTH = 32

DeliveryId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,255}/[a-z][a-z0-9-]{1,62}$")]
"""``sandbox/name``, as a config spells the two."""


class RemovalRequest(BaseModel):
    """One delivery that somebody wants removed."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)

    delivery_id: DeliveryId
    trigger: Literal["event", "cli"]
    occasion: str
    """The event's id: what tells two wanted removals of the same delivery apart."""
    requested_at: datetime


class DeliveryRemovalRequestedDetail(BaseModel):
    """``detail`` of an event that asks for a delivery's removal from Adobe. Exported files stay."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)

    delivery_id: DeliveryId
    """`sandbox/name`, both as in the config."""


def parse_removal(event: Mapping[str, Any]) -> RemovalRequest:
    """The removal an event asks for.

    Args:
        event: An EventBridge event "Delivery Removal Requested".

    Raises:
        UserError: ``event.not-understood``.
    """
    try:
        envelope = Envelope.model_validate(event)
        if envelope.detail_type != DELIVERY_REMOVAL_REQUESTED:
            raise _not_understood("An event is of no kind that removes a delivery.", [])
        if not envelope.id:
            raise _not_understood("An event that asks for a removal has no id.", ["id"])
        return RemovalRequest(
            delivery_id=DeliveryRemovalRequestedDetail.model_validate(envelope.detail).delivery_id,
            trigger="cli" if envelope.source == CLI_SOURCE else "event",
            occasion=envelope.id,
            requested_at=envelope.time,
        )
    except ValidationError as error:
        fields = [".".join(map(str, found["loc"])) for found in error.errors(include_input=False)]
        raise _not_understood("An event lacks fields or has wrong ones.", sorted(set(fields))) from None


def removal_execution_name(request: RemovalRequest) -> str:
    """The name of the execution for a request: the same event always has the same name, another has another.

    Returns:
        The delivery's name and a hash, at most 80 characters of ``a-z 0-9 -``.
    """
    # A JSON list, because joined texts are ambiguous.
    identity = json.dumps([request.delivery_id, "remove", request.occasion])
    digest = hashlib.sha256(identity.encode()).hexdigest()[:_HASH_LENGTH]
    name = re.sub(r"[^a-z0-9-]+", "-", f"remove-{request.delivery_id}")[: MAX_EXECUTION_NAME - 1 - _HASH_LENGTH]
    return f"{name.strip('-')}-{digest}"


def _not_understood(message: str, fields: list[str]) -> UserError:
    return UserError(
        message,
        code="event.not-understood",
        place=", ".join(fields) or None,
        hint=f'Send "{DELIVERY_REMOVAL_REQUESTED}" with detail {{"deliveryId": "sandbox/name"}}.',
    )
