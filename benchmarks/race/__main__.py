# ruff: noqa: T201 - a command
"""``python -m benchmarks.race``: run it, write its figures into build/bench and benchmarks/README.md, draw race.svg."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.race import heats
from benchmarks.race.contestants import AEPP, ALL, HTTPX, OURS, PEER_PYTHON, ROOT
from benchmarks.race.figures import Results, into, tables
from benchmarks.race.track import prepared

OUTPUT = ROOT / "build" / "bench"
PICTURE = ROOT / "benchmarks" / "race.svg"
PAGE = ROOT / "benchmarks" / "README.md"


def main() -> None:
    """Run all heats."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of the deliveries that nothing disturbs")
    parser.add_argument("--only", default="", help="part of a contestant's key; draws nothing")
    options = parser.parse_args()
    contestants = tuple(contestant for contestant in ALL if options.only in contestant.key)
    checks = tuple(contestant for contestant in (OURS, AEPP, HTTPX) if contestant in contestants)
    load = _load()
    with prepared() as track:
        # Audiences first, while it is morning there.
        results = Results(
            day=datetime.now(UTC).date().isoformat(),
            machine=_machine(),
            load="",
            command=f"make bench ROUNDS={options.rounds}",
            undisturbed={
                course: heats.undisturbed(track, course, contestants, options.rounds, _tell) for course in heats.LOST
            },
            lost={course: heats.with_answers_lost(track, course, contestants, _tell) for course in heats.LOST},
            damaged=heats.with_files_damaged(track, checks, _tell),
        )
    results = results.model_copy(
        update={"load": f"{load} at the beginning, {_load()} at the end, of which the race itself is 1 to 2"}
    )
    OUTPUT.mkdir(parents=True, exist_ok=True)
    document = OUTPUT / "race.json"
    document.write_text(results.model_dump_json(indent=1) + "\n", "utf-8")
    text = tables(results, contestants)
    (OUTPUT / "race.md").write_text(text, "utf-8")
    if contestants == ALL:
        PAGE.write_text(into(PAGE.read_text("utf-8"), text), "utf-8")
        plot = Path(__file__).with_name("plot.py")
        subprocess.run([str(PEER_PYTHON), str(plot), str(document), str(PICTURE)], check=True)  # noqa: S603


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def _machine() -> str:
    models = [line.partition(": ")[2] for line in _cpu_lines() if line.startswith("model name")]
    model = models[0].replace("(R)", "") if models else platform.machine()
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text("utf-8").splitlines() if path.exists() else []


if __name__ == "__main__":
    main()
