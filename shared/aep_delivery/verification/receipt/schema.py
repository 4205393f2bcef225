"""The published JSON Schema of a receipt, made from the models."""

from __future__ import annotations

import json
from typing import TypeAlias

from pydantic import JsonValue

from aep_delivery.runtime.described import Described
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.receipt.wire import camel_name

SCHEMA_ID = "urn:aep-delivery:schema:receipt:1"

JsonObject: TypeAlias = dict[str, JsonValue]


def receipt_schema() -> JsonObject:
    """The schema of what :meth:`Receipt.to_json` writes, in JSON Schema 2020-12.

    It is open to further properties: a later release may add some, and consumers ignore what they do not know.
    """
    schema: JsonObject = Receipt.model_json_schema(mode="serialization", schema_generator=Described)
    definitions = schema.pop("$defs")
    schema = _camel_properties(schema)
    if isinstance(definitions, dict):
        schema["$defs"] = {name: _camel_properties(body) for name, body in definitions.items()}
    required: list[JsonValue] = ["schemaVersion", "delivery", "request", "verdict", "reason", "finishedAt"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **schema,
        "title": "Delivery receipt",
        "required": required,
    }


def schema_text() -> str:
    """:func:`receipt_schema` as the text of ``schemas/receipt.schema.json``."""
    return json.dumps(receipt_schema(), indent=2, ensure_ascii=False) + "\n"


def _camel_properties(schema: JsonValue) -> JsonObject:
    """An object schema with its properties spelled as in JSON."""
    if not isinstance(schema, dict):
        raise TypeError("a schema is an object")
    renamed = dict(schema)
    properties, required = schema.get("properties"), schema.get("required")
    if isinstance(properties, dict):
        renamed["properties"] = {camel_name(name): body for name, body in properties.items()}
    if isinstance(required, list):
        renamed["required"] = [camel_name(str(name)) for name in required]
    return renamed
