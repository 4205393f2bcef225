from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.receipt.schema import SCHEMA_ID, receipt_schema, schema_text

PUBLISHED = Path(__file__).parents[4] / "schemas" / "receipt.schema.json"


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(receipt_schema())


def errors_of(validator: jsonschema.Draft202012Validator, document: object) -> list[str]:
    return [error.json_path for error in validator.iter_errors(document)]


def known_properties(schema: dict[str, Any]) -> set[str]:
    bodies = [schema, *schema["$defs"].values()]
    return {name for body in bodies for name in body.get("properties", {})}


def keys_of(document: object) -> set[str]:
    if isinstance(document, dict):
        return set(document).union(*(keys_of(value) for value in document.values()))
    if isinstance(document, list):
        return set().union(*(keys_of(item) for item in document))
    return set()


def test_the_published_file_is_the_schema_of_the_models() -> None:
    command = "PYTHONPATH=shared python -c 'from aep_delivery.verification.receipt.schema import schema_text; print(schema_text(), end=\"\")'"
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text(), (
        f"stale; renew it: {command} > schemas/{PUBLISHED.name}"
    )


def test_it_is_a_schema_of_2020_12_with_an_id() -> None:
    schema = receipt_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == SCHEMA_ID == "urn:aep-delivery:schema:receipt:1"


def test_receipts_of_every_kind_are_valid(sample: Receipt, validator: jsonschema.Draft202012Validator) -> None:
    document = json.loads(sample.to_json())
    assert errors_of(validator, document) == []
    assert keys_of(document) <= known_properties(receipt_schema())


def test_what_is_always_there_is_enough(
    validator: jsonschema.Draft202012Validator, samples: dict[str, Callable[[], Receipt]]
) -> None:
    full = json.loads(samples["verified"]().to_json())
    least = {name: full[name] for name in ("schemaVersion", "delivery", "request", "verdict", "reason", "finishedAt")}
    assert errors_of(validator, least) == []
    for name in least:
        assert errors_of(validator, {key: value for key, value in least.items() if key != name}) == ["$"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verdict",), "PERFECT"),
        (("schemaVersion",), "2"),
        (("finishedAt",), 1798761600),
        (("verification", "rows"), "391014"),
        (("verification", "datasets", 0, "files", 0, "state"), "fine"),
        (("resources", 0, "action"), "DELETE"),
        (("timeline", 0, "attempts"), 0),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_what_is_wrong_is_found(
    validator: jsonschema.Draft202012Validator,
    samples: dict[str, Callable[[], Receipt]],
    path: tuple[str | int, ...],
    value: object,
) -> None:
    document: Any = json.loads(samples["verified"]().to_json())
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    assert path[-1] in inner or isinstance(path[-1], int)
    inner[path[-1]] = value
    assert errors_of(validator, document)


def test_the_schema_does_not_go_stale_with_a_release() -> None:
    assert '"0.1.0"' not in schema_text()
