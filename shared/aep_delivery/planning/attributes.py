"""The columns of an audience export: attributes, the mandatory ones, and the deduplication key, in Adobe's forms.

Sources: Adobe: Connect to batch destinations and activate audiences by API; Activate audiences to file-based
destinations by API, attribute mapping.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from aep_delivery.config.audiences import Activation, PrimaryField

IDENTITY_PREFIX = "identityMap."


class AttributeToExport(BaseModel):
    """A profile attribute, or an identity, and its column."""

    model_config = ConfigDict(frozen=True)

    source: str
    column: str
    """Of the first generation: the path itself, which Adobe turns into the column's name."""


def attributes_to_export(activation: Activation, *, first_generation: bool) -> list[AttributeToExport]:
    """The attributes of a config, in its order."""
    return [
        AttributeToExport(source=one.source, column=one.source if first_generation else one.column_name)
        for one in activation.attributes
    ]


def primary_fields(fields: Iterable[PrimaryField]) -> list[dict[str, str]]:
    """The deduplication key as Adobe takes it."""
    return [
        {"fieldType": "ATTRIBUTE", "attributePath": field.attribute_path}
        if field.attribute_path is not None
        else {"fieldType": "IDENTITY", "identityNamespace": str(field.identity_namespace)}
        for field in fields
    ]


def same_fields(there: Any, wanted: list[Any]) -> bool:
    """Whether two lists of mandatory fields or of a deduplication key are the same; in which order does not matter."""
    return sorted(map(_plain, there or [])) == sorted(map(_plain, wanted))


def attribute_selector(attribute: AttributeToExport) -> dict[str, Any]:
    """An attribute as the first generation takes it."""
    return {"type": "JSON_PATH", "value": {"path": attribute.source}}


def attribute_path(selector: Any) -> str | None:
    """The attribute of a selector of the first generation; Adobe adds ``operator`` and ``mapping`` to it."""
    value = selector.get("value") if isinstance(selector, dict) else None
    found = value.get("path") if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def _plain(field: Any) -> str:
    """What counts of one of them."""
    if isinstance(field, dict):
        return f"{field.get('fieldType')} {field.get('attributePath') or field.get('identityNamespace')}"
    return str(field)
