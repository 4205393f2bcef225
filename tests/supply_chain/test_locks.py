"""The locks pin every package by version and hash, and name no host; the list of licences is that of the locks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(
    [*ROOT.glob("requirements/*.txt"), ROOT / "shared/requirements.txt", *ROOT.glob("layers/*/requirements.txt")]
)
DEPLOYED = [ROOT / "shared/requirements.txt", ROOT / "layers/storages/requirements.txt"]


def blocks(lock: Path) -> list[str]:
    """Each requirement with the lines that belong to it."""
    lines = [line for line in lock.read_text().splitlines() if line and not line.lstrip().startswith("#")]
    found: list[str] = []
    for line in lines:
        if line[0].isspace():
            found[-1] += line
        else:
            found.append(line)
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_package_has_a_version_and_a_hash(lock: Path):
    requirements = blocks(lock)
    assert requirements
    assert [
        text for text in requirements if not re.match(r"[a-z0-9.\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", text)
    ] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_lock_names_a_host(lock: Path):
    assert re.findall(r"\w+://\S+|--(?:extra-)?index-url|--find-links", lock.read_text()) == []


def test_the_list_of_licences_is_that_of_what_is_deployed():
    rows = re.findall(r"^\| (\S+) +\| (\S+) +\|", (ROOT / "docs/reference/licences.md").read_text(), re.MULTILINE)
    listed = {(name.lower().replace(".", "-").replace("_", "-"), version) for name, version in rows if name != "Name"}
    # What is for Windows alone is locked, too, and never installed on AWS.
    deployed = {
        tuple(re.match(r"([a-z0-9-]+)==(\S+)", text).groups())  # type: ignore[union-attr]
        for lock in DEPLOYED
        for text in blocks(lock)
        if "win32" not in text and "Windows" not in text
    }
    assert listed == deployed, "run `make licences`"
