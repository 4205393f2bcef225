"""JSON Schemas of the events, envelope and all, for those who consume or send them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from aep_delivery.events.details import DETAILS
from aep_delivery.events.inbound import (
    DELIVERY_REQUESTED,
    DELIVERY_SCHEDULED,
    DeliveryRequestedDetail,
    DeliveryScheduledDetail,
)
from aep_delivery.events.outbound import SOURCE
from aep_delivery.events.removal import DELIVERY_REMOVAL_REQUESTED, DeliveryRemovalRequestedDetail
from aep_delivery.runtime.described import Described

Mode = Literal["validation", "serialization"]


def outbound_event_schema(detail_type: str) -> dict[str, Any]:
    """JSON Schema 2020-12 of an event that this product sends.

    Unknown fields are allowed: fields may be added within a schema version, and an old schema must take new events.
    """
    return _event_schema(detail_type, DETAILS[detail_type], "serialization", {"const": SOURCE})


def delivery_requested_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the event by which anybody asks for a delivery."""
    return _event_schema(DELIVERY_REQUESTED, DeliveryRequestedDetail, "validation", {"type": "string"})


def delivery_removal_requested_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the event by which anybody asks for a delivery's removal."""
    return _event_schema(DELIVERY_REMOVAL_REQUESTED, DeliveryRemovalRequestedDetail, "validation", {"type": "string"})


def delivery_scheduled_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of what a schedule sends."""
    schema = _event_schema(DELIVERY_SCHEDULED, DeliveryScheduledDetail, "validation", {"type": "string"})
    schema["properties"]["detail"]["oneOf"] = [{"required": [field]} for field in ("key", "prefix", "keys")]
    return schema


def _event_schema(detail_type: str, model: type[BaseModel], mode: Mode, source: dict[str, Any]) -> dict[str, Any]:
    detail = model.model_json_schema(by_alias=True, mode=mode, schema_generator=Described)
    definitions = detail.pop("$defs", {})
    for part in (detail, *definitions.values()):
        part.pop("additionalProperties", None)
        for field in part.get("properties", {}).values():
            # Pydantic's word for what is computed, which to JSON Schema says who may write it.
            field.pop("readOnly", None)
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:aep-delivery:schema:event:{detail_type.lower().replace(' ', '-')}:1",
        "title": detail_type,
        "description": detail["description"].partition("\n")[0],
        "type": "object",
        "properties": {
            "id": {"type": "string", "description": "The event's id, set by EventBridge."},
            "source": source,
            "detail-type": {"const": detail_type},
            "time": {"type": "string", "format": "date-time", "description": "When it happened."},
            "detail": detail,
        },
        "required": ["source", "detail-type", "detail"],
    }
    return {**schema, "$defs": definitions} if definitions else schema
