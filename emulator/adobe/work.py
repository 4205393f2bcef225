"""What a run does, planned under the world's lock and carried out without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from emulator.adobe.entities import Entity, Sandbox
from emulator.adobe.http import Json
from emulator.adobe.layout import Place
from emulator.adobe.runs import Run, Tally
from emulator.adobe.world import World


@dataclass(frozen=True)
class Result:
    """What a run has exported.

    Attributes:
        tallies: one a dataset or audience.
        manifest: the last one written, empty where none was asked for.
        commit: moves the watermarks; called under the lock, and only of a run that succeeded.
    """

    tallies: tuple[Tally, ...]
    manifest: Json
    commit: Callable[[], None]


class Work(Protocol):
    """One run's."""

    def carry_out(self) -> Result:
        """Write the files. Raises :class:`LakeError` and :class:`SinkError`."""


@dataclass(frozen=True)
class Chain:
    """A flow with the connections it leads through."""

    flow: Entity
    source: Entity
    target: Entity
    base: Entity

    @classmethod
    def of(cls, run: Run, sandbox: Sandbox) -> Chain | None:
        """None where the flow, or a connection of it, was deleted before the run began."""
        flow = sandbox.entities["flows"].get(run.flow_id)
        source = sandbox.entities["sourceConnections"].get(run.source_id)
        target = sandbox.entities["targetConnections"].get(run.target_id)
        base = sandbox.entities["connections"].get(target.document["baseConnectionId"]) if target else None
        if flow is None or source is None or target is None or base is None:
            return None
        return cls(flow, source, target, base)

    def place(self, world: World, sandbox: Sandbox) -> Place:
        """What folder and file names say about it."""
        return Place(
            destination=world.specs.connections[self.target.document["connectionSpec"]["id"]]["name"],
            flow_id=self.flow.id,
            flow_name=self.flow.document["name"],
            sandbox=sandbox.name,
            organization=world.settings.org_name,
        )
