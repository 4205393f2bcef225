"""One installation for all workflow tests: the real template, deployed beside an emulated Adobe with a small lake."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.installation import Installation, install
from tests.workflow.bench import BUCKET, SECRET, Bench

ORDERS, STORES = 300, 40
SPEED = 60


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    orders = folder / "orders"
    orders.mkdir()
    (orders / "dataset.json").write_text(json.dumps({"name": "Orders"}))
    lines = [json.dumps({"orderID": n, "buyer": {"city": "Zürich"}, "items": [n, n + 1]}) for n in range(ORDERS)]
    (orders / "part-1.json").write_text("\n".join(lines) + "\n")
    with (folder / "Stores.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "city"], *([n, f"city {n}"] for n in range(STORES))])
    private = folder / "secrets"
    private.mkdir()
    (private / "dataset.json").write_text(json.dumps({"name": "Internal Ledger", "exportable": False}))
    (private / "ledger.json").write_text('{"a": 1}\n')
    return folder


@pytest.fixture(scope="session")
def installation(lake: Path) -> Iterator[Installation]:
    with install(lake, wait_scale=1 / SPEED, adhoc_ready_after=0.0) as running:
        running.add_destination(BUCKET, SECRET)
        yield running


@pytest.fixture(scope="session")
def session_bench(installation: Installation, lake: Path) -> Iterator[Bench]:
    bench = Bench(installation, lake)
    yield bench
    bench.close()


@pytest.fixture
def bench(session_bench: Bench) -> Iterator[Bench]:
    session_bench.forget()
    yield session_bench
    # What one test planted in Adobe must not meet the next.
    session_bench.control("DELETE", "faults")
    session_bench.control("DELETE", "run-faults")
