"""The JSON Schemas of config files: for editors, and for diagnostics to know what a field may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from pydantic import ConfigDict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from aep_delivery.config.models import DeliveryConfig
from aep_delivery.config.parts import VARIABLE_NAME, FileParts
from aep_delivery.config.positions import child
from aep_delivery.runtime.described import Described

SCHEMA_ID = "urn:aep-delivery:schema:delivery-config:1"
PART_SCHEMA_ID = "urn:aep-delivery:schema:delivery-config-part:1"

_WITH_VARIABLE = {"type": "string", "pattern": rf"\$\{{{VARIABLE_NAME}\}}"}
_ONLY_WHEN_COMPLETE = ("required", "if", "then", "allOf", "anyOf")
"""What the schema of a section says of several of its fields together."""


class _ConfigFile(FileParts, DeliveryConfig):
    """One delivery: datasets or audiences of one sandbox, exported to one destination, and how to check them."""

    model_config = ConfigDict(title="DeliveryConfig")


class _ForEditors(Described):
    """Without null: a field that is not wanted is left out."""

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
    """JSON Schema 2020-12 of a config in one file.

    Some rules need more than it can say (endTime after startTime); ``load_config`` is the judge.
    """
    whole = _ConfigFile.model_json_schema(by_alias=True, schema_generator=_ForEditors)
    return {**whole, "$defs": {name: _type_first(section) for name, section in whole["$defs"].items()}}


def part_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a base, and of a config that extends one or has variables.

    Knows the same fields; none is required, and a variable may stand for every single value.
    """
    whole = config_schema()
    definitions = whole.pop("$defs")
    part = _loosened(whole, definitions)
    part |= {"$id": PART_SCHEMA_ID, "title": "DeliveryConfigPart"}
    loosened = {name: _loosened(schema, definitions) for name, schema in definitions.items()}
    return {**part, "$defs": loosened}


def _type_first(section: dict[str, Any]) -> dict[str, Any]:
    """A section with its own fields before those it shares with others: what it is comes first."""
    properties: dict[str, Any] = section.get("properties", {})
    names = list(properties)
    if "type" not in names:
        return section
    start = names.index("type")
    return {**section, "properties": {name: properties[name] for name in (*names[start:], *names[:start])}}


def _loosened(section: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if "properties" not in section:
        return section
    kept = {key: value for key, value in section.items() if key not in _ONLY_WHEN_COMPLETE}
    properties = {
        name: field if name in ("extends", "variables") else _open_to_variables(field, definitions)
        for name, field in section["properties"].items()
    }
    return {**kept, "properties": properties}


def _open_to_variables(field: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A field of which a part may be missing, or whose value may come from a variable."""
    notes = {key: value for key, value in field.items() if key in ("description", "examples")}
    rule = {key: value for key, value in field.items() if key not in (*notes, "default", "discriminator")}
    if "oneOf" in rule:
        # Two branches may fit a section of which only a part is there.
        return {**notes, "anyOf": rule["oneOf"]}
    if rule.get("type") == "array":
        return {**notes, **rule, "items": _open_to_variables(rule["items"], definitions)}
    target = definitions[rule["$ref"].rpartition("/")[2]] if "$ref" in rule else rule
    if target.get("type") == "object":
        return {**notes, **rule}
    return {**notes, "anyOf": [rule, _WITH_VARIABLE]}


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


def section_fields(path: tuple[str | int, ...], data: object) -> frozenset[str]:
    """The fields that a section may have, in any branch of a union that is not decided; none for what is no section.

    Args:
        path: The section, in the file's own names.
        data: The file's content, which decides between the branches of a union.
    """
    schema = field_schema(path, data)
    branches = [_cached_schema()["$defs"][each.rpartition("/")[2]] for each in _branches(schema)]
    return frozenset(name for branch in branches or [schema] for name in branch.get("properties", {}))


def _branches(schema: dict[str, Any]) -> list[str]:
    return [] if "properties" in schema else list(schema.get("discriminator", {}).get("mapping", {}).values())


def homes(name: str, data: object) -> list[tuple[str, ...]]:
    """The sections that know a field, as far as the branches of unions are decided; of lists, those of their items.

    Args:
        name: The field's name.
        data: The file's content, which decides between the branches of a union.
    """
    destination = child(data, "destination")
    types = (child(destination, "type"), child(child(destination, "auth"), "type"))
    return _homes(*(each if isinstance(each, str) else None for each in types)).get(name, [])


@lru_cache(maxsize=32)
def _homes(destination: str | None, auth: str | None) -> dict[str, list[tuple[str, ...]]]:
    """Of every field: once for all, because a file may have thousands in the wrong place."""
    found: dict[str, list[tuple[str, ...]]] = {}
    data = {"destination": {"type": destination, "auth": {"type": auth}}}
    for section in _sections((), data):
        for name in field_schema(section, data)["properties"]:
            found.setdefault(name, []).append(section)
    return found


def _sections(section: tuple[str, ...], data: object) -> Iterator[tuple[str, ...]]:
    properties = field_schema(section, data).get("properties", {})
    if properties:
        yield section
    for below in properties:
        yield from _sections((*section, below), data)


def closed_list(path: tuple[str | int, ...], data: object) -> list[str]:
    """What a field may hold, where that is a closed list; else nothing.

    Args:
        path: The field, in the file's own names.
        data: The file's content, which decides between the branches of a union.
    """
    union = field_schema(path[:-1], data).get("discriminator", {})
    if path and union.get("propertyName") == path[-1]:
        return list(union["mapping"])
    return [str(choice) for choice in _choices(field_schema(path, data))]


@cache
def vocabulary() -> frozenset[str]:
    """The words of all closed lists, in small letters: ``sftp``, ``password``, ``gzip``. None of them is a secret."""
    sections = [_cached_schema(), *_cached_schema()["$defs"].values()]
    fields = (field for section in sections for field in (section, *section.get("properties", {}).values()))
    texts = (str(choice) for field in fields for choice in _choices(field))
    return frozenset(word.lower() for text in texts for word in re.findall(r"[A-Za-z]{2,}", text))


def _choices(schema: dict[str, Any]) -> Iterator[object]:
    yield from schema.get("enum", ())
    if "const" in schema:
        yield schema["const"]


def _resolved(root: dict[str, Any], schema: dict[str, Any], data: object) -> dict[str, Any]:
    if "discriminator" in schema:
        tag = data.get(schema["discriminator"]["propertyName"]) if isinstance(data, dict) else None
        reference = schema["discriminator"]["mapping"].get(tag) if isinstance(tag, str) else None
        schema = {**schema, "$ref": reference} if reference else schema
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].rpartition("/")[2]]
        return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema
