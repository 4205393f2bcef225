"""Whoever was written against an event's first published schema still understands what is sent and accepted today.

``published_events/`` holds the schemas as they were first published. A new event's schema is added there with it; none
that is there is ever changed.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from aep_delivery.schema_files import SCHEMAS
from tests.contract.compatibility import Direction, breaks

PUBLISHED = {
    path.name: json.loads(path.read_text("utf-8")) for path in Path(__file__).parent.glob("published_events/*")
}
SAMPLES = [json.loads(path.read_text("utf-8")) for path in (Path(__file__).parents[2] / "events").glob("*.json")]
VERIFIED = PUBLISHED["event-delivery-verified.schema.json"]
REQUESTED = PUBLISHED["event-delivery-requested.schema.json"]
Change = Callable[[dict[str, Any]], None]


def direction_of(schema: dict[str, Any]) -> Direction:
    return "out" if "const" in schema["properties"]["source"] else "in"


def test_every_event_has_a_published_schema() -> None:
    assert {*PUBLISHED} == {name for name in SCHEMAS if name.startswith("event-")}, (
        "a new event: copy its file from schemas/ to tests/contract/published_events/ once it is as it should stay"
    )


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_nothing_that_was_published_breaks(name: str) -> None:
    published = PUBLISHED[name]
    found = breaks(published, SCHEMAS[name](), direction_of(published))
    assert found == [], "\n" + "\n".join(found)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.get("detail-type", "message"))
def test_the_published_schemas_take_the_samples_of_today(sample: dict[str, Any]) -> None:
    for schema in PUBLISHED.values():
        if schema["title"] == sample.get("detail-type"):
            Draft202012Validator(schema).validate(sample)


def _detail(schema: dict[str, Any]) -> dict[str, Any]:
    members: dict[str, Any] = schema["properties"]["detail"]
    return members


def _set(path: str, value: object) -> Change:
    *way, last = path.split(".")

    def change(schema: dict[str, Any]) -> None:
        node = _detail(schema)
        for name in way:
            node = node[name]
        node[last] = value

    return change


def _drop(name: str) -> Change:
    return lambda schema: _detail(schema)["properties"].pop(name)


def _rename(schema: dict[str, Any]) -> None:
    members = _detail(schema)["properties"]
    members["size"] = members.pop("bytes")


def _optional(schema: dict[str, Any]) -> None:
    _detail(schema)["required"].remove("receipt")


BREAKING = [
    (VERIFIED, _drop("rows"), "detail.rows is gone."),
    (VERIFIED, _rename, "detail.bytes is gone."),
    (VERIFIED, _set("properties.bytes.type", "string"), "detail.bytes was integer and is string now."),
    (VERIFIED, _set("properties.files.type", ["integer", "null"]), "detail.files was integer and is integer or null"),
    (VERIFIED, _set("properties.rows", {"type": "integer"}), "detail.rows was integer or null and is integer now."),
    (VERIFIED, _set("properties.verdict.enum", ["VERIFIED"]), "detail.verdict can no longer be EMPTY."),
    (VERIFIED, _set("properties.reason.enum", ["Fine."]), "detail.reason could be anything and can only be Fine. now."),
    (VERIFIED, _set("properties.schemaVersion.const", "2"), "detail.schemaVersion can no longer be 1."),
    (VERIFIED, _set("properties.finishedAt.format", "date"), 'detail.finishedAt was of the form "date-time"'),
    (VERIFIED, _set("properties.runIds.items", {"type": "integer"}), "detail.runIds[] was string and is integer now."),
    (VERIFIED, _optional, "detail.receipt may be missing now."),
    (REQUESTED, _drop("versionId"), "detail.versionId is gone."),
    (REQUESTED, _set("required", ["key", "sandbox"]), "detail.sandbox was not needed and is now."),
    (REQUESTED, _set("properties.key.pattern", "^a"), "detail.key was of the form"),
]
HARMLESS = [
    (VERIFIED, _set("properties.colour", {"type": "string"})),
    (VERIFIED, _set("properties.verdict.enum", ["VERIFIED", "EMPTY", "FINE"])),
    (VERIFIED, _set("properties.reason.description", "Better said.")),
    (VERIFIED, _set("properties.files.minimum", 1)),
    (REQUESTED, _set("properties.priority", {"type": "integer"})),
    (REQUESTED, _set("properties.key.type", ["string", "array"])),
]


@pytest.mark.parametrize(("schema", "change", "sentence"), BREAKING, ids=[sentence for *_, sentence in BREAKING])
def test_what_breaks_is_said(schema: dict[str, Any], change: Change, sentence: str) -> None:
    changed = copy.deepcopy(schema)
    change(changed)
    (found,) = breaks(schema, changed, direction_of(schema))
    assert found.startswith(f"{schema['title']}: {sentence}")


@pytest.mark.parametrize(("schema", "change"), HARMLESS)
def test_what_nobody_notices_is_allowed(schema: dict[str, Any], change: Change) -> None:
    changed = copy.deepcopy(schema)
    change(changed)
    assert changed != schema
    assert breaks(schema, changed, direction_of(schema)) == []


def test_what_lies_behind_a_reference_counts() -> None:
    schema = PUBLISHED["event-delivery-failed.schema.json"]
    changed = copy.deepcopy(schema)
    del changed["$defs"]["EventError"]["properties"]["hint"]
    (found,) = breaks(schema, changed, "out")
    assert "detail.error.hint is gone." in found
