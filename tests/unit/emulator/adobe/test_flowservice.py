from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import DATASET_FLOW_SPEC, SECRET_KEY, Adobe, flow_body

RENAME = [{"op": "replace", "path": "/name", "value": "new"}]


def test_a_single_entity_comes_as_an_array(adobe: Adobe) -> None:
    base = adobe.base("mine")
    items = adobe.get(f"/connections/{base}").json()["items"]
    assert [(item["id"], item["name"], item["sandboxName"]) for item in items] == [(base, "mine", "prod")]


def test_credentials_are_masked_and_the_date_of_authorisation_added(adobe: Adobe) -> None:
    shown = adobe.get(f"/connections/{adobe.base()}")
    assert SECRET_KEY not in shown.text
    assert shown.json()["items"][0]["auth"]["params"] == {
        "authorizedDate": "2027-01-01",
        "s3AccessKey": "AKIA********",
        "s3SecretKey": "********",
    }


@pytest.mark.parametrize("kind", ["connections", "sourceConnections", "targetConnections", "runs", "connectionSpecs"])
def test_t11_missing_entities_answer_in_the_current_shape(adobe: Adobe, kind: str) -> None:
    answer = adobe.get(f"/{kind}/nobody")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("FLOW-1439-404")
    assert answer.json()["report"]["id"] == "nobody"


def test_t11_a_missing_flow_answers_in_the_older_shape(adobe: Adobe) -> None:
    answer = adobe.get("/flows/nobody")
    assert (answer.status_code, answer.json()) == (404, {"errorMessage": "flows not found with id = [nobody]"})


def test_t14_a_patch_needs_exactly_one_pair_of_quotes(adobe: Adobe) -> None:
    base = adobe.base()
    etag = adobe.item(f"/connections/{base}")["etag"]
    assert etag.startswith('"')
    assert etag.count('"') == 2
    missing = adobe.patch(f"/connections/{base}", RENAME, None)
    assert missing.status_code == 400
    assert missing.json()["type"].endswith("FLOW-1403-400")
    for wrong in (etag.strip('"'), f'"{etag}"', etag.replace('"', '\\"'), f"W/{etag}", '"stale"', "*"):
        assert adobe.patch(f"/connections/{base}", RENAME, wrong).status_code == 412
    assert adobe.item(f"/connections/{base}")["name"] == "base"
    assert adobe.patch(f"/connections/{base}", RENAME, etag).status_code == 200
    assert adobe.item(f"/connections/{base}")["name"] == "new"


def test_t12_a_stale_etag_answers_in_the_older_and_the_current_shape_by_turns(
    start_adobe: Callable[..., Adobe],
) -> None:
    adobe = start_adobe(vary=True)
    base = adobe.base()
    bodies = [adobe.patch(f"/connections/{base}", RENAME, '"stale"').json() for _ in range(2)]
    assert set(bodies[0]) == {"errorMessage", "errorDetails"}
    assert bodies[1]["type"].endswith("FLOW-1404-412")


def test_t17_an_etag_changes_by_itself_shortly_after_a_write(adobe: Adobe) -> None:
    base = adobe.base()
    etag = adobe.item(f"/connections/{base}")["etag"]
    adobe.advance(2)
    item = adobe.item(f"/connections/{base}")
    assert item["etag"] != etag
    assert item["version"] == item["etag"]
    assert item["updatedBy"] == "acp_foundation_connectors@AdobeID"
    assert adobe.patch(f"/connections/{base}", RENAME, etag).status_code == 412
    returned = adobe.patch(f"/connections/{base}", RENAME, item["etag"]).json()["etag"]
    assert adobe.item(f"/connections/{base}")["etag"] == returned
    adobe.advance(2)
    assert adobe.item(f"/connections/{base}")["etag"] != returned


def test_t18_patch_delete_and_create_answer_in_several_forms(start_adobe: Callable[..., Adobe]) -> None:
    adobe = start_adobe(vary=True)
    creations = [adobe.post("/sourceConnections", source_body()) for _ in range(4)]
    assert [set(answer.json()) for answer in creations] == [{"id", "etag"}, {"id"}] * 2
    patches, deletions = [], []
    for answer in creations[:3]:
        path = f"/sourceConnections/{answer.json()['id']}"
        patches.append(adobe.patch(path, RENAME, adobe.item(path)["etag"]))
        deletions.append(adobe.call("DELETE", path))
    assert [(answer.status_code, bool(answer.content)) for answer in patches] == [
        (200, True),
        (202, False),
        (204, False),
    ]
    assert [answer.status_code for answer in deletions] == [202, 204, 202]


def test_t19_a_flow_shows_a_change_only_when_its_operation_has_completed(adobe: Adobe) -> None:
    flow = adobe.flow()
    assert adobe.patch(f"/flows/{flow}", RENAME, adobe.item(f"/flows/{flow}")["etag"]).status_code == 200
    assert operation(adobe, flow) == (0, "inProgress", [])
    assert adobe.item(f"/flows/{flow}")["name"] == "f"
    adobe.advance(1)
    assert operation(adobe, flow) == (50, "inProgress", [])
    busy = adobe.patch(f"/flows/{flow}", RENAME, adobe.item(f"/flows/{flow}")["etag"])
    assert busy.json()["type"].endswith("FLOW-1420-400")
    adobe.advance(1)
    assert operation(adobe, flow) == (100, "completed", [])
    assert adobe.item(f"/flows/{flow}")["name"] == "new"


def test_t19_an_accepted_change_can_fail_afterwards(adobe: Adobe) -> None:
    flow = adobe.flow()
    error = {"code": "CONNECTOR-1001-500", "message": "no"}
    fault = {"method": "PATCH", "path": "/flows/", "action": {"type": "fail-operation", "errors": [error]}}
    assert adobe.post("/_emulator/faults", fault).status_code == 201
    assert adobe.patch(f"/flows/{flow}", RENAME, adobe.item(f"/flows/{flow}")["etag"]).status_code == 200
    adobe.advance(1)
    assert operation(adobe, flow) == (50, "inProgress", [])
    adobe.advance(1)
    assert operation(adobe, flow) == (100, "failed", [error])
    assert adobe.item(f"/flows/{flow}")["name"] == "f"


def test_a_flow_is_disabled_and_enabled_without_an_etag(adobe: Adobe) -> None:
    flow = adobe.flow()
    assert set(adobe.post(f"/flows/{flow}/action?op=disable").json()) == {"id", "etag"}
    assert adobe.item(f"/flows/{flow}")["state"] == "disabling"
    assert adobe.post(f"/flows/{flow}/action?op=enable").json()["type"].endswith("FLOW-1422-400")
    adobe.advance(2)
    assert adobe.item(f"/flows/{flow}")["state"] == "disabled"
    assert adobe.post(f"/flows/{flow}/action?op=ENABLE").status_code == 200
    adobe.advance(2)
    assert adobe.item(f"/flows/{flow}")["state"] == "enabled"
    assert adobe.post(f"/flows/{flow}/action?op=explode").status_code == 400
    assert adobe.post(f"/flows/{flow}/action").status_code == 400


def test_t78_nothing_in_use_can_be_deleted(adobe: Adobe) -> None:
    flow = adobe.item(f"/flows/{adobe.flow()}")
    source, target = flow["sourceConnectionIds"][0], flow["targetConnectionIds"][0]
    base = flow["inheritedAttributes"]["targetConnections"][0]["baseConnection"]["id"]
    assert adobe.call("DELETE", f"/connections/{base}").json()["type"].endswith("FLOW-1418-400")
    assert adobe.call("DELETE", f"/targetConnections/{target}").json()["type"].endswith("FLOW-1447-400")
    assert adobe.call("DELETE", f"/sourceConnections/{source}").json()["type"].endswith("FLOW-1447-400")


def test_t79_a_flow_is_deleted_a_moment_later(adobe: Adobe) -> None:
    flow = adobe.flow()
    target = adobe.item(f"/flows/{flow}")["targetConnectionIds"][0]
    assert adobe.call("DELETE", f"/flows/{flow}").status_code == 202
    assert adobe.item(f"/flows/{flow}")["state"] == "delete-finalizing"
    assert adobe.call("DELETE", f"/flows/{flow}").json()["type"].endswith("FLOW-1458-400")
    etag = adobe.item(f"/flows/{flow}")["etag"]
    assert adobe.patch(f"/flows/{flow}", RENAME, etag).json()["type"].endswith("FLOW-1457-400")
    assert adobe.call("DELETE", f"/targetConnections/{target}").status_code == 400
    adobe.advance(2)
    assert adobe.get(f"/flows/{flow}").status_code == 404
    assert adobe.call("DELETE", f"/targetConnections/{target}").status_code == 202
    assert adobe.get(f"/targetConnections/{target}").status_code == 404


def test_sandboxes_see_nothing_of_each_other(adobe: Adobe) -> None:
    base = adobe.base()
    adobe.sandbox = "dev"
    assert adobe.get(f"/connections/{base}").status_code == 404
    assert adobe.get("/connections").json()["items"] == []
    assert adobe.call("DELETE", f"/connections/{base}").status_code == 404
    assert adobe.patch(f"/connections/{base}", RENAME, '"x"').status_code == 404
    refused = adobe.post(
        "/targetConnections",
        {
            "name": "t",
            "baseConnectionId": base,
            "connectionSpec": {"id": "4fce964d-3f37-408f-9778-e597338a21ee", "version": "1.0"},
        },
    )
    assert refused.json()["type"].endswith("FLOW-1439-400")


def test_names_are_not_unique(adobe: Adobe) -> None:
    assert adobe.base("same") != adobe.base("same")
    assert adobe.get("/connections", params={"property": "name==same", "count": "true"}).json() == {"count": 2}


def test_what_is_fixed_at_creation_stays(adobe: Adobe) -> None:
    base, source = adobe.base(), adobe.source()
    other_spec = [{"op": "replace", "path": "/connectionSpec/id", "value": "c5d93acb-ea8b-4b14-8f53-02138444ae99"}]
    answer = adobe.patch(f"/connections/{base}", other_spec, adobe.item(f"/connections/{base}")["etag"])
    assert answer.json()["type"].endswith("FLOW-1414-400")
    other_dataset = [{"op": "replace", "path": "/params/datasets/0/dataSetId", "value": "x"}]
    answer = adobe.patch(
        f"/sourceConnections/{source}", other_dataset, adobe.item(f"/sourceConnections/{source}")["etag"]
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "value", [{"s3AccessKey": "AKIA********", "s3SecretKey": "********"}, {"s3SecretKey": SECRET_KEY}]
)
def test_t37_masked_or_partial_credentials_cannot_be_patched_back(adobe: Adobe, value: dict[str, str]) -> None:
    path = f"/connections/{adobe.base()}"
    operation = {"op": "replace", "path": "/auth/params", "value": value}
    assert adobe.patch(path, [operation], adobe.item(path)["etag"]).status_code == 400


def test_runs_are_not_created_by_clients(adobe: Adobe) -> None:
    assert adobe.post("/runs", {}).json()["type"].endswith("FLOW-1427-400")
    assert adobe.post("/runs/x/action?op=RE_TRIGGER").json()["type"].endswith("FLOW-1427-400")


def test_specs_are_served(adobe: Adobe) -> None:
    spec = adobe.item("/connectionSpecs/4fce964d-3f37-408f-9778-e597338a21ee")
    assert spec["authSpec"][0]["name"] == "Access Key"
    assert spec["providerId"] == "14e34fac-d307-11e9-bb65-2a2ae2dbcce4"
    assert adobe.item(f"/flowSpecs/{DATASET_FLOW_SPEC['id']}")["attributes"]["_workflow"] == ["DATASETS"]
    assert adobe.get("/connectionSpecs", params={"count": "true"}).json() == {"count": 15}
    assert adobe.get("/flowSpecs", params={"count": "true"}).json() == {"count": 15}


@pytest.mark.usefixtures("s3")
def test_t38_a_connection_test_asks_the_storage(adobe: Adobe) -> None:
    assert adobe.get(f"/connections/{adobe.base()}/test").json() == {"result": True}
    assert adobe.get("/connections/nobody/test").status_code == 404


def test_t38_an_unreachable_storage_is_a_false_result(start_adobe: Callable[..., Adobe]) -> None:
    adobe = start_adobe(s3_endpoint="http://127.0.0.1:9")
    answer = adobe.get(f"/connections/{adobe.base()}/test")
    assert (answer.status_code, answer.json()) == (200, {"result": False})


def test_t10_a_repeated_post_makes_a_second_entity(adobe: Adobe) -> None:
    source, target = adobe.source(), adobe.target(adobe.base())
    created = {adobe.create("flows", flow_body(source, target)) for _ in range(2)}
    assert len(created) == 2


def operation(adobe: Adobe, flow: str) -> tuple[int, str, list[Any]]:
    shown = adobe.item(f"/flows/{flow}")["lastOperation"]
    return shown["percentCompleted"], shown["status"]["value"], shown["status"]["errors"]


def source_body() -> dict[str, Any]:
    return {
        "name": "s",
        "connectionSpec": {"id": "23598e46-f560-407b-88d5-ea6207e49db0", "version": "1.0"},
        "params": {"datasets": [{"dataSetId": "5ef3e324052581191aa6a466", "name": "Planes"}]},
    }
