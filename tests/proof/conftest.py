"""One emulated Adobe for all of the proof, behind a transport that fails on demand."""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from emulator.adobe.scheduler import Scheduler
from emulator.adobe.server import Emulator
from emulator.adobe.settings import Settings
from emulator.adobe.sinks import Sinks
from emulator.adobe.world import World
from tests.faults.harness import AIRPORTS, PLANES, START, Adobe, Installation, LocalServices, NoStorage, SharedClock
from tests.faults.test_activation import SERVER, write_profiles
from tests.proof.adobe_faults import FaultyTransport
from tests.proof.direct import DirectTransport
from tests.proof.leaks import LEAKS


class ProofInstallation(Installation):
    """A stack that a new process takes over after each death."""

    publisher: Any = LEAKS

    def restart(self) -> None:
        super().restart()
        self.services.publisher = self.publisher


@dataclass
class Ground:
    """Adobe, and the means to let its calls fail."""

    adobe: Adobe
    transport: FaultyTransport

    def fresh(self) -> ProofInstallation:
        """An empty Adobe at START, and a stack that knows nothing."""
        self.transport.disarm()
        self.adobe.control("POST", "reset")
        self.adobe.control("POST", "clock", {"set": START.isoformat()})
        services = LocalServices(self.adobe)
        services.secrets.put("server", json.dumps(SERVER))
        services.publisher = LEAKS
        LEAKS.tokens.clear()
        return ProofInstallation(self.adobe, services)


def _lake(lake: Path) -> None:
    for name, dataset_id in {"Planes": PLANES, "Airports": AIRPORTS}.items():
        folder = lake / name.lower()
        folder.mkdir()
        (folder / "a.jsonl").write_text('{"a": 1}\n{"a": 2}\n')
        (folder / "dataset.yaml").write_text(f"name: {name}\nid: {dataset_id}\n")
    write_profiles(lake)


@pytest.fixture
def silence() -> Iterator[None]:
    """What thousands of deliveries log is nobody's to read."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def overheard() -> Iterator[None]:
    """What is logged is listened to."""
    with LEAKS.listening():
        yield


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    lake = tmp_path_factory.mktemp("lake")
    _lake(lake)
    world = World(Settings(lake=lake, speed=0.0, start=START, token_lifetime=10**6, adhoc_ready_after=0.0))
    world.sinks = cast("Sinks", NoStorage())
    scheduler = Scheduler(world)
    emulator = Emulator("http://127.0.0.1:9", world, scheduler)
    clock = SharedClock(emulator)
    transport = FaultyTransport(DirectTransport(emulator), clock)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    scheduler.start()
    try:
        with (
            httpx.Client(trust_env=False, transport=transport, verify=tls) as http,
            httpx.Client(trust_env=False, transport=DirectTransport(emulator), verify=tls) as own,
        ):
            yield Ground(_Watched(emulator, http, clock, own), transport)
    finally:
        scheduler.stop()


@dataclass
class _Watched(Adobe):
    """What the test itself asks of the emulator goes another way."""

    own: httpx.Client

    def control(self, method: str, path: str, body: object = None, **kwargs: Any) -> Any:
        return Adobe(self.emulator, self.own, self.clock).control(method, path, body, **kwargs)
