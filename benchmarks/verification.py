# ruff: noqa: INP001, T201 - scripts, not a package
"""Our checkers against other readers, on the same files, in one run: ``python benchmarks/verification.py``.

Every run is a fresh process; the contestants take turns, so that a busy machine is busy for all of them. CPU seconds
and the peak of memory are those the kernel counts for the process (``wait4``). Peers live in ``.bench-venv``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PEERS = ROOT / ".bench-venv"
PEER_PYTHON = PEERS / "bin" / "python"
OUR_PYTHON = Path(sys.executable)
OURS = {
    "ours",
    "ours_structure",
    "ours_s3",
    "page_crc",
    "inflate_only",
    "our_handler",
    "plain_handler",
    "bare_python",
}
LATENCY = 30
"""Milliseconds until the emulated S3 answers."""


@dataclass(frozen=True)
class Race:
    """One job for several contestants. The first one is us."""

    name: str
    files: str
    contestants: tuple[str, ...]


RACES = (
    Race("NDJSON gzip", "rows.json.gz", ("ours", "inflate_only", "duckdb", "polars", "pyarrow", "json_loads", "zcat")),
    Race("NDJSON", "rows.json", ("ours", "duckdb", "polars", "pyarrow", "json_loads")),
    Race("CSV", "rows.csv", ("ours", "csv_reader", "duckdb", "polars", "pyarrow")),
    Race("CSV, all quoted", "quoted.csv", ("ours", "csv_reader", "duckdb", "polars", "pyarrow")),
    Race("CSV gzip", "rows.csv.gz", ("ours", "csv_reader", "duckdb", "polars", "pyarrow")),
    Race("Parquet, gzip pages", "rows.gz.parquet", ("ours", "pyarrow", "duckdb", "polars", "page_crc")),
    Race("Parquet, snappy pages", "rows.snappy.parquet", ("ours", "pyarrow", "duckdb", "polars")),
    Race("set of NDJSON gzip", "part-*.json.gz", ("ours", "duckdb", "polars", "pyarrow")),
    Race("set of CSV gzip", "part-*.csv.gz", ("ours", "duckdb", "polars", "pyarrow")),
    Race("set of Parquet", "part-*.gz.parquet", ("ours", "duckdb", "polars", "pyarrow")),
    Race(
        "200 footers",
        "small/part-*.parquet",
        ("ours_structure", "pyarrow_structure", "duckdb_structure", "polars_structure"),
    ),
    Race("200 footers over S3", "small/part-*.parquet", ("ours_s3", "pyarrow_s3", "polars_s3", "dataset_s3")),
    Race("start of a handler", "rows.json", ("our_handler", "plain_handler", "bare_python")),
)


@dataclass(frozen=True)
class Run:
    """What one process took."""

    wall: float
    cpu: float
    peak: float
    """MB."""


def measure(contestant: str, paths: list[str]) -> Run:
    """Run a contestant once.

    Raises:
        RuntimeError: It failed.
    """
    python = OUR_PYTHON if contestant in OURS else PEER_PYTHON
    command = [str(python), str(HERE / "contestants.py"), contestant, *paths]
    if contestant == "zcat":
        command = ["/bin/sh", "-c", 'zcat "$1" | wc -l', "sh", *paths]
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - the commands are those above
        command, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT / "shared")}
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{contestant} failed on {paths[0]}")
    return Run(wall=wall, cpu=usage.ru_utime + usage.ru_stime, peak=usage.ru_maxrss / 1000)


def race(entry: Race, folder: Path, rounds: int) -> dict[str, Run]:
    paths = sorted(map(str, folder.glob(entry.files)))
    runs: dict[str, list[Run]] = {contestant: [] for contestant in entry.contestants}
    for _ in range(rounds):
        for contestant, taken in runs.items():
            taken.append(measure(contestant, paths))
    return {
        contestant: Run(
            wall=statistics.median(run.wall for run in taken),
            cpu=statistics.median(run.cpu for run in taken),
            peak=max(run.peak for run in taken),
        )
        for contestant, taken in runs.items()
    }


def table(entry: Race, runs: dict[str, Run]) -> str:
    """Markdown; the factors say how much longer than we a contestant takes."""
    ours = runs[entry.contestants[0]]
    lines = [
        f"### {entry.name}",
        "",
        "| | wall s | CPU s | peak MB | wall, times ours | CPU, times ours |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {name} | {run.wall:.2f} | {run.cpu:.2f} | {run.peak:.0f} | "
            f"{run.wall / ours.wall:.2f} | {run.cpu / ours.cpu:.2f} |"
            for name, run in runs.items()
        ),
        "",
    ]
    return "\n".join(lines)


def prepare(folder: Path, megabytes: int, files: int) -> None:
    if not PEER_PYTHON.exists():
        venv.create(PEERS, with_pip=True)
        requirements = str(ROOT / "requirements" / "bench.txt")
        subprocess.run([str(PEER_PYTHON), "-m", "pip", "install", "--quiet", "-r", requirements], check=True)  # noqa: S603
    done = folder / f"made-{megabytes}-{files}"
    if not done.exists():
        subprocess.run(  # noqa: S603
            [str(PEER_PYTHON), str(HERE / "make_files.py"), str(folder), str(megabytes), str(files)], check=True
        )
        done.touch()


@contextlib.contextmanager
def far_bucket(folder: Path) -> Iterator[None]:
    """Serve a folder as an S3 that answers late; its address is in the environment of the contestants."""
    command = [str(OUR_PYTHON), str(HERE / "slow_s3.py"), str(folder), str(LATENCY)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdout
        os.environ["BENCH_S3"] = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        try:
            yield
        finally:
            server.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=60, help="JSON in one file, before compression")
    parser.add_argument("--files", type=int, default=8, help="files in a set")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the files are made; kept for the next run")
    parser.add_argument("--only", default="", help="part of a race's name")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    options = parser.parse_args()
    folder: Path = options.folder or ROOT / ".bench-files" / f"{options.megabytes}-{options.files}"
    prepare(folder, options.megabytes, options.files)
    figures: dict[str, dict[str, dict[str, float]]] = {}
    with far_bucket(folder / "small"):
        for entry in RACES:
            if options.only.lower() in entry.name.lower():
                runs = race(entry, folder, options.rounds)
                print(table(entry, runs), flush=True)
                figures[entry.name] = {name: vars(run) for name, run in runs.items()}
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
