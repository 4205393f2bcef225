from __future__ import annotations

import pytest

from aep_delivery.config.load import load_config
from aep_delivery.state.memory import MemoryStateStore

KINDS = ("connections", "sourceConnections", "targetConnections", "flows")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def found(cli, adobe, config_file):
    """A dataflow that somebody else made: what was applied, without its markers, and nobody remembers it."""
    cli("apply", config_file(), "--yes")
    for kind in KINDS:
        adobe.edit(kind, adobe.only(kind)["id"], {"op": "replace", "path": "/description", "value": "by hand"})
    cli.services.store = MemoryStateStore(cli.services.clock)
    adobe.forget_requests()
    return adobe.only("flows")


def test_a_dataflow_becomes_a_config_whose_plan_changes_nothing(cli, adobe, found, out):
    result = cli("adopt", "--sandbox", "prod", "--out", out)
    assert result.exit_code == 0
    file = out / "planes.yaml"
    (row,) = [line.split() for line in result.stdout.splitlines() if found["id"] in line]
    assert row == [str(file), "prod/planes", "planes", found["id"]]
    assert f"aep-delivery plan {file}" in result.stdout
    planned = cli("plan", file)
    assert planned.exit_code == 0, planned.stdout
    assert "No changes" in planned.stdout
    assert adobe.writes() == []


def test_the_file_says_what_it_is(cli, found, out):
    cli("adopt", "--sandbox", "prod", "--out", out)
    lines = (out / "planes.yaml").read_text().splitlines()
    assert lines[0] == "# yaml-language-server: $schema=delivery-config.schema.json"
    assert "'planes'" in next(line for line in lines if line.startswith("# The dataflow"))
    config = load_config((out / "planes.yaml").read_bytes(), "planes.yaml")
    assert config.adopt.dataflow == found["id"]


def test_json_names_files_and_dataflows(cli, found, out):
    code, document = cli.json("adopt", "--sandbox", "prod", "--out", out)
    file = {
        "file": str(out / "planes.yaml"),
        "deliveryId": "prod/planes",
        "dataflowId": found["id"],
        "dataflowName": "planes",
    }
    assert (code, document) == (0, {"sandbox": "prod", "written": [file], "leftAlone": []})


def test_a_file_that_is_there_stays_as_it_is(cli, found, out):
    out.mkdir()
    file = out / "planes.yaml"
    file.write_text("mine")
    code, document = cli.json("adopt", "--sandbox", "prod", "--out", out)
    assert (code, document["written"]) == (0, [])
    (left,) = document["leftAlone"]
    assert left["dataflowId"] == found["id"]
    assert left["reason"] == f"{file} is there already; --force replaces it"
    assert file.read_text() == "mine"


def test_force_replaces_it(cli, found, out):
    out.mkdir()
    file = out / "planes.yaml"
    file.write_text("mine" * 1000)
    assert len(cli.json("adopt", "--sandbox", "prod", "--out", out, "--force")[1]["written"]) == 1
    assert load_config(file.read_bytes(), file.name).adopt.dataflow == found["id"]


def test_what_is_managed_already_is_left_alone(cli, adobe, config_file, out):
    cli("apply", config_file(), "--yes")
    result = cli("adopt", "--sandbox", "prod", "--out", out)
    assert result.exit_code == 0
    assert "is managed already, as prod/planes by the-stack" in result.stdout
    assert "Nothing was written." in result.stdout
    assert list(out.iterdir()) == []


def test_what_does_not_match_is_not_mentioned(cli, found, out):
    result = cli("adopt", "--sandbox", "prod", "--out", out, "--matching", "trains")
    assert (result.exit_code, result.stdout) == (0, "No dataflow of prod fits.\n")
    assert len(cli.json("adopt", "--sandbox", "prod", "--out", out, "--matching", "PLANE")[1]["written"]) == 1


def test_where_it_cannot_write_it_says_so(cli, found, out):
    out.mkdir()
    (out / "file").write_text("")
    code, document = cli.json("adopt", "--sandbox", "prod", "--out", out / "file")
    assert (code, document["code"]) == (1, "cli.file-unwritable")
    (out / "planes.yaml").mkdir()
    code, document = cli.json("adopt", "--sandbox", "prod", "--out", out, "--force")
    assert (code, document["code"]) == (1, "cli.file-unwritable")


def test_a_sandbox_must_be_named(cli):
    code, document = cli.json("adopt")
    assert (code, document["code"]) == (1, "cli.usage")
