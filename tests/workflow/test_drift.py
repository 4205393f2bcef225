"""The workflow that watches for drift: every delivery is looked at, and one that cannot be stops no other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.workflow.bench import Bench

pytestmark = pytest.mark.workflow


def watch(bench: Bench) -> tuple[str, dict[str, dict[str, Any]]]:
    """Run the workflow once: its execution's name, and what it found of each delivery."""
    stepfunctions = bench.installation.cloud.client("stepfunctions")
    machine = bench.installation.outputs["DetectDriftStateMachineArn"]
    arn = stepfunctions.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    ended = bench.installation.finished(arn, seconds=240)
    exits = [event["stateExitedEventDetails"] for event in bench.installation.history(arn) if "Exited" in event["type"]]
    found = next(json.loads(exit_["output"]) for exit_ in exits if exit_["name"] == "DetectAll")
    checked = {one["deliveryId"]: one for one in found["deliveries"]}
    missed = {delivery_id for delivery_id, one in checked.items() if "notChecked" in one}
    # Whoever could not be compared is a failure that the alarm sees.
    assert (ended["status"], ended.get("error")) == (
        ("FAILED", "drift.not-compared") if missed else ("SUCCEEDED", None)
    )
    assert all(delivery_id in ended.get("cause", "") for delivery_id in missed)
    return arn.rpartition(":")[2], checked


def disable(bench: Bench, config: dict[str, Any]) -> None:
    flow = bench.entities(config)["flows"][0]
    edit = {"sandbox": config["sandbox"], "kind": "flows", "id": flow["id"], "state": "disabled"}
    bench.control("POST", "entities/edit", edit)


def state(bench: Bench, config: dict[str, Any]) -> str:
    return str(bench.entities(config)["flows"][0]["state"])


def test_drift_is_told_or_repaired_and_what_cannot_be_compared_stops_nobody(bench: Bench) -> None:
    reported, repaired, unmarked = bench.config(), bench.config(drift="repair"), bench.config()
    for config in (reported, repaired, unmarked):
        assert bench.deliver(config).verdict == "VERIFIED"
    ids = {config["name"]: f"{config['sandbox']}/{config['name']}" for config in (reported, repaired, unmarked)}
    disable(bench, reported)
    disable(bench, repaired)
    flow = bench.entities(unmarked)["flows"][0]
    edit = {"sandbox": unmarked["sandbox"], "kind": "flows", "id": flow["id"]}
    bench.control(
        "POST", "entities/edit", {**edit, "patch": [{"op": "replace", "path": "/description", "value": "mine"}]}
    )

    name, checked = watch(bench)

    told = bench.drifts(name, {ids[reported["name"]], ids[repaired["name"]]})
    assert checked[ids[reported["name"]]]["drifted"] == checked[ids[repaired["name"]]]["drifted"] == 1
    assert (state(bench, reported), state(bench, repaired)) == ("disabled", "enabled")
    assert "ownership.marker-removed" in checked[ids[unmarked["name"]]]["notChecked"]["cause"]
    assert {key: detail["repaired"] for key, detail in told.items()} == {
        ids[reported["name"]]: False,
        ids[repaired["name"]]: True,
    }
    for detail in told.values():
        (resource,) = detail["resources"]
        assert (resource["kind"], resource["drift"]) == ("dataflow", "disabled")
    # Its lock is free, and what was repaired delivers: nothing, since nothing is new.
    assert bench.deliver(repaired).verdict == "EMPTY"
    bench.control(
        "POST",
        "entities/edit",
        {**edit, "patch": [{"op": "replace", "path": "/description", "value": flow["description"]}]},
    )
