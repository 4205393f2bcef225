from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from aep_delivery.adobe.catalogue import Exports, load_catalogue
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.preflight import preflight
from aep_delivery.runtime.errors import InternalError
from tests.unit.adobe.scripted import ScriptedAdobe

Json = dict[str, Any]
S3 = load_catalogue().destination("amazon-s3")
CAMPAIGN = load_catalogue().destination("adobe-campaign")


def condition(operator: str) -> Json:
    return {"conditional": {"field": "flowSpec.attributes._workflow", "operator": operator, "value": "DATASETS"}}


S3_SPEC: Json = {
    "id": S3.connection_spec_id,
    "name": "Amazon S3",
    "authSpec": [
        {
            "name": "Access Key",
            "spec": {
                "properties": {"s3AccessKey": {}, "s3SecretKey": {"format": "password"}},
                "required": ["s3SecretKey", "s3AccessKey"],
            },
        }
    ],
    # Adobe prints no mode here, and marks both kinds of file type as required.
    "targetSpec": {
        "spec": {
            "properties": {
                "bucketName": {},
                "path": {},
                "fileType": condition("NOT_CONTAINS"),
                "datasetFileType": condition("CONTAINS"),
                "csvOptions": {},
                "compression": {},
            },
            "required": ["bucketName", "path", "datasetFileType", "compression", "fileType"],
        }
    },
}
CAMPAIGN_SPEC: Json = {
    "id": CAMPAIGN.connection_spec_id,
    "authSpec": [{"name": "S3", "spec": {"required": ["accessId", "secretKey"]}}],
    "targetSpec": {
        "spec": {"properties": {"mode": {"enum": ["S3", "FTP"]}, "bucketName": {}, "path": {}, "format": {}}}
    },
}


def flow(*workflow: str, spec_id: str = "f", name: str = "a flow") -> Json:
    return {"id": spec_id, "name": name, "attributes": {"_workflow": list(workflow)}}


def items(*found: Json) -> httpx.Response:
    return httpx.Response(200, json={"items": list(found)})


def checked(flow_service: FlowService, exports: Exports = "datasets", auth_name: str | None = "Access Key") -> str:
    specs = preflight(S3, flow_service, exports=exports, mode="Server-to-server", auth_name=auth_name)
    assert specs.connection_spec_id == S3.connection_spec_id
    return specs.flow_spec_id


@pytest.mark.parametrize(
    ("exports", "workflow", "flow_spec"),
    [
        ("datasets", ["DATASETS"], "269ba276-16fc-47db-92b0-c1049a3c131f"),
        ("audiences", ["SEGMENTS"], "1a0514a6-33d4-4c7f-aff8-594799c47549"),
        ("audiences", [], "1a0514a6-33d4-4c7f-aff8-594799c47549"),
    ],
)
def test_what_agrees_passes(
    flow_service: FlowService, adobe: ScriptedAdobe, exports: Exports, workflow: list[str], flow_spec: str
) -> None:
    adobe.script = [items(flow(*workflow)), items(S3_SPEC)]

    assert checked(flow_service, exports) == flow_spec
    assert [call.url.path.rsplit("/", 2)[1:] for call in adobe.calls] == [
        ["flowSpecs", flow_spec],
        ["connectionSpecs", S3.connection_spec_id],
    ]


@pytest.mark.parametrize(
    ("exports", "workflow"), [("datasets", ["SEGMENTS"]), ("datasets", []), ("audiences", ["DATASETS"])]
)
def test_t39_a_flow_spec_of_the_other_kind_stops_everything(
    flow_service: FlowService, adobe: ScriptedAdobe, exports: Exports, workflow: list[str]
) -> None:
    adobe.script = [items(flow(*workflow)), items(S3_SPEC)]

    with pytest.raises(InternalError) as caught:
        checked(flow_service, exports)

    assert caught.value.code == "catalogue.moved"
    (line,) = caught.value.details
    assert line.endswith(f"not for {exports}")
    assert {call.method for call in adobe.calls} == {"GET"}


def _require_more_of_auth(spec: Json) -> None:
    spec["authSpec"][0]["spec"]["required"].append("region")


def _rename_auth(spec: Json) -> None:
    spec["authSpec"][0]["name"] = "Key"


def _drop_auth_param(spec: Json) -> None:
    del spec["authSpec"][0]["spec"]["properties"]["s3AccessKey"]


def _require_more_of_target(spec: Json) -> None:
    spec["targetSpec"]["spec"]["required"].append("region")


def _drop_target_param(spec: Json) -> None:
    del spec["targetSpec"]["spec"]["properties"]["compression"]


def _rename_mode(spec: Json) -> None:
    spec["targetSpec"]["spec"]["properties"]["mode"] = {"enum": ["S2S"]}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            _require_more_of_auth,
            "authentication 'Access Key': Adobe requires region, which the catalogue does not have",
        ),
        (_rename_auth, "authentication 'Access Key': Adobe does not offer it (there are: Key)"),
        (_drop_auth_param, "authentication 'Access Key': Adobe no longer has s3AccessKey"),
        (_require_more_of_target, "target of Amazon S3: Adobe requires region, which the catalogue does not have"),
        (_drop_target_param, "target of Amazon S3: Adobe no longer has compression"),
        (_rename_mode, "target of Amazon S3: has no mode Server-to-server (there are: S2S)"),
    ],
)
def test_t39_every_difference_is_named(
    flow_service: FlowService, adobe: ScriptedAdobe, change: Callable[[Json], None], line: str
) -> None:
    spec = copy.deepcopy(S3_SPEC)
    change(spec)
    adobe.script = [items(flow("DATASETS")), items(spec)]

    with pytest.raises(InternalError) as caught:
        checked(flow_service)

    assert caught.value.details == [line]


def test_all_differences_are_told_at_once(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(404, json={"errorMessage": "none"}), items()]

    with pytest.raises(InternalError) as caught:
        checked(flow_service)

    assert caught.value.details == [
        "flow specification 269ba276-16fc-47db-92b0-c1049a3c131f: Adobe knows none",
        f"connection specification {S3.connection_spec_id}: Adobe knows none",
    ]


def test_an_authentication_that_is_not_used_may_move(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [items(flow("DATASETS")), items({**S3_SPEC, "authSpec": []})]

    assert checked(flow_service, auth_name=None)


def test_a_specification_that_says_little_is_not_judged(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [items(flow("DATASETS")), items({"id": "c", "authSpec": [{"name": "Access Key"}]})]

    assert checked(flow_service)


def test_the_flow_spec_of_adobe_campaign_is_found_by_its_name(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    first = httpx.Response(
        200,
        json={
            "items": [flow("SEGMENTS", name="upsToResponsys")],
            "_links": {"next": {"href": "/flowSpecs?continuationToken=t"}},
        },
    )
    adobe.script = [first, items(flow("SEGMENTS", spec_id="found", name="upsToCampaign")), items(CAMPAIGN_SPEC)]

    specs = preflight(CAMPAIGN, flow_service, exports="audiences", mode="S3", auth_name="S3")

    assert (specs.connection_spec_id, specs.flow_spec_id) == (CAMPAIGN.connection_spec_id, "found")


@pytest.mark.parametrize("count", [0, 2])
def test_a_name_must_stand_for_one_flow_spec(flow_service: FlowService, adobe: ScriptedAdobe, count: int) -> None:
    named = [flow("SEGMENTS", spec_id=str(number), name="upsToCampaign") for number in range(count)]
    adobe.script = [items(*named), items(CAMPAIGN_SPEC)]

    with pytest.raises(InternalError) as caught:
        preflight(CAMPAIGN, flow_service, exports="audiences", mode="S3")

    assert caught.value.details == [
        f"flow specifications of the name upsToCampaign: {count}, where there should be one"
    ]


def test_a_mode_that_adobe_no_longer_has(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [items(flow("SEGMENTS", name="upsToCampaign")), items(CAMPAIGN_SPEC)]

    with pytest.raises(InternalError) as caught:
        preflight(CAMPAIGN, flow_service, exports="audiences", mode="AZURE_BLOB")

    assert caught.value.details[-1] == "target of Adobe Campaign: has no mode AZURE_BLOB (there are: S3, FTP)"
