"""The JSON Schema of the config file: for editors, and for diagnostics to know what a field may hold."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema

from aep_delivery.config.models import DeliveryConfig
from aep_delivery.config.positions import child

SCHEMA_ID = "urn:aep-delivery:schema:delivery-config:1"


class _ForEditors(GenerateJsonSchema):
    """Without the titles pydantic makes up, and without null: a field that is not wanted is left out."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        inner = super().default_schema(schema)
        if inner.get("default", ...) is None:
            del inner["default"]
        return inner

    def literal_schema(self, schema: Any) -> JsonSchemaValue:
        inner = super().literal_schema(schema)
        return {**inner, "examples": [inner["const"]]} if "const" in inner else inner

    def generate(self, schema: CoreSchema, mode: Any = "validation") -> JsonSchemaValue:
        return {"$schema": self.schema_dialect, "$id": SCHEMA_ID, **super().generate(schema, mode)}


def config_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the config file.

    Some rules need more than it can say (endTime after startTime); ``load_config`` is the judge.
    """
    return DeliveryConfig.model_json_schema(by_alias=True, schema_generator=_ForEditors)


@cache
def _cached_schema() -> dict[str, Any]:
    return config_schema()


def field_schema(path: tuple[str | int, ...], data: object) -> dict[str, Any]:
    """What the schema says of one field.

    Args:
        path: The field, in the file's own names.
        data: The file's content, which decides between the branches of a union.

    Returns:
        The field's schema with references followed, ``{}`` for a field that the schema does not know.
    """
    root = _cached_schema()
    schema = _resolved(root, root, data)
    for step in path:
        schema = schema.get("items", {}) if isinstance(step, int) else schema.get("properties", {}).get(step, {})
        data = child(data, step)
        schema = _resolved(root, schema, data)
    return schema


def _resolved(root: dict[str, Any], schema: dict[str, Any], data: object) -> dict[str, Any]:
    if "discriminator" in schema:
        tag = data.get(schema["discriminator"]["propertyName"]) if isinstance(data, dict) else None
        reference = schema["discriminator"]["mapping"].get(tag) if isinstance(tag, str) else None
        schema = {**schema, "$ref": reference} if reference else schema
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].rpartition("/")[2]]
        return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema
