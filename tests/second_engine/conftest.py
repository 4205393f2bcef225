"""One installation, whose workflows run on two engines: the same definitions, functions, Adobe and storage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from emulator.cloud.rights import FOLDER
from emulator.installation import Installation, install
from tests.second_engine.engine import second_engine
from tests.second_engine.engines import Engines
from tests.workflow.bench import BUCKET, SECRET, Bench

SPEED = 60
ORDERS, STORES = 20, 600


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small dataset, and one of more files than a function opens at once."""
    folder = tmp_path_factory.mktemp("lake-of-two-engines")
    for name, rows in (("Orders", ORDERS), ("Stores", STORES)):
        (folder / name).mkdir()
        (folder / name / "dataset.json").write_text(json.dumps({"name": name}))
        (folder / name / "part-1.json").write_text("".join(f'{{"id":{n}}}\n' for n in range(rows)))
    return folder


@pytest.fixture(scope="session")
def installation(lake: Path) -> Iterator[Installation]:
    # An Adobe that does not answer one workflow must not stop all others.
    patient = {"AdobeCircuitFailures": "1000"}
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            # What tests/workflow records of rights is not about this cloud: rights are taken away here.
            patch.delenv(FOLDER, raising=False)
            running = stack.enter_context(
                install(lake, wait_scale=1 / SPEED, parameters=patient, adhoc_ready_after=0.0, rows_per_part=1)
            )
        running.add_destination(BUCKET, SECRET)
        # Dropped configs start nothing by themselves: each engine is told what to run.
        events = running.cloud.client("events")
        [rule] = [r["Name"] for r in events.list_rules()["Rules"] if "ConfigDropped" in r["Name"]]
        events.disable_rule(Name=rule)
        yield running


@pytest.fixture(scope="session")
def session_engines(installation: Installation, lake: Path) -> Iterator[Engines]:
    bench = Bench(installation, lake)
    with second_engine(installation.cloud, wait_scale=1 / SPEED) as second:
        yield Engines(bench, second)
    bench.close()


@pytest.fixture
def engines(session_engines: Engines) -> Iterator[Engines]:
    yield session_engines
    # What one test planted in Adobe must not meet the next.
    session_engines.bench.control("DELETE", "faults")
    session_engines.bench.control("DELETE", "run-faults")
