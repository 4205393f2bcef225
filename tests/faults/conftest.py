"""One Adobe emulator for all fault tests."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from emulator.adobe import server
from emulator.adobe.sinks import Sinks
from tests.faults.harness import AIRPORTS, PLANES, START, Adobe, Installation, LocalServices, NoStorage, SharedClock


@pytest.fixture(scope="session")
def running_adobe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adobe]:
    lake = tmp_path_factory.mktemp("lake")
    for name, dataset_id in {"Planes": PLANES, "Airports": AIRPORTS}.items():
        folder = lake / name.lower()
        folder.mkdir()
        (folder / "a.jsonl").write_text('{"a": 1}\n{"a": 2}\n')
        (folder / "dataset.yaml").write_text(f"name: {name}\nid: {dataset_id}\n")
    http = httpx.Client(timeout=10, trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    options: Any = {"speed": 0.0, "start": START, "token_lifetime": 10**6, "adhoc_ready_after": 0.0}
    with server.start(Path(lake), **options) as emulator, http:
        emulator.world.sinks = cast("Sinks", NoStorage())
        yield Adobe(emulator, http, SharedClock(emulator))


@pytest.fixture
def adobe(running_adobe: Adobe) -> Adobe:
    """Adobe with nothing in it, at START."""
    running_adobe.control("POST", "reset")
    running_adobe.control("POST", "clock", {"set": START.isoformat()})
    return running_adobe


@pytest.fixture
def stack(adobe: Adobe) -> Installation:
    return Installation(adobe, LocalServices(adobe))
