from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .activation import (
    ATTRIBUTES,
    GOLD,
    READERS,
    SELECTORS,
    SPENDERS,
    activate,
    add,
    attribute,
    current_flow,
    current_skeleton,
    first_generation_flow,
    first_generation_skeleton,
    full,
    mapping_set,
    patch,
    schedule,
    selector,
    write_profiles,
)
from .conftest import START, Adobe

PROFILE_SELECTORS = "/transformations/0/params/profileSelectors"
PARAMS = "/transformations/0/params"


@pytest.fixture
def adobe(adobe: Adobe) -> Adobe:
    write_profiles(adobe.lake)
    return adobe


def transformation(adobe: Adobe, flow: str) -> dict[str, Any]:
    return adobe.item(f"/flows/{flow}")["transformations"][0]["params"]


def selected(adobe: Adobe, flow: str) -> list[dict[str, Any]]:
    return [item["value"] for item in transformation(adobe, flow)["segmentSelectors"]["selectors"]]


def test_the_tutorials_patch_is_stored_with_what_the_service_adds(adobe: Adobe) -> None:
    flow = activate(adobe, selector(), paths=["person.name.lastName"])
    (value,) = selected(adobe, flow)
    stamp = str(int(START.timestamp()) + 10)
    assert value == {**selector()["value"], "createTime": stamp, "updateTime": stamp}
    (stored,) = transformation(adobe, flow)["profileSelectors"]["selectors"]
    assert stored["value"]["path"] == "person.name.lastName"
    assert stored["value"]["operator"] == "EXISTS"
    assert stored["value"]["mapping"]["sourceType"] == "text/x.schema-path"
    target = adobe.item("/targetConnections/" + adobe.item(f"/flows/{flow}")["targetConnectionIds"][0])
    assert target["data"] == {"format": "CSV", "schema": None}


def test_t52_a_replaced_audience_alone_gets_a_new_update_time(adobe: Adobe) -> None:
    flow = activate(adobe, selector(GOLD), selector(READERS))
    before = selected(adobe, flow)
    adobe.advance(100)
    changed = selector(READERS, times=schedule(startTime="05:00"))
    assert patch(adobe, flow, {"op": "replace", "path": f"{SELECTORS}/1", "value": changed}).status_code == 200
    after = selected(adobe, flow)
    assert after[0] == before[0]
    assert after[1]["schedule"]["startTime"] == "05:00"
    assert after[1]["createTime"] == before[1]["createTime"]
    assert int(after[1]["updateTime"]) == int(before[1]["updateTime"]) + 110


def test_times_that_a_client_sends_back_change_nothing(adobe: Adobe) -> None:
    flow = activate(adobe, selector())
    (value,) = selected(adobe, flow)
    adobe.advance(100)
    sent = {"type": "PLATFORM_SEGMENT", "value": {**value, "createTime": "1", "updateTime": "1"}}
    patch(adobe, flow, {"op": "replace", "path": f"{SELECTORS}/0", "value": sent})
    assert selected(adobe, flow) == [value]


def test_audiences_are_removed_one_after_the_other(adobe: Adobe) -> None:
    """RFC 6902 is sequential: after the first is gone, index 1 is what was the third."""
    flow = activate(adobe, selector(GOLD), selector(READERS), selector(SPENDERS))
    removals = [{"op": "remove", "path": f"{SELECTORS}/{index}"} for index in (0, 1)]
    assert patch(adobe, flow, *removals).status_code == 200
    assert [value["id"] for value in selected(adobe, flow)] == [READERS]


def test_t56_a_name_is_not_needed(adobe: Adobe) -> None:
    assert "name" not in selector()["value"]
    named = selector(READERS, name="Readers", description="x")
    assert [value["id"] for value in selected(adobe, activate(adobe, selector(), named))] == [GOLD, READERS]


@pytest.mark.parametrize("make", [first_generation_flow, current_flow])
def test_without_a_skeleton_later_paths_have_no_parent(adobe: Adobe, make: Callable[..., str]) -> None:
    flow = make(adobe, transformations=None)
    replaced = [{"op": "replace", "path": "/transformations", "value": []}]
    assert patch(adobe, flow, *replaced).status_code == 200
    answer = patch(adobe, flow, add(f"{SELECTORS}/-", selector()))
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("FLOW-1455-400")


@pytest.mark.parametrize(
    "value",
    [
        selector("b8f2f1a0-0000-4000-8000-000000000000"),
        selector(filenameTemplate="%SEGMENT_ID%"),
        selector(times=schedule(endDate=None)),
        selector(mode="SOMETIMES"),
        selector(colour="red"),
        {"type": "SEGMENT", "value": selector()["value"]},
        {"type": "PLATFORM_SEGMENT"},
        {"type": "PLATFORM_SEGMENT", "value": {}},
        "gold",
    ],
)
def test_selectors_that_do_not_fit_are_refused(adobe: Adobe, value: object) -> None:
    flow = first_generation_flow(adobe)
    assert patch(adobe, flow, add(f"{SELECTORS}/-", value)).status_code == 400
    assert selected(adobe, flow) == []


def test_an_audience_is_selected_once(adobe: Adobe) -> None:
    flow = activate(adobe, selector())
    assert patch(adobe, flow, add(f"{SELECTORS}/-", full())).status_code == 400


def test_an_audience_of_another_sandbox_does_not_exist(adobe: Adobe) -> None:
    only_dev = f"audiences: [{{id: {GOLD}, name: n, where: {{a: 1}}, sandbox: dev}}]"
    write_profiles(adobe.lake, audiences=only_dev)
    flow = first_generation_flow(adobe)
    answer = patch(adobe, flow, add(f"{SELECTORS}/-", selector()))
    assert answer.json() == {"message": f"Segment [{GOLD}] does not exist"}


def test_what_is_activated_stays_when_its_audience_is_deleted(adobe: Adobe) -> None:
    flow = activate(adobe, selector())
    write_profiles(adobe.lake, audiences="audiences: []")
    assert patch(adobe, flow, {"op": "replace", "path": "/name", "value": "renamed"}).status_code == 200


@pytest.mark.parametrize(
    ("make", "skeleton"),
    [(first_generation_flow, first_generation_skeleton()), (current_flow, current_skeleton())],
    ids=["first", "current"],
)
def test_t45_weekly_exports_are_possible_at_amazon_s3(adobe: Adobe, make: Callable[..., str], skeleton: Any) -> None:
    skeleton[0]["params"]["segmentSelectors"]["selectors"] = [full(times=schedule("WEEKLY", triggerType="SCHEDULED"))]
    assert make(adobe, skeleton)


PRIMARY = {
    "one attribute": ([{"fieldType": "ATTRIBUTE", "attributePath": "personalEmail.address"}], True),
    "t55 two attributes": (
        [{"fieldType": "ATTRIBUTE", "attributePath": f"person.name.{name}"} for name in ("firstName", "lastName")],
        True,
    ),
    "t55 three attributes": (
        [{"fieldType": "ATTRIBUTE", "attributePath": path} for path in ("person.name.firstName",) * 3],
        False,
    ),
    "one namespace": ([{"fieldType": "IDENTITY", "identityNamespace": "Email"}], True),
    "two namespaces": ([{"fieldType": "IDENTITY", "identityNamespace": name} for name in ("Email", "CRMID")], False),
    "t55 both": (
        [
            {"fieldType": "IDENTITY", "identityNamespace": "Email"},
            {"fieldType": "ATTRIBUTE", "attributePath": "personalEmail.address"},
        ],
        False,
    ),
    "not exported": ([{"fieldType": "ATTRIBUTE", "attributePath": "loyalty.tier"}], False),
    "unknown form": ([{"attributePath": "personalEmail.address"}], False),
    "no array": ("personalEmail.address", False),
}
PATHS = ("personalEmail.address", "person.name.firstName", "person.name.lastName")


@pytest.mark.parametrize(("fields", "valid"), PRIMARY.values(), ids=PRIMARY)
def test_t55_deduplication_keys(adobe: Adobe, fields: object, valid: bool) -> None:
    first = activate(adobe, selector(), paths=PATHS)
    assert patch(adobe, first, add(f"{PROFILE_SELECTORS}/primaryFields", fields)).status_code == (200 if valid else 400)
    current = current_flow(adobe)
    columns = mapping_set(adobe, {path.replace(".", "_"): path for path in PATHS})
    operations = add(f"{PARAMS}/profileMapping", columns), add(f"{PARAMS}/primaryFields", fields)
    assert patch(adobe, current, *operations).status_code == (200 if valid else 400)


def test_mandatory_fields_lie_elsewhere_in_each_generation(adobe: Adobe) -> None:
    first, current = activate(adobe, selector()), current_flow(adobe)
    fields = ["personalEmail.address"]
    assert patch(adobe, first, add(f"{PROFILE_SELECTORS}/mandatoryFields", fields)).status_code == 200
    assert patch(adobe, first, add(f"{PARAMS}/mandatoryFields", fields)).status_code == 400
    assert patch(adobe, first, add(f"{PROFILE_SELECTORS}/mandatoryFields", ["loyalty.tier"])).status_code == 400
    assert patch(adobe, first, add(f"{PROFILE_SELECTORS}/mandatoryFields", "x")).status_code == 400
    assert patch(adobe, current, add(f"{PARAMS}/mandatoryFields", fields)).status_code == 200


def test_a_column_or_a_namespace_may_be_mandatory_too(adobe: Adobe) -> None:
    flow = current_flow(adobe)
    sources = {"mail": "personalEmail.address", "Email": "identityMap.Email", "phone": "identityMap.Phone_E//.164"}
    mapping = add(f"{PARAMS}/profileMapping", mapping_set(adobe, sources))
    fields = ["mail", "Email", "Phone_E.164"]
    assert patch(adobe, flow, mapping, add(f"{PARAMS}/mandatoryFields", fields)).status_code == 200
    assert patch(adobe, flow, add(f"{PARAMS}/mandatoryFields", ["person.name.lastName"])).status_code == 400


def test_a_mapping_set_must_exist_in_its_version(adobe: Adobe) -> None:
    flow = current_flow(adobe)
    mapping = mapping_set(adobe, {"mail": "personalEmail.address"})
    for wrong in ({**mapping, "mappingVersion": 1}, {**mapping, "mappingId": "nobody"}):
        assert patch(adobe, flow, add(f"{PARAMS}/profileMapping", wrong)).json()["type"].endswith("FLOW-1412-400")
    assert patch(adobe, flow, add(f"{PARAMS}/profileMapping", mapping)).status_code == 200


@pytest.mark.parametrize(
    "transformations",
    [
        [{"name": "General Transform", "params": {}}],
        [{"name": "GeneralTransform"}],
        [{"name": "GeneralTransform", "params": {"profileMapping": {}}}],
        [{"name": "GeneralTransform", "params": {"segmentSelectors": []}}],
        [{"name": "GeneralTransform", "params": {"segmentSelectors": {"selectors": {}}}}],
        [{"name": "GeneralTransform", "params": {"segmentSelectors": {"mandatoryFields": []}}}],
        [{"name": "GeneralTransform", "params": {"profileSelectors": {"selectors": [attribute("")]}}}],
        [*first_generation_skeleton(), *first_generation_skeleton()],
        {},
    ],
)
def test_other_skeletons_are_refused(adobe: Adobe, transformations: object) -> None:
    flow = first_generation_flow(adobe)
    operation = {"op": "replace", "path": "/transformations", "value": transformations}
    assert patch(adobe, flow, operation).status_code == 400


def test_attributes_of_a_mapping_set_destination_are_taken_without_a_word(adobe: Adobe) -> None:
    skeleton = current_skeleton()
    skeleton[0]["params"]["profileSelectors"] = {"selectors": []}
    flow = current_flow(adobe, skeleton)
    assert patch(adobe, flow, add(f"{ATTRIBUTES}/-", attribute("person.name.lastName"))).status_code == 200


def test_an_edit_in_the_ui_gets_times_too(adobe: Adobe) -> None:
    flow = first_generation_flow(adobe)
    edit = {"sandbox": "prod", "kind": "flows", "id": flow, "patch": [add(f"{SELECTORS}/-", selector())]}
    assert adobe.post("/_emulator/entities/edit", edit).status_code == 200
    assert selected(adobe, flow)[0]["createTime"]
