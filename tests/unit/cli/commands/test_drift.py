from __future__ import annotations

import pytest

from aep_delivery.cli.screen import Screen
from aep_delivery.workflow.services import LOCK_TTL


@pytest.fixture
def applied(cli, config_file):
    assert cli("apply", config_file(), "--yes").exit_code == 0
    return cli


def rename(adobe, name="Mine"):
    flow = adobe.only("flows")["id"]
    adobe.edit("flows", flow, {"op": "replace", "path": "/name", "value": name})
    adobe.forget_requests()
    return flow


def test_no_deliveries(cli):
    assert "no deliveries yet" in cli("drift").stdout
    assert cli.json("drift") == (0, {"deliveries": []})


@pytest.mark.parametrize("by_file", [False, True])
def test_nothing_touched_is_0_and_writes_nothing(applied, adobe, config_file, by_file):
    adobe.forget_requests()
    result = applied("drift", config_file() if by_file else "prod/planes", "--repair")
    assert result.exit_code == 0
    assert "prod/planes  as applied" in result.stdout
    assert adobe.writes() == []


def test_drift_is_2_and_shown_field_by_field(applied, adobe):
    flow = rename(adobe)
    result = applied("drift")
    assert result.exit_code == 2
    assert "prod/planes  not as applied" in result.stdout
    assert f"changed  dataflow          planes ({flow})" in result.stdout
    assert "name: 'Mine', applied was 'planes'" in result.stdout
    assert adobe.writes() == []


def test_drift_as_json(applied, adobe):
    flow = rename(adobe)
    code, document = applied.json("drift", "prod/planes")
    assert code == 2
    change = {"path": "name", "before": "Mine", "after": "planes"}
    resource = {
        "kind": "dataflow",
        "id": flow,
        "name": "planes",
        "drift": "changed",
        "changes": [change],
        "moreChanges": 0,
    }
    assert document == {
        "deliveryId": "prod/planes",
        "policy": "report",
        "resources": [resource],
        "repaired": False,
        "skipped": None,
        "error": None,
    }
    assert applied.json("drift")[1] == {"deliveries": [document]}


def test_repair_restores_what_was_applied_whatever_the_policy(applied, adobe):
    rename(adobe)
    result = applied("drift", "--repair", "--yes")
    assert result.exit_code == 0
    assert "prod/planes  is again as applied" in result.stdout
    assert adobe.only("flows")["name"] == "planes"
    assert applied("drift").exit_code == 0


def test_repair_wants_a_yes(applied, adobe):
    rename(adobe)
    result = applied("drift", "--repair", answer="y\n")
    assert result.exit_code == 1
    assert "[cli.not-confirmed]" in result.stderr
    assert adobe.writes() == []


@pytest.mark.parametrize(("answer", "name"), [("y\n", "planes"), ("n\n", "Mine")])
def test_on_a_terminal_it_asks(applied, adobe, monkeypatch, answer, name):
    rename(adobe)
    monkeypatch.setattr(Screen, "asks", True)
    result = applied("drift", "--repair", answer=answer)
    assert "Restore what was applied?" in result.stdout
    assert result.exit_code == (name == "Mine")
    assert adobe.only("flows")["name"] == name


def test_what_changed_again_while_it_asked_is_not_repaired(applied, adobe, monkeypatch):
    rename(adobe)
    monkeypatch.setattr(Screen, "asks", True)
    monkeypatch.setattr("typer.confirm", lambda _: bool(rename(adobe, "Yours")))
    result = applied("drift", "--repair")
    assert result.exit_code == 2
    assert "changed again" in result.stdout
    assert adobe.only("flows")["name"] == "Yours"


def test_one_that_is_being_worked_on_is_skipped(applied):
    applied.services.store.acquire_lock("prod/planes", "delivery-7", LOCK_TTL)
    result = applied("drift")
    assert result.exit_code == 0
    assert "skipped" in result.stdout
    assert "delivery-7" in result.stdout


def test_one_that_cannot_be_compared_stops_no_other(applied, adobe, config_file):
    flow = adobe.only("flows")["id"]
    adobe.edit("flows", flow, {"op": "replace", "path": "/description", "value": "mine"})
    applied("apply", config_file("another.yaml", name="another"), "--yes")

    code, document = applied.json("drift")

    assert code == 1
    another, planes = document["deliveries"]
    assert (another["error"], another["resources"]) == (None, [])
    assert planes["error"]["code"] == "ownership.marker-removed"
    assert "[ownership.marker-removed]" in applied("drift", "prod/planes").stderr


def test_an_unknown_delivery(applied):
    result = applied("drift", "prod/plane")
    assert result.exit_code == 1
    assert "Did you mean prod/planes?" in result.stderr
