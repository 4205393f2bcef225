"""The fields of a config as its schema has them and as the reference page has them, in one form that can be compared.

A section that the schema repeats (the CSV options of six destinations, the schedule of two places) is one table on the
page, *Field of `csvOptions`*; a section with branches (thirteen destinations) is one table with a column that says which.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.config.models import DeliveryConfig
from tests.unit.docs.pages import bare, tables

PAGE = "docs/reference/config.md"
SCHEMA = DeliveryConfig.model_json_schema(by_alias=True)
Field = tuple[str, str, str]
"""The section whose table has it (empty for the whole config), its name there, its default as the page writes it."""
Where = dict[Field, set[str]]
"""In which branches of the section: values of its ``type``, or the empty text where the section has no branches."""
_OF = re.compile(r"Field(?: of `(\w+)`)?")


def in_schema() -> Where:
    """Every field of the schema."""
    found: Where = {}
    sections = {owner for owner, _, _ in in_page()}
    for field, branch in _walk(SCHEMA, "", "", sections):
        found.setdefault(field, set()).add(branch)
    return found


def in_page() -> Where:
    """Every field of the page."""
    found: Where = {}
    for table in tables(PAGE):
        if not (title := _OF.fullmatch(table.head[0])):
            continue
        branches = table.head[2] if len(table.head) == 4 else ""
        for row in table.rows:
            field = (title[1] or "", bare(row[0]), row[1])
            assert field not in found, f"{field} is on the page twice"
            found[field] = _branches(row[2], title[1]) if branches else {""}
    return found


def branches_of(section: str) -> dict[str, dict[str, Any]]:
    """The branches of a section: value of ``type`` → the schema's model."""
    fields = [model["properties"][section] for model in _all_models() if section in model.get("properties", {})]
    return {branch: model for field in fields for branch, model in _models(field) if branch}


def _all_models() -> Iterator[Mapping[str, Any]]:
    yield SCHEMA
    yield from SCHEMA["$defs"].values()


def _walk(node: Mapping[str, Any], owner: str, prefix: str, sections: set[str], branch: str = "") -> Iterator[Any]:
    required = node.get("required", [])
    for name, field in node["properties"].items():
        yield (owner, f"{prefix}{name}", "required" if name in required else _written(field)), branch
        below, path = (field["items"], f"{prefix}{name}[]") if "items" in field else (field, f"{prefix}{name}")
        for kind, model in _models(below):
            if name in sections:
                yield from _walk(model, name, "", sections, kind)
            else:
                yield from _walk(model, owner, f"{path}.", sections, branch)


def _models(field: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The models a field may hold, each with the value of its ``type``."""
    for choice in (field, *field.get("anyOf", []), *field.get("oneOf", [])):
        if "$ref" in choice:
            model = SCHEMA["$defs"][choice["$ref"].rpartition("/")[2]]
            if "properties" in model:
                yield model["properties"].get("type", {}).get("const", ""), model
        elif choice is not field:
            yield from _models(choice)


def _written(field: Mapping[str, Any]) -> str:
    default = field.get("default")
    if default is None or isinstance(default, dict):
        return "none"
    if default == "":
        return "empty"
    return f"`{default}`" if isinstance(default, str) else f"`{json.dumps(default)}`"


def _branches(cell: str, section: str | None) -> set[str]:
    """What a cell stands for: *all*, *all but* some, a generation, or the ones it names."""
    every = set(branches_of(section or ""))
    generations = {f"{row.generation} generation": set[str]() for row in load_catalogue().destinations}
    for row in load_catalogue().destinations:
        generations[f"{row.generation} generation"].add(row.name)
    named = set(re.findall(r"`([^`]+)`", cell))
    assert named <= every, cell
    if cell == "all":
        return every
    if cell.startswith("all but "):
        return every - named
    return generations.get(cell, named)
