"""The plan: what applying a config would change in Adobe, as a document."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from aep_delivery.planning.declared import DatasetToExport
from aep_delivery.planning.diff import FieldChange
from aep_delivery.state.records import ResourceKind


class PlannedAction(StrEnum):
    """What would happen to one resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    """What differs is fixed at creation: a new one is made, the dataflow relinked, the old one removed last."""
    ADOPT = "adopt"
    """It carries our marker, but the journal does not know it: it is taken over, and updated where it differs."""
    KEEP = "keep"


class PlannedResource(BaseModel):
    """One resource of the delivery."""

    model_config = ConfigDict(frozen=True)

    kind: ResourceKind
    action: PlannedAction
    name: str
    id: str | None
    """In Adobe, where it is already there."""
    changes: list[FieldChange] = []
    rotates_credentials: bool = False
    """True where the destination's secret has another version than the one last sent to Adobe."""
    supersedes: list[str] = []
    """Ids to be removed from Adobe once nothing refers to them."""

    @property
    def does_something(self) -> bool:
        return self.action is not PlannedAction.KEEP or bool(self.supersedes)


class PlanWarning(BaseModel):
    """Something the reader should know before it happens."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    source: str
    """Where it is documented."""


class Plan(BaseModel):
    """The whole plan. Equal inputs give equal plans, byte for byte: it holds no time of its making."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal["1"] = "1"
    delivery_id: str
    owner: str
    serial: int = Field(ge=0)
    """Of the journal it was made from."""
    datasets: list[DatasetToExport]
    schedule: dict[str, Any]
    """``scheduleParams`` as they will be sent."""
    resources: list[PlannedResource]
    warnings: list[PlanWarning]

    def resource(self, kind: ResourceKind) -> PlannedResource:
        """The plan for one kind. Raises ``LookupError`` where the plan has none."""
        for resource in self.resources:
            if resource.kind is kind:
                return resource
        raise LookupError(kind)

    @property
    def changes(self) -> int:
        """How many resources would change."""
        return sum(resource.does_something for resource in self.resources)
