"""An emulated Adobe with the dataset and the audiences of the tutorials."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from emulator.adobe import server
from tests.contract.reader import Reader
from tests.contract.tutorial_requests import AUDIENCES, DATASET, NOW

PERSON = """{"identityMap": {"Email": [{"id": "a@example.com"}]}, "personalEmail": {"address": "a@example.com"}, \
"person": {"name": {"firstName": "A", "lastName": "A"}}}
"""


@pytest.fixture(scope="module")
def running_adobe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Emulator]:
    lake = Path(tmp_path_factory.mktemp("lake"))
    (lake / "_profiles").mkdir()
    (lake / "_profiles" / "profiles.ndjson").write_text(PERSON)
    entries = "".join(f"  - {{id: {one}, name: {one[:8]}, where: {{person.lastName: A}}}}\n" for one in AUDIENCES)
    (lake / "_profiles" / "audiences.yaml").write_text(f"audiences:\n{entries}")
    (lake / "devices").mkdir()
    (lake / "devices" / "dataset.yaml").write_text(f"id: {DATASET.id}\nname: {DATASET.name}\n")
    (lake / "devices" / "devices.json").write_text('{"city":"new york","country":"usa"}\n')
    with server.start(lake, start=NOW, speed=0.0) as emulator:
        yield emulator


@pytest.fixture
def adobe(running_adobe: server.Emulator) -> Iterator[httpx.Client]:
    """Adobe with no connection or dataflow in it, at NOW."""
    with httpx.Client(base_url=running_adobe.base_url, trust_env=False) as http:
        assert http.post("/_emulator/reset").is_success
        assert http.post("/_emulator/clock", json={"set": NOW.isoformat()}).is_success
        yield http


@pytest.fixture
def reader(adobe: httpx.Client) -> Reader:
    return Reader(adobe)
