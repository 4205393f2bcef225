"""The published JSON Schema of the status document."""

from __future__ import annotations

from typing import Any

from aep_delivery.runtime.described import Described
from aep_delivery.status.document import StatusDocument


def status_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of ``status/status.json``. Fields may be added within a version of it."""
    schema = StatusDocument.model_json_schema(by_alias=True, mode="serialization", schema_generator=Described)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:aep-delivery:schema:status:1",
        **schema,
        "title": "Status of all deliveries",
    }
