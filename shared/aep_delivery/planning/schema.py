"""The JSON Schema of a plan."""

from __future__ import annotations

from typing import Any

from aep_delivery.planning.plan import Plan


def plan_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the plan document. Fields may be added within a version of it."""
    schema = Plan.model_json_schema(by_alias=True, mode="serialization")
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("additionalProperties", None)
        for field in part.get("properties", {}).values():
            field.pop("title", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:aep-delivery:schema:plan:1",
        **schema,
        "title": "Plan",
    }
