"""The workflows of GitHub Actions: every action pinned by commit, no permission but reading, and what .ci/run does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = YAML(typ="safe").load(path)
    return document


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
class TestEveryWorkflow:
    def test_actions_are_pinned_by_commit_and_say_their_version(self, path: Path):
        used = re.findall(r"uses: (.+)", path.read_text())
        assert used
        assert [line for line in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []

    def test_permissions_are_to_read_alone(self, path: Path):
        workflow = load(path)
        assert workflow["permissions"] == {}
        assert {str(job["permissions"]) for job in workflow["jobs"].values()} == {"{'contents': 'read'}"}

    def test_no_credential_stays_on_disk(self, path: Path):
        checkouts = [step for step in steps(load(path)) if str(step.get("uses", "")).startswith("actions/checkout@")]
        assert checkouts
        assert all(step["with"]["persist-credentials"] is False for step in checkouts)

    def test_no_text_of_a_stranger_reaches_a_shell(self, path: Path):
        commands = [step["run"] for step in steps(load(path)) if "run" in step]
        assert commands
        assert [command for command in commands if "${{" in command] == []

    def test_each_job_has_a_time_limit(self, path: Path):
        assert all(job["timeout-minutes"] <= 60 for job in load(path)["jobs"].values())


def test_ci_runs_what_everybody_runs_on_each_supported_python():
    workflow = load(ROOT / ".github/workflows/ci.yml")
    assert [step["run"] for step in steps(workflow) if "run" in step] == [".ci/run"]
    (job,) = workflow["jobs"].values()
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    declared = [line.rpartition(" ")[2] for line in classifiers if re.search(r"Python :: 3\.\d+$", line)]
    assert job["strategy"]["matrix"]["python"] == declared
