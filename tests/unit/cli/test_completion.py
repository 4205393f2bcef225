"""Completion as shells ask for it: the program alone, with what it was typed so far in the environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aep_delivery.cli import main

SHARED = Path(__file__).parents[3] / "shared"


def _complete(words: str, shell: str = "bash") -> list[str]:
    asked = {
        "bash": {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))},
        "zsh": {"_TYPER_COMPLETE_ARGS": words},
        "fish": {"_TYPER_COMPLETE_ARGS": words, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    called = subprocess.run(
        [sys.executable, "-m", "aep_delivery.cli"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SHARED), "_AEP_DELIVERY_COMPLETE": f"complete_{shell}"}
        | asked,
    )
    assert called.stderr == ""
    return called.stdout.splitlines()


def test_commands_options_and_values() -> None:
    assert _complete("aep-delivery run") == ["run", "runs"]
    assert _complete("aep-delivery receipt --o") == ["--output", "--open"]
    assert _complete("aep-delivery validate --format s") == ["sarif"]
    assert _complete("aep-delivery explain gzip.") == ["gzip.checksum", "gzip.invalid", "gzip.trailing-garbage"]
    assert _complete("aep-delivery init --destination azure") == ["azure-blob", "azure-blob-first-generation"]


def test_deliveries_whose_configs_are_here_or_else_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flights.yaml").write_text((SHARED.parent / "examples" / "demo.yaml").read_text())
    for command in ("status", "runs", "receipt", "drift"):
        assert _complete(f"aep-delivery {command} ") == ["flights.yaml", "prod/nyc-flights"]
    for command in ("remove", "verify --delivery"):
        assert _complete(f"aep-delivery {command} ") == ["prod/nyc-flights"]
    # Nothing at all: then the shell completes files.
    assert not any(_complete("aep-delivery validate f"))
    assert _complete("aep-delivery validate f", "zsh") == ["_files"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_the_help_beside_it(shell: str) -> None:
    (line,) = _complete("aep-delivery doc", shell)
    assert "doctor" in line
    assert "Check all that deliveries rest on" in line


@pytest.mark.parametrize(
    ("words", "imported"),
    [
        ("aep-delivery run", None),
        ("aep-delivery run ", ["run"]),
        ("aep-delivery run --n", ["run"]),
        ("aep-delivery nope --n", None),
        ("aep-delivery ", None),
    ],
)
def test_only_the_command_that_is_completed_is_imported(
    words: str, imported: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["aep-delivery"])
    monkeypatch.setenv("_AEP_DELIVERY_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    assert main._wanted() == (imported or [*main._COMMANDS])


def test_only_the_command_that_is_called_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMP_WORDS", "left over from the shell")
    monkeypatch.setattr(sys, "argv", ["aep-delivery", "runs"])
    assert main._wanted() == ["runs"]
    monkeypatch.setattr(sys, "argv", ["aep-delivery"])
    assert main._wanted() == [*main._COMMANDS]


@pytest.mark.parametrize("name", ["init", "validate", "explain"])
def test_what_needs_no_connection_imports_no_client(name: str) -> None:
    code = (
        "import json, sys; from aep_delivery.cli.main import program; program(sys.argv[1]); "
        "print(json.dumps([*sys.modules]))"
    )
    called = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, name],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SHARED)},
    )
    assert {"boto3", "httpx", "asyncssh", "azure"}.isdisjoint(json.loads(called.stdout))
