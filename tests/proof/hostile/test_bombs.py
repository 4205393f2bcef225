"""What a bomb costs in time and memory: each in a process of its own, beside those of the checkers' own tests."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.proof.figures import PROOF, write_figures
from tests.proof.hostile.bombs import BOMBS
from tests.unit.docs.pages import ROOT
from tests.unit.verification.checkers.test_bombs import BOMBS as OWN_BOMBS
from tests.unit.verification.checkers.test_bombs import SCRIPT

MOST_KIB = 512 * 1024
"""Of the process; of the functions that look into files, each has three and a half times as much."""
SECONDS = 60.0
SAMPLE = ("json: depth in a line", "parquet: footer of lists")


def cost(name: str, folder: Path) -> tuple[list[str], int, float]:
    """The findings, the most memory in KiB and the seconds of processor time of a check."""
    kind, compression, build, _ = BOMBS[name]
    path = folder / "bomb"
    path.write_bytes(build())
    before = _children_seconds()
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", SCRIPT, str(path), kind, compression],
        env={**os.environ, "PYTHONPATH": str(ROOT / "shared")},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{name}: {done.stderr.decode()[-2000:]}"
    codes, _, peak = json.loads(done.stdout)
    return codes, peak, _children_seconds() - before


def _children_seconds() -> float:
    """Processor time of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def faults_of(name: str, codes: list[str], peak: int) -> list[str]:
    code = BOMBS[name][3]
    found = [] if not code or any(one.startswith(code) for one in codes) else [f"{name}: {codes} and no {code}"]
    return found + ([f"{name}: {peak // 1024} MiB"] if peak > MOST_KIB else [])


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", SAMPLE)
def test_a_bomb_of_a_sample(name: str, tmp_path: Path) -> None:
    codes, peak, _ = cost(name, tmp_path)
    assert faults_of(name, codes, peak) == []


def test_none_is_tried_twice() -> None:
    assert not BOMBS.keys() & OWN_BOMBS.keys()
    assert len(BOMBS) + len(OWN_BOMBS) >= 30


@pytest.mark.skipif(not PROOF, reason="takes minutes: make proof")
@pytest.mark.timeout(3600)
def test_every_bomb(tmp_path: Path) -> None:
    started = time.monotonic()
    found = {name: cost(name, tmp_path) for name in BOMBS}
    wrong = [fault for name, (codes, peak, _) in found.items() for fault in faults_of(name, codes, peak)]
    wrong += [f"{name}: {seconds:.0f} s" for name, (_, _, seconds) in found.items() if seconds > SECONDS]

    write_figures(
        "hostile-bombs",
        hostile="Bombs: gzip, zip, JSON, CSV, Parquet",
        tried=len(found),
        accepted=sum(not codes for codes, _, _ in found.values()),
        refused=sum(bool(codes) for codes, _, _ in found.values()),
        wrong=len(wrong),
        slowest=round(max(seconds for _, _, seconds in found.values()), 2),
        mebibytes=max(peak for _, peak, _ in found.values()) // 1024,
        seconds=time.monotonic() - started,
        costs={name: [codes[:3], peak // 1024, round(seconds, 1)] for name, (codes, peak, seconds) in found.items()},
    )
    assert wrong == []
