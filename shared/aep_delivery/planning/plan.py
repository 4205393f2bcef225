"""The plan: what applying a config would change in Adobe, as a document."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from aep_delivery.planning.audiences import AudienceToExport
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
    """The journal does not know it, but it carries our marker or the config says to take it over; it is marked, and
    updated where it differs."""
    KEEP = "keep"
    USE = "use"
    """It is somebody else's, and only used: never changed, never removed."""


class _PlanPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class PlannedResource(_PlanPart):
    """One resource of the delivery."""

    kind: ResourceKind
    action: PlannedAction
    name: str
    id: str | None
    """In Adobe, where it is already there."""
    changes: list[FieldChange] = []
    takes_ownership: bool = False
    """True where the owner marker would be added to an entity of somebody else's."""
    rotates_credentials: bool = False
    """True where the destination's secret has another version than the one last sent to Adobe."""
    supersedes: list[str] = []
    """Ids to be removed from Adobe once nothing refers to them."""

    @property
    def does_something(self) -> bool:
        """Whether applying has anything to do, be it only to take note of an entity."""
        return self.action not in (PlannedAction.KEEP, PlannedAction.USE) or bool(self.supersedes)

    @property
    def changes_adobe(self) -> bool:
        """Whether anything but an owner marker would be different in Adobe."""
        if self.action is PlannedAction.ADOPT:
            return bool(self.changes or self.rotates_credentials or self.supersedes)
        return self.does_something


class LeftAlone(_PlanPart):
    """An entity that bears the name of one of the delivery's, and is somebody else's."""

    kind: ResourceKind
    id: str
    name: str


class ActivationSubject(StrEnum):
    """What on a dataflow an activation is made of."""

    AUDIENCE = "audience"
    ATTRIBUTE = "attribute"
    MANDATORY_FIELDS = "mandatory-fields"
    PRIMARY_FIELDS = "primary-fields"


class ActivationAction(StrEnum):
    """What would happen to it."""

    ADD = "add"
    UPDATE = "update"
    REMOVE = "remove"


class ActivationChange(_PlanPart):
    """One thing of the activation that is not as declared."""

    subject: ActivationSubject
    action: ActivationAction
    id: str
    """The audience's id, the attribute's column, or the field's own name."""
    name: str
    """What people call it."""
    summary: str = ""
    """What is added, in a few words."""
    changes: list[FieldChange] = []


class AudienceLeftAlone(_PlanPart):
    """An audience on the dataflow that somebody else has put there."""

    id: str
    name: str


class PlannedActivation(_PlanPart):
    """What would change of the dataflow's audiences and attributes."""

    changes: list[ActivationChange] = []
    left_alone: list[AudienceLeftAlone] = []


class Severity(StrEnum):
    INFO = "info"
    """Good to know."""
    WARNING = "warning"
    """Likely to surprise later."""


class PlanWarning(_PlanPart):
    """Something the reader should know before it happens."""

    code: str
    severity: Severity = Severity.WARNING
    message: str
    source: str
    """Where it is documented."""


class Plan(_PlanPart):
    """The whole plan. Equal inputs give equal plans, byte for byte: it holds no time of its making."""

    schema_version: Literal["1"] = "1"
    config_fingerprint: str
    """Of the config it was made from: a plan is applied with this config or not at all."""
    delivery_id: str
    owner: str
    serial: int = Field(ge=0)
    """Of the journal it was made from."""
    datasets: list[DatasetToExport]
    schedule: dict[str, Any]
    """``scheduleParams`` as they will be sent."""
    audiences: list[AudienceToExport] = Field(default=[], exclude_if=lambda audiences: not audiences)
    """The audiences with their selectors; absent where datasets are exported."""
    flow_spec_id: str | None = Field(default=None, exclude_if=lambda spec_id: spec_id is None)
    """Of the dataflow, where the catalogue has only its name; absent else."""
    resources: list[PlannedResource]
    activation: PlannedActivation | None = Field(default=None, exclude_if=lambda activation: activation is None)
    """What would change of the dataflow's audiences; absent where datasets are exported."""
    left_alone: list[LeftAlone] = []
    """What looks like the delivery's and is not: it lacks the owner marker, so nothing is done to it."""
    warnings: list[PlanWarning]

    def resource(self, kind: ResourceKind) -> PlannedResource:
        """The plan for one kind. Raises ``LookupError`` where the plan has none."""
        for resource in self.resources:
            if resource.kind is kind:
                return resource
        raise LookupError(kind)

    @property
    def changes(self) -> int:
        """How many resources, and things of the activation, would be different in Adobe. Taking an entity over as it is
        does not count.
        """
        activated = len(self.activation.changes) if self.activation else 0
        return sum(resource.changes_adobe for resource in self.resources) + activated

    @property
    def does_something(self) -> bool:
        """Whether applying has anything to do, be it only to take note of an entity."""
        activates = self.activation is not None and bool(self.activation.changes)
        return activates or any(resource.does_something for resource in self.resources)
