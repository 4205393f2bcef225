"""The config changes: the plan says so, and the patch has what the plan says and nothing more."""

from __future__ import annotations

import copy
import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.workflow.audiences.conftest import AUDIENCE_IDS
from tests.workflow.audiences.stage import Stage, written
from tests.workflow.bench import ONE_OF_EACH, with_fields

pytestmark = pytest.mark.workflow

SELECTORS = "/transformations/0/params/segmentSelectors/selectors"


def _applied(stage: Stage, config: dict[str, Any]) -> list[dict[str, Any]]:
    """Apply, and return the operations."""
    with stage.patches() as patches:
        stage.apply(config)
    return [operation for patch in patches for operation in patch]


def test_each_change_is_planned_and_only_it_is_sent(stage: Stage) -> None:
    config = stage.config(audiences=("Readers", "Loyalty Gold", "Spenders"))
    said = stage.plan(config)
    for name in ("Readers", "Loyalty Gold", "Spenders"):
        assert f"  + add     audience          {name}  DAILY 12:00 from " in said
    assert "  + add     attribute         email  from personalEmail.address" in said
    assert "0 of 4" not in said
    assert {one["op"] for one in _applied(stage, config)} == {"add"}
    assert stage.counts(config) == ONE_OF_EACH
    assert "No changes" in stage.plan(config, code=0)
    before = stage.selectors(config)

    # One is added, one goes.
    config["audiences"] = [{"name": "Everyone"}, {"name": "Readers"}, {"name": "Spenders"}]
    said = stage.plan(config)
    assert "  + add     audience          Everyone  DAILY 12:00" in said
    assert "  - remove  audience          Loyalty Gold  DAILY 12:00" in said
    assert "0 of 4 resources change, and 2 things of the activation." in said
    operations = _applied(stage, config)
    assert [(one["op"], one["path"]) for one in operations] == [
        ("remove", f"{SELECTORS}/1"),
        ("add", f"{SELECTORS}/-"),
    ]
    assert operations[1]["value"]["value"]["id"] == AUDIENCE_IDS["Everyone"]
    after = stage.selectors(config)
    assert set(after) == {"Readers", "Spenders", "Everyone"}
    # Times of creation and change included.
    assert (after["Readers"], after["Spenders"]) == (before["Readers"], before["Spenders"])

    # Another schedule for one, which Adobe and others may have put more into.
    stage.edit_flow(config, {"op": "add", "path": f"{SELECTORS}/0/value/description", "value": "somebody's"})
    config["audiences"][1]["schedule"] = {"frequency": "EVERY_6_HOURS", "startTime": "13:00"}
    said = stage.plan(config)
    assert "  ~ update  audience          Readers" in said
    assert "schedule.frequency: 'DAILY' -> 'EVERY_6_HOURS'" in said
    (operation,) = _applied(stage, config)
    assert (operation["op"], operation["path"]) == ("replace", f"{SELECTORS}/0")
    assert operation["value"]["value"]["description"] == "somebody's"
    again = stage.selectors(config)
    assert again["Readers"]["schedule"]["frequency"] == "EVERY_6_HOURS"
    assert again["Readers"]["createTime"] == before["Readers"]["createTime"]
    assert (again["Spenders"], again["Everyone"]) == (after["Spenders"], after["Everyone"])

    # Another column, which must be there; audiences are not touched.
    config["activation"]["attributes"].append({"source": "loyalty.points", "column": "points"})
    config["activation"]["mandatoryFields"] = ["loyalty.points"]
    said = stage.plan(config)
    assert "  + add     attribute         points  from loyalty.points" in said
    assert "mandatoryFields" in said
    operations = _applied(stage, config)
    assert {one["path"].rpartition("/")[2] for one in operations} == {"mandatoryFields", "profileMapping"}
    assert stage.selectors(config) == again
    assert "No changes" in stage.plan(config, code=0)


def test_what_somebody_else_has_added_stays_until_it_is_pruned(stage: Stage) -> None:
    config = stage.config()
    _applied(stage, config)
    theirs = copy.deepcopy(stage.selectors(config)["Loyalty Gold"]) | {
        "id": AUDIENCE_IDS["Readers"],
        "name": "Readers",
    }
    selector = {"type": "PLATFORM_SEGMENT", "value": theirs}
    stage.edit_flow(config, {"op": "add", "path": f"{SELECTORS}/0", "value": selector})
    before = stage.selectors(config)

    said = stage.plan(config, code=0)
    assert f"  . leave   audience          Readers ({AUDIENCE_IDS['Readers']}): somebody else has put it there" in said
    assert _applied(stage, config) == []
    config["activation"]["schedule"]["startTime"] = "15:00"
    (operation,) = _applied(stage, config)
    assert operation["path"] == f"{SELECTORS}/1"
    assert stage.selectors(config)["Readers"] == before["Readers"]

    pruned = with_fields(config, {"activation__prune": True})
    assert "  - remove  audience          Readers" in stage.plan(pruned)
    (operation,) = _applied(stage, pruned)
    assert (operation["op"], operation["path"]) == ("remove", f"{SELECTORS}/0")
    assert set(stage.selectors(config)) == {"Loyalty Gold"}


def test_the_first_generation_has_its_attributes_on_the_dataflow(stage: Stage) -> None:
    destination = {
        "type": "amazon-s3-first-generation",
        "auth": {"type": "access-key", "secret": "secret://warehouse"},
        "bucketName": "warehouse",
        "path": f"first/{uuid.uuid4().hex}",
    }
    config = stage.config(
        destination=destination,
        activation__attributes=[{"source": "personalEmail.address"}, {"source": "person.name.firstName"}],
        activation__filenameTemplate=None,
    )
    _applied(stage, config)
    config["activation"]["attributes"] = [
        {"source": "loyalty.tier"},
        {"source": "personalEmail.address"},
    ]
    config["audiences"].append({"name": "Readers"})

    operations = _applied(stage, config)

    columns = SELECTORS.replace("segmentSelectors", "profileSelectors")
    assert [(one["op"], one["path"]) for one in operations] == [
        ("add", f"{SELECTORS}/-"),
        ("remove", f"{columns}/1"),
        ("add", f"{columns}/-"),
    ]
    with written(config) as file:
        said = stage.cli("run", file, "--now", "--follow")
    assert "  ActivateAudiences" in said
    assert "VERIFIED" in said
    header, *_ = stage.body(stage.files(config)[0]).decode().splitlines()
    assert header == "personalEmail.address,loyalty.tier"


def test_drift_is_shown_and_repaired_and_the_delivery_adopted_and_removed(stage: Stage, tmp_path: Path) -> None:
    config = stage.config(audiences=("Readers", "Loyalty Gold"))
    delivery = f"prod/{config['name']}"
    stage.apply(config)
    before = stage.selectors(config)

    stage.edit_flow(
        config,
        {"op": "replace", "path": f"{SELECTORS}/1/value/schedule/startTime", "value": "18:00"},
        {"op": "remove", "path": f"{SELECTORS}/0"},
    )
    said = stage.cli("drift", delivery, code=2)
    assert f"{delivery}  not as applied" in said
    assert "Readers" in said
    assert "18:00" in said
    assert "is again as applied" in stage.cli("drift", delivery, "--repair", "--yes")
    repaired = stage.selectors(config)
    assert {name: one["schedule"] for name, one in repaired.items()} == {
        name: one["schedule"] for name, one in before.items()
    }
    assert f"{delivery}  as applied" in stage.cli("drift", delivery)

    # As if it had been made by hand.
    name = f"By hand {config['name']}"
    for kind, found in stage.entities(config).items():
        patch = [{"op": "replace", "path": "/description", "value": "Somebody's"}]
        if kind == "flows":
            patch.append({"op": "replace", "path": "/name", "value": name})
        edit = {"sandbox": "prod", "kind": kind, "id": found[0]["id"], "patch": patch}
        stage.control("POST", "entities/edit", edit)
    told = json.loads(stage.cli("adopt", "--sandbox", "prod", "--matching", name, "--out", tmp_path, "--json"))
    (file,) = [Path(one["file"]) for one in told["written"]]
    assert "No changes" in stage.cli("plan", file)
    stage.cli("apply", file, "--yes")
    adopted = {**config, "name": f"by-hand-{config['name']}"}
    assert stage.counts(adopted) == ONE_OF_EACH | {"connections": 0}
    assert stage.selectors(adopted) == repaired

    gone = json.loads(stage.cli("remove", f"prod/{adopted['name']}", "--yes", "--json"))
    assert len(gone["resources"]) == 3
    assert not any(stage.entities(adopted).values())
