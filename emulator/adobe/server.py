"""Runs the emulator in a thread of this process: for tests, for the demo, and under ``python -m emulator.adobe``."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import uvicorn
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from emulator.adobe import app
from emulator.adobe.scheduler import Scheduler
from emulator.adobe.settings import Options, Settings
from emulator.adobe.world import World


@dataclass(frozen=True)
class Emulator:
    """A running emulator."""

    base_url: str
    """Where all of Adobe is found, such as ``http://127.0.0.1:41234``; no slash at the end."""
    world: World
    scheduler: Scheduler


@contextmanager
def start(lake: Path, **options: Unpack[Options]) -> Iterator[Emulator]:
    """Run an emulator as long as the context lasts.

    Args:
        lake: the folder of datasets.
        options: the other fields of :class:`~emulator.adobe.settings.Settings`; port 0, the default, takes a free one.

    Raises:
        ValueError: settings that don't fit.
        OSError: the port is taken.
        LakeError: the data lake isn't readable.
    """
    with run(Settings(lake=lake, **options)) as emulator:
        yield emulator


@contextmanager
def run(settings: Settings) -> Iterator[Emulator]:
    """As :func:`start`, from ready settings."""
    world = World(settings)
    for sandbox in settings.sandboxes:
        world.lake.datasets(sandbox)  # a broken lake is told at the start, not by the first request
    world.profiles.at(world.clock.now())
    world.audiences.all()
    scheduler = Scheduler(world)
    transports: dict[tuple[str, int], asyncio.Transport] = {}

    class Protocol(H11Protocol):
        """Remembers its transport, so that a planted fault can end the connection without an answer."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            # asyncio does so for sockets with an explicit protocol only; a body would wait 40 ms for its head's ACK.
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.client is not None:
                transports[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client is not None:
                transports.pop(self.client, None)
            super().connection_lost(exc)

    def disconnect(scope: Scope) -> None:
        transports[tuple(scope["client"])].abort()

    config = uvicorn.Config(
        app.build(world, scheduler, disconnect),
        http=Protocol,
        lifespan="off",
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    with socket.create_server((settings.host, settings.port), backlog=128) as listener:
        host, port = listener.getsockname()[:2]
        thread = threading.Thread(target=server.run, args=([listener],), name="adobe-emulator", daemon=True)
        scheduler.start()
        thread.start()
        try:
            yield Emulator(f"http://{host}:{port}", world, scheduler)
        finally:
            server.should_exit = True
            thread.join()
            scheduler.stop()
