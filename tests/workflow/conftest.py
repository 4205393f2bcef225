"""One installation for all workflow tests: the real template, deployed beside an emulated Adobe with a small lake."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.cloud.rights import FOLDER, decisions
from emulator.installation import Installation, install
from tests.template import rights_used
from tests.workflow.bench import BUCKET, SECRET, Bench
from tests.workflow.test_rights import TAKEN

ORDERS, STORES = 300, 40
TAKEN_TOO = {("CheckFiles", "s3:GetObject")}
"""By test_many_files, which takes a batch all its rights."""
SPEED = 60


@pytest.fixture(scope="session", autouse=True)
def rights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Record which rights the functions use, and compare them with those that tests/template knows of."""
    folder = tmp_path_factory.mktemp("rights")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER, str(folder))
        yield
    seen = decisions(folder)
    used = rights_used.used(seen)
    whole = _is_whole(request.config) and not request.session.testsfailed
    if os.environ.get("RIGHTS") == "write":
        rights_used.keep(used if whole else used | rights_used.kept())
    assert used - rights_used.kept() == set(), "what is recorded is old: make rights"
    if whole:
        assert rights_used.kept() - used == set(), "what is recorded is old: make rights"
    # A call that is denied may go unnoticed where its error is expected. Only these are.
    denied = {(each.function.removesuffix("Function"), each.action) for each in seen if not each.allowed}
    assert denied <= {(function, action) for function, action, *_ in TAKEN} | TAKEN_TOO


def _is_whole(config: pytest.Config) -> bool:
    """Whether all workflow tests run, and in one process: each of several sees its own part alone."""
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    return alone and config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.keyword


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
