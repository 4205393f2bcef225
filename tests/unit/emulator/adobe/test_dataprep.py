from __future__ import annotations

from typing import Any

import pytest

from .activation import mapping_set, write_profiles
from .conftest import Adobe

CONVERSION = "/data/foundation/conversion"
SCHEMA = {"type": "object", "properties": {"person": {"type": "object", "properties": {"name": {"type": "string"}}}}}


@pytest.fixture
def schema(adobe: Adobe) -> str:
    write_profiles(adobe.lake)
    answer = adobe.post(f"{CONVERSION}/schemas/", {"name": "s", "jsonSchema": SCHEMA})
    assert answer.status_code == 200
    assert answer.json() == {"id": answer.json()["id"], "version": 0, "jsonSchema": SCHEMA}
    return answer.json()["id"]


def mapping(**changes: Any) -> dict[str, Any]:
    given = {"destination": "person_name", "source": "person.name", "sourceType": "ATTRIBUTE", **changes}
    return {name: value for name, value in given.items() if value is not None}


def post_set(adobe: Adobe, schema: str, *mappings: object, **changes: Any) -> Any:
    given = {"inputSchema": {"id": schema}, "outputSchema": {"id": schema}, "mappings": list(mappings), **changes}
    return adobe.post(f"{CONVERSION}/mappingSets", {**given, "xdmVersion": "1.0"})


def test_a_mapping_set_is_answered_in_brief_and_shown_in_full(adobe: Adobe, schema: str) -> None:
    brief = post_set(adobe, schema, mapping(), mapping(destination="mail", source="identityMap.Phone_E//.164")).json()
    assert set(brief) == {"id", "version", "createdDate", "modifiedDate", "createdBy", "modifiedBy"}
    assert brief["version"] == 0
    shown = adobe.get(f"{CONVERSION}/mappingSets/{brief['id']}").json()
    assert shown["inputSchema"] == {"id": schema}
    assert [(item["destination"], item["source"]) for item in shown["mappings"]] == [
        ("person_name", "person.name"),
        ("mail", "identityMap.Phone_E//.164"),
    ]
    assert {name: shown[name] for name in brief} == brief


def test_schemas_are_shown_and_belong_to_their_sandbox(adobe: Adobe, schema: str) -> None:
    assert adobe.get(f"{CONVERSION}/schemas/{schema}").json()["jsonSchema"] == SCHEMA
    adobe.sandbox = "dev"
    assert adobe.get(f"{CONVERSION}/schemas/{schema}").status_code == 404
    assert post_set(adobe, schema, mapping()).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        mapping(destination="person.name"),
        mapping(destination=""),
        mapping(destination=None),
        mapping(source="person.nmae"),
        mapping(source="person.name.first"),
        mapping(source=None),
        mapping(sourceType="EXPRESSION"),
        mapping(sourceType=None),
        "person.name",
    ],
)
def test_mappings_that_do_not_fit_are_refused(adobe: Adobe, schema: str, wrong: object) -> None:
    answer = post_set(adobe, schema, wrong)
    assert answer.status_code == 400
    assert set(answer.json()) == {"message"}


def test_a_set_needs_mappings_and_schemas(adobe: Adobe, schema: str) -> None:
    assert post_set(adobe, schema).status_code == 400
    assert post_set(adobe, schema, mapping(), mapping(source="identityMap.Email")).status_code == 400
    assert post_set(adobe, schema, mapping(), outputSchema=None).status_code == 400
    assert post_set(adobe, "nobody", mapping()).status_code == 400
    assert adobe.post(f"{CONVERSION}/schemas", {"name": "s"}).status_code == 400
    assert adobe.get(f"{CONVERSION}/mappingSets/nobody").status_code == 404
    assert adobe.get(f"{CONVERSION}/languages").status_code == 404


def test_a_reset_forgets_them(adobe: Adobe) -> None:
    write_profiles(adobe.lake)
    made = mapping_set(adobe, {"mail": "personalEmail.address"})
    adobe.post("/_emulator/reset")
    assert adobe.get(f"{CONVERSION}/mappingSets/{made['mappingId']}").status_code == 404
