from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from aep_delivery.adobe.data_prep import DataPrep, FieldMapping
from aep_delivery.adobe.errors import AdobeInternalError, EntityNotFoundError
from aep_delivery.adobe.transport import AdobeTransport
from aep_delivery.runtime.errors import UserError
from tests.unit.adobe.scripted import ScriptedAdobe

SPEC = "4fce964d-3f37-408f-9778-e597338a21ee"
PROFILE = {
    "title": "XDM Individual Profile",
    "type": "object",
    "properties": {
        "person": {"type": "object", "properties": {"name": {"properties": {"firstName": {"type": "string"}}}}},
        "personalEmail": {"properties": {"address": {"type": "string"}}},
        "homes": {"type": "array", "items": {"properties": {"city": {"type": "string"}}}},
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
        "elsewhere": {"$ref": "https://ns.adobe.com/x"},
        "segmentMembership": {"meta:xdmType": "map"},
        "identityMap": {"meta:xdmType": "map"},
    },
}
PARTNER = {"title": "defaultschema", "type": "object", "properties": {"attributes": {"type": "object"}}}
COLUMNS = [
    FieldMapping(source="person.name.firstName", column="first"),
    FieldMapping(source="identityMap.Phone_E.164", column="phone"),
    FieldMapping(source="segmentMembership.ups.9f7d37fd.status", column="segmentMembership_status"),
]


@pytest.fixture
def data_prep(transport: AdobeTransport) -> DataPrep:
    return DataPrep(transport)


def ok(body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


def connection_spec(schema: Any = PARTNER) -> httpx.Response:
    return ok({"items": [{"id": SPEC, "targetSpec": {"attributes": {"partnerSchema": {"jsonSchema": schema}}}}]})


def test_a_mapping_set_is_made_of_two_schemas(data_prep: DataPrep, adobe: ScriptedAdobe) -> None:
    adobe.script = [
        ok(PROFILE),
        connection_spec(),
        ok({"id": "in", "version": 0}),
        ok({"id": "out", "version": 0}),
        ok({"id": "set", "version": 3, "createdBy": "x"}),
    ]

    made = data_prep.create_mapping_set(SPEC, COLUMNS, "gold")

    assert (made.id, made.version, made.mappings) == ("set", 3, COLUMNS)
    assert [f"{call.method} {call.url.path}" for call in adobe.calls] == [
        "GET /data/core/ups/config/entityTypes/_xdm.context.profile",
        f"GET /data/foundation/flowservice/connectionSpecs/{SPEC}",
        "POST /data/foundation/conversion/schemas",
        "POST /data/foundation/conversion/schemas",
        "POST /data/foundation/conversion/mappingSets",
    ]
    bodies = [json.loads(call.content) for call in adobe.calls[2:]]
    assert bodies[0] == {"name": "gold: profile", "jsonSchema": PROFILE}
    assert bodies[1]["jsonSchema"]["properties"].keys() == {"attributes", "first", "phone", "segmentMembership_status"}
    assert bodies[1]["jsonSchema"]["properties"]["first"] == {"title": "first", "type": "string"}
    assert bodies[1]["jsonSchema"]["properties"]["phone"]["type"] == "array"
    assert bodies[2] == {
        "inputSchema": {"id": "in"},
        "outputSchema": {"id": "out"},
        "mappings": [
            {"destination": "first", "source": "person.name.firstName", "sourceType": "ATTRIBUTE"},
            {"destination": "phone", "source": "identityMap.Phone_E//.164", "sourceType": "ATTRIBUTE"},
            {
                "destination": "segmentMembership_status",
                "source": "segmentMembership.ups.9f7d37fd.status",
                "sourceType": "ATTRIBUTE",
            },
        ],
        "xdmVersion": "1.0",
    }


def test_a_lost_answer_is_asked_for_again(data_prep: DataPrep, adobe: ScriptedAdobe) -> None:
    adobe.script = [
        ok(PROFILE),
        connection_spec(),
        httpx.Response(503),
        ok({"id": "in"}),
        ok({"id": "out"}),
        ok({"id": "set"}),
    ]

    made = data_prep.create_mapping_set(SPEC, COLUMNS, "gold")

    assert (made.id, made.version) == ("set", 0)


def test_a_mapping_set_reads_back_as_it_was_made(data_prep: DataPrep, adobe: ScriptedAdobe) -> None:
    stored = [
        {"id": "1", "destination": "first", "source": "person.name.firstName", "sourceType": "ATTRIBUTE"},
        {"id": "2", "destination": "phone", "source": "identityMap.Phone_E//.164", "sourceType": "ATTRIBUTE"},
    ]
    adobe.script = [ok({"id": "set", "version": 3, "mappings": stored})]

    assert data_prep.mapping_set("set", 3).mappings == COLUMNS[:2]
    assert adobe.calls[0].url.path == "/data/foundation/conversion/mappingSets/set"


def test_a_mapping_set_that_is_gone(data_prep: DataPrep, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(404, json={"message": "The mapping set [set] does not exist"})]

    with pytest.raises(EntityNotFoundError):
        data_prep.mapping_set("set", 0)


@pytest.mark.parametrize(
    "source",
    [
        "person.name.firstName",
        "person.name",
        "homes.city",
        "homes[0].city",
        "tags.whatever",
        "elsewhere.some.thing",
        "identityMap.Email",
        "segmentMembership.ups.x.status",
    ],
)
def test_sources_that_may_be_there(data_prep: DataPrep, adobe: ScriptedAdobe, source: str) -> None:
    adobe.script = [ok(PROFILE)]

    data_prep.check_sources([source])


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("person.name.fistName", "person.name.fistName: did you mean person.name.firstName?"),
        ("personalEmail.address.more", "personalEmail.address.more: did you mean personalEmail.address?"),
        ("homes.town.hall", "homes.town.hall"),
        ("identityMap", "identityMap"),
        ("zzz", "zzz"),
    ],
)
def test_sources_that_are_not_there(data_prep: DataPrep, adobe: ScriptedAdobe, source: str, line: str) -> None:
    adobe.script = [ok(PROFILE)]

    with pytest.raises(UserError) as caught:
        data_prep.check_sources(["person.name.firstName", source])

    assert caught.value.code == "attribute.unknown"
    assert caught.value.place == "activation.attributes"
    assert caught.value.details == [line]


def test_nothing_is_made_of_an_unknown_attribute(data_prep: DataPrep, adobe: ScriptedAdobe) -> None:
    adobe.script = [ok(PROFILE)]

    with pytest.raises(UserError):
        data_prep.create_mapping_set(SPEC, [FieldMapping(source="zzz", column="z")], "gold")

    assert len(adobe.calls) == 1


@pytest.mark.parametrize("schema", [None, "text"])
def test_a_destination_without_a_schema(data_prep: DataPrep, adobe: ScriptedAdobe, schema: object) -> None:
    adobe.script = [ok(PROFILE), connection_spec(schema)]

    with pytest.raises(AdobeInternalError, match="partnerSchema"):
        data_prep.create_mapping_set(SPEC, COLUMNS, "gold")
