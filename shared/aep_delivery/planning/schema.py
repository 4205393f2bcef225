"""The JSON Schema of a plan."""

from __future__ import annotations

from typing import Any

from aep_delivery.planning.plan import Plan
from aep_delivery.runtime.described import Described


def plan_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the plan document. Fields may be added within a version of it."""
    schema = Plan.model_json_schema(by_alias=True, mode="serialization", schema_generator=Described)
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("additionalProperties", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:aep-delivery:schema:plan:1",
        **schema,
        "title": "Plan",
    }
