"""The real command line, as its users run it, on the real installation."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aep_delivery.config.load import load_config
from demo.keep import environment
from tests.workflow.bench import ONE_OF_EACH, Bench, validate

pytestmark = pytest.mark.workflow

PROGRAM = Path(__file__).parents[2] / "bin" / "aep-delivery"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(bench: Bench) -> Run:
    """Runs the program with the environment that ``make cloud`` prints, and nothing else."""
    shell = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | environment(bench.installation)

    def run(*arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(  # noqa: S603 - our own program
            [PROGRAM, *arguments], env=shell, capture_output=True, text=True, check=False, timeout=90
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def _write(tmp_path: Path, config: dict[str, Any]) -> Path:
    path = tmp_path / f"{config['name']}.yaml"
    path.write_text(json.dumps(config, indent=2))
    return path


def test_validate_plan_apply_plan_run_status(bench: Bench, run: Run, tmp_path: Path) -> None:
    config = bench.config(run__trigger="SCHEDULED")
    file, delivery = _write(tmp_path, config), f"prod/{config['name']}"

    assert run("validate", file).stdout == f"{file}: valid, delivery {delivery}\n"

    assert "+ create  dataflow" in run("plan", file, code=2).stdout
    assert sum(bench.counts(config).values()) == 0

    kept = tmp_path / "plan.json"
    planned = json.loads(run("plan", file, "--json", "--out", kept, code=2).stdout)
    assert planned == json.loads(kept.read_text())
    applied = json.loads(run("apply", file, "--plan", kept, "--yes", "--json").stdout)
    assert [done["action"] for done in applied["resources"]] == ["create"] * 4
    assert bench.counts(config) == ONE_OF_EACH
    folder = f"deliveries/{delivery}/{applied['execution']}"
    assert set(bench.installation.documents(folder)) == {f"{folder}/config.json", f"{folder}/plan.json"}

    assert "No changes" in run("plan", file).stdout
    assert "No changes" in run("apply", file).stdout

    before = json.loads(run("status", delivery, "--json").stdout)
    assert (before["lock"], before["latest"], len(before["resources"])) == (None, None, 4)

    delivered = json.loads(run("run", file, "--now", "--follow", "--json").stdout)
    assert (delivered["verdict"], delivered["good"]) == ("VERIFIED", True)
    receipt = json.loads(bench.installation.document(delivered["receipt"].split("/", 3)[3]))
    validate(receipt, "receipt")
    assert receipt["request"]["trigger"] == "cli"
    assert bench.counts(config) == ONE_OF_EACH

    listed = run("status").stdout
    assert any(line.split()[:2] == [delivery, "VERIFIED"] for line in listed.splitlines())


def test_adopt_plan_apply_remove(bench: Bench, run: Run, tmp_path: Path) -> None:
    made = bench.config()
    run("apply", _write(tmp_path, made), "--yes")
    entities = {kind: found[0] for kind, found in bench.entities(made).items()}
    name = f"By hand {made['name']}"
    for kind, entity in entities.items():
        patch = [{"op": "replace", "path": "/description", "value": "Somebody's"}]
        if kind == "flows":
            patch.append({"op": "replace", "path": "/name", "value": name})
        bench.control("POST", "entities/edit", {"sandbox": "prod", "kind": kind, "id": entity["id"], "patch": patch})

    written = json.loads(run("adopt", "--sandbox", "prod", "--matching", name, "--out", tmp_path, "--json").stdout)
    (file,) = [Path(one["file"]) for one in written["written"]]
    delivery = f"prod/by-hand-{made['name']}"
    adopted = {**made, "name": delivery.removeprefix("prod/")}
    assert load_config(file.read_bytes(), file.name).delivery_id == delivery
    assert "No changes" in run("plan", file).stdout
    assert sum(bench.counts(adopted).values()) == 0

    run("apply", file, "--yes")
    assert bench.counts(adopted) == ONE_OF_EACH | {"connections": 0}
    assert "No changes" in run("plan", file).stdout
    again = json.loads(run("adopt", "--sandbox", "prod", "--matching", name, "--out", tmp_path, "--json").stdout)
    assert "is managed already" in again["leftAlone"][0]["reason"]

    removed = json.loads(run("remove", delivery, "--yes", "--json").stdout)
    assert [resource["id"] for resource in removed["resources"]] == [
        entities[kind]["id"] for kind in ("flows", "targetConnections", "sourceConnections")
    ]
    event = bench.event(removed["execution"])
    validate(event, "event-delivery-removed")
    assert event["detail"]["record"] == removed["record"]
    left = bench.control("GET", "entities?sandbox=prod")["sandboxes"]["prod"]
    assert entities["connections"]["id"] in [one["id"] for one in left["connections"]["items"]]
    assert entities["flows"]["id"] not in [one["id"] for one in left["flows"]["items"]]


def test_a_delivery_that_fails_in_the_workflow_is_explained(bench: Bench, run: Run, tmp_path: Path) -> None:
    file = _write(tmp_path, bench.config(datasets=("Nothing of this name",)))
    failed = run("run", file, "--follow", "--json", code=1)
    assert json.loads(failed.stdout)["code"] == "dataset.not-exportable"


def test_errors_name_what_to_do(run: Run, tmp_path: Path) -> None:
    assert "[cli.stack-not-found]" in run("status", "--stack", "nope", code=1).stderr
    assert "[config.not-found]" in run("plan", tmp_path / "nowhere.yaml", code=1).stderr
