"""What a changed config sends to Adobe, and what it leaves alone."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from aep_delivery.planning.plan import Plan, PlannedAction
from aep_delivery.planning.text import plan_text
from aep_delivery.state.records import ResourceKind
from tests.faults.harness import Installation, config

BASE = "/data/foundation/flowservice"


def patches(stack: Installation) -> dict[str, list[dict[str, Any]]]:
    """The operations sent, by collection."""
    return {
        entry["path"].split("/")[-2]: entry["body"] for entry in stack.adobe.requests() if entry["method"] == "PATCH"
    }


def actions(plan: Plan) -> list[str]:
    return [resource.action.value for resource in plan.resources]


def test_plan_makes_no_write(stack: Installation) -> None:
    stack.planned()
    stack.deliver()
    stack.adobe.forget_requests()

    stack.planned(config(destination={"path": "elsewhere"}, datasets=[{"name": "Airports"}]))

    assert {call.split()[0] for call in stack.adobe.calls()} == {"GET"}


def test_same_inputs_same_plan_byte_for_byte(stack: Installation) -> None:
    stack.deliver()
    changed = config(destination={"path": "elsewhere", "compression": "GZIP"}, datasets=[{"name": "Airports"}])

    first, second = stack.planned(changed), stack.planned(changed)

    assert first.model_dump_json() == second.model_dump_json()
    assert plan_text(first) == plan_text(second)


@pytest.mark.parametrize(
    ("destination", "name", "value"),
    [({"compression": "GZIP"}, "compression", "GZIP"), ({"path": "elsewhere"}, "path", "elsewhere")],
    ids=["compression", "path"],
)
def test_target_params_are_patched(stack: Installation, destination: dict[str, str], name: str, value: str) -> None:
    stack.deliver()
    stack.adobe.forget_requests()
    changed = config(destination=destination)

    plan = stack.deliver(changed)

    assert actions(plan) == ["keep", "keep", "update", "keep"]
    assert stack.adobe.writes() == [f"PATCH {BASE}/targetConnections/{{id}}"]
    (params,) = [op["value"] for op in patches(stack)["targetConnections"] if op["path"] == "/params"]
    assert params[name] == value
    assert params["bucketName"] == "delivered"
    stack.assert_exactly_once(changed)


def test_schedule_is_patched_and_keeps_start_and_end(stack: Installation) -> None:
    stack.deliver()
    before = stack.adobe.only("flows")["scheduleParams"]
    stack.adobe.forget_requests()
    changed = config(scheduleParams={"interval": 6})

    plan = stack.deliver(changed)

    assert [change.path for change in plan.resource(ResourceKind.DATAFLOW).changes] == ["scheduleParams.interval"]
    assert stack.adobe.writes() == [f"PATCH {BASE}/flows/{{id}}"]
    assert patches(stack)["flows"] == [{"op": "replace", "path": "/scheduleParams", "value": {**before, "interval": 6}}]
    stack.assert_exactly_once(changed)


def test_folder_template_that_is_left_out_again_goes(stack: Installation) -> None:
    stack.deliver(config(scheduleParams={"foldernameTemplate": "%DATASET_ID%"}))
    assert stack.adobe.only("flows")["scheduleParams"]["foldernameTemplate"] == "%DATASET_ID%"

    stack.deliver(config())

    assert "foldernameTemplate" not in stack.adobe.only("flows")["scheduleParams"]
    stack.assert_exactly_once()


def test_changed_datasets_replace_the_source_and_remove_the_old_one_last(stack: Installation) -> None:
    stack.deliver()
    old = stack.adobe.only("sourceConnections")["id"]
    flow = stack.adobe.only("flows")["id"]
    stack.adobe.forget_requests()
    changed = config(datasets=[{"name": "Airports"}, {"name": "Planes"}])

    plan = stack.deliver(changed)

    source = plan.resource(ResourceKind.SOURCE_CONNECTION)
    assert (source.action, source.supersedes) == (PlannedAction.REPLACE, [old])
    assert stack.adobe.writes() == [
        f"POST {BASE}/sourceConnections",
        f"PATCH {BASE}/flows/{{id}}",
        f"DELETE {BASE}/sourceConnections/{{id}}",
    ]
    assert stack.adobe.requests()[-1]["path"].endswith(old)
    assert stack.adobe.only("flows")["id"] == flow
    stack.assert_exactly_once(changed)


def test_same_datasets_in_another_order_change_nothing(stack: Installation) -> None:
    stack.deliver(config(datasets=[{"name": "Airports"}, {"name": "Planes"}]))

    assert stack.planned(config(datasets=[{"name": "Planes"}, {"name": "Airports"}])).changes == 0


def test_rotated_secret_replaces_all_credentials_and_shows_nowhere(
    stack: Installation, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    stack.deliver()
    stack.adobe.forget_requests()
    secret = stack.rotate_secret()

    plan = stack.deliver()

    assert plan.resource(ResourceKind.BASE_CONNECTION).rotates_credentials
    assert stack.adobe.writes() == [f"PATCH {BASE}/connections/{{id}}"]
    assert [(op["op"], op["path"]) for op in patches(stack)["connections"]] == [("replace", "/auth/params")]
    assert stack.adobe.secret_of(stack.adobe.only("connections")["id"]) == secret
    kept = "".join(stack.services.documents.kept.values())
    journal = str(stack.services.store.read_journal("prod/planes"))
    for seen in (kept, journal, caplog.text, capsys.readouterr().out, plan_text(plan)):
        assert secret not in seen
    stack.assert_exactly_once()


def test_renaming_alone_does_not_send_the_credentials(stack: Installation) -> None:
    stack.deliver()
    stack.adobe.forget_requests()

    stack.deliver(config(description="For the warehouse"))

    assert [op["path"] for op in patches(stack)["connections"]] == ["/description"]


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("targetConnections", "/params/fileNaming", {"prefix": "x"}),
        ("flows", "/scheduleParams/createTime", 1675901210),
        ("flows", "/operator", "somebody"),
    ],
)
def test_t53_foreign_fields_are_neither_diffed_nor_lost(
    stack: Installation, kind: str, path: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The emulator is stricter than Adobe with fields it does not know.
    monkeypatch.setattr(stack.adobe.emulator.world.validator, "check_change", lambda *_: None)
    stack.deliver()
    stack.adobe.edit(kind, stack.adobe.only(kind)["id"], {"op": "add", "path": path, "value": value})
    assert stack.planned().changes == 0

    stack.deliver(config(destination={"path": "elsewhere"}, scheduleParams={"interval": 6}))

    found: Any = stack.adobe.only(kind)
    for part in path.strip("/").split("/"):
        found = found[part]
    assert found == value


def test_edit_in_the_ui_is_shown_and_taken_back(stack: Installation) -> None:
    stack.deliver()
    flow = stack.adobe.only("flows")["id"]
    stack.adobe.edit("flows", flow, {"op": "replace", "path": "/scheduleParams/interval", "value": 12})

    plan = stack.deliver()

    (change,) = plan.resource(ResourceKind.DATAFLOW).changes
    assert (change.path, change.before, change.after) == ("scheduleParams.interval", 12, 3)
    stack.assert_exactly_once()


@pytest.mark.parametrize(
    "gone",
    [
        ["flows"],
        ["flows", "sourceConnections"],
        ["flows", "targetConnections"],
        ["flows", "targetConnections", "connections"],
        ["flows", "sourceConnections", "targetConnections", "connections"],
    ],
    ids="+".join,
)
def test_what_was_deleted_in_the_ui_is_made_anew(stack: Installation, gone: list[str]) -> None:
    stack.deliver()
    for kind in gone:
        stack.adobe.delete(kind, stack.adobe.only(kind)["id"])

    plan = stack.deliver()

    assert actions(plan).count("create") == len(gone)
    stack.assert_exactly_once()


def test_dataflow_that_is_just_being_deleted_does_not_count(stack: Installation) -> None:
    stack.deliver()
    flow = stack.adobe.only("flows")["id"]
    stack.services.flow_service("prod").delete_dataflow(flow)
    assert stack.adobe.only("flows")["state"] == "delete-finalizing"

    plan = stack.deliver()

    assert plan.resource(ResourceKind.DATAFLOW).action is PlannedAction.CREATE
    assert stack.adobe.only("flows")["id"] != flow
    stack.assert_exactly_once()


def test_after_the_journal_is_lost_everything_is_adopted(stack: Installation) -> None:
    stack.deliver()
    made = {kind: stack.adobe.only(kind)["id"] for kind in ("connections", "sourceConnections", "flows")}
    fresh = Installation(stack.adobe, type(stack.services)(stack.adobe))
    stack.adobe.forget_requests()

    plan = fresh.deliver()

    assert actions(plan) == ["adopt"] * 4
    # Which credentials Adobe has can't be seen: they are sent once more.
    assert stack.adobe.writes() == [f"PATCH {BASE}/connections/{{id}}"]
    assert {kind: stack.adobe.only(kind)["id"] for kind in made} == made
    fresh.assert_exactly_once()
