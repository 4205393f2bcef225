"""Selectors of audiences and attributes, and the keys among the attributes: which are valid."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from emulator.adobe import attributes, audience_schedule, filenames, problems
from emulator.adobe.http import Json

_AUDIENCE = frozenset(
    {
        "id",
        "name",
        "description",
        "filenameTemplate",
        "exportMode",
        "schedule",
        "createTime",
        "updateTime",
        "namespace",
        "systemSegmentId",
        "enrichmentInfo",
    }
)


def check_audience(selector: object, *, current: bool, rare: bool) -> None:
    """Raise :class:`Problem` unless `selector` activates an audience as documented. Whether it exists is not asked.

    Args:
        selector: ``{"type": "PLATFORM_SEGMENT", "value": {...}}``.
        current: whether the destination is of the current generation.
        rare: whether it takes weekly and monthly exports.
    """
    value = _value(selector, "PLATFORM_SEGMENT")
    if unknown := sorted(set(value) - _AUDIENCE):
        raise problems.plain(f"A segment selector has no {', '.join(unknown)}")
    if not isinstance(value.get("id"), str) or not value["id"]:
        raise problems.plain("A segment selector needs the id of the segment")
    if "filenameTemplate" in value:
        filenames.check(value["filenameTemplate"], current=current)
    audience_schedule.check(value.get("exportMode"), value.get("schedule"), rare=rare)


def check_attribute(selector: object) -> str:
    """The attribute path that `selector` names; raises :class:`Problem` for anything else."""
    path = _value(selector, "JSON_PATH").get("path")
    if not isinstance(path, str) or not path:
        raise problems.plain("A profile selector needs a path")
    return path


def check_keys(holder: Json, named: Collection[str] | None) -> None:
    """Raise :class:`Problem` unless mandatory fields and deduplication key are among the attributes.

    Args:
        holder: what holds ``mandatoryFields`` and ``primaryFields``.
        named: the attributes that are exported; None where the mapping is yet to come.
    """
    mandatory = holder.get("mandatoryFields", [])
    if not isinstance(mandatory, list) or not all(isinstance(item, str) for item in mandatory):
        raise problems.plain("mandatoryFields must be an array of attribute paths")
    primary = holder.get("primaryFields", [])
    if not isinstance(primary, list):
        raise problems.plain("primaryFields must be an array")
    keys = [_key(item) for item in primary]
    kinds = {kind for kind, _ in keys}
    if len(kinds) > 1 or len(keys) > (1 if kinds == {"IDENTITY"} else 2):
        raise problems.plain("primaryFields may hold one identity namespace or up to two attributes, not both")
    # An identity need not be exported to be told apart by; an attribute must.
    wanted = [*mandatory, *(name for kind, name in keys if kind == "ATTRIBUTE")]
    if named is not None and (missing := [item for item in wanted if not _is_named(item, named)]):
        raise problems.plain(f"{', '.join(missing)} must be among the exported attributes")


def _is_named(item: str, named: Collection[str]) -> bool:
    """By its path, by its column, or, of an identity, by its namespace alone."""
    return item in named or item.replace(".", "_") in named or attributes.identity_path(item) in named


def _key(item: object) -> tuple[str, str]:
    """What kind of key, and its attribute path or namespace."""
    match item:
        case {"fieldType": "ATTRIBUTE", "attributePath": str() as name, **others} if not others:
            return "ATTRIBUTE", name
        case {"fieldType": "IDENTITY", "identityNamespace": str() as name, **others} if not others:
            return "IDENTITY", name
    raise problems.plain("primaryFields need fieldType with attributePath or identityNamespace")


def _value(selector: object, kind: str) -> dict[str, Any]:
    if not isinstance(selector, dict) or selector.get("type") != kind or not isinstance(selector.get("value"), dict):
        raise problems.plain(f"A selector needs type {kind} and a value")
    value: dict[str, Any] = selector["value"]
    return value
