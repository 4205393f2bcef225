"""The entities of one sandbox, and the changes the service makes to them by itself a moment later."""

from __future__ import annotations

import heapq
import itertools
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from emulator.adobe.clock import EmulatedClock, epoch_millis
from emulator.adobe.http import Json
from emulator.adobe.runs import Run

KINDS = ("connections", "sourceConnections", "targetConnections", "flows")
SERVICE_USER = "acp_foundation_connectors@AdobeID"


@dataclass
class Operation:
    """The asynchronous half of the latest change to a flow (``lastOperation``)."""

    name: str
    started: datetime
    updated: datetime
    percent: int = 0
    errors: tuple[Json, ...] = ()

    @property
    def running(self) -> bool:
        return self.percent < 100


@dataclass
class Entity:
    """One stored object. `document` is what a client wrote, credentials included; views mask them."""

    kind: str
    id: str
    document: Json
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str
    etag: str
    state: str = "enabled"
    operation: Operation | None = None
    deleting: bool = False
    settled_until: datetime | None = None
    """Of a flow: up to where its schedule has been looked at."""


@dataclass
class Sandbox:
    """One sandbox with everything in it. Nothing here is visible from another. Guarded by the world's lock."""

    name: str
    org: str
    clock: EmulatedClock
    entities: dict[str, dict[str, Entity]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    runs: dict[str, Run] = field(default_factory=dict)
    _effects: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _order: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def id(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{self.name}.{self.org}"))

    def create(self, kind: str, document: Json, user: str) -> Entity:
        now = self.clock.now()
        entity = Entity(kind, str(uuid.uuid4()), document, now, now, user, user, new_etag(now))
        self.entities[kind][entity.id] = entity
        return entity

    def touch(self, entity: Entity, user: str) -> None:
        """Note a change: who, when, and a new ETag."""
        entity.updated_at = self.clock.now()
        entity.updated_by = user
        entity.etag = new_etag(entity.updated_at)

    def discard(self, entity: Entity) -> None:
        self.entities[entity.kind].pop(entity.id, None)

    def later(self, due: datetime, effect: Callable[[], None]) -> None:
        """Have `effect` happen at the emulated moment `due`."""
        heapq.heappush(self._effects, (due, next(self._order), effect))

    def settle(self) -> None:
        """Let everything happen that is due by now, in order."""
        now = self.clock.now()
        while self._effects and self._effects[0][0] <= now:
            heapq.heappop(self._effects)[2]()

    def clear(self) -> None:
        for collection in self.entities.values():
            collection.clear()
        self.runs.clear()
        self._effects.clear()


def new_etag(now: datetime) -> str:
    """A version as Adobe writes it, ``"7400453a-0000-0200-0000-62b1c7a90000"``, quotes included."""
    return f'"{secrets.token_hex(4)}-0000-0200-0000-{epoch_millis(now) // 1000:08x}0000"'
