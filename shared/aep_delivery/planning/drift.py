"""Drift: where Adobe no longer is as it was last applied."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from aep_delivery.planning.diff import FieldChange
from aep_delivery.planning.plan import Plan, PlannedAction, PlannedResource
from aep_delivery.state.records import ResourceKind


class DriftKind(StrEnum):
    """What happened to an entity."""

    DELETED = "deleted"
    DISABLED = "disabled"
    CHANGED = "changed"


class DriftedResource(BaseModel):
    """One entity that is not as applied."""

    model_config = ConfigDict(frozen=True)

    kind: ResourceKind
    id: str | None
    """None where it is gone."""
    name: str
    drift: DriftKind
    changes: list[FieldChange] = []
    """Field by field: ``before`` is what is live, ``after`` what was applied."""


def drift_in(plan: Plan) -> list[DriftedResource]:
    """What a plan made from the config as last applied says of Adobe.

    Such a plan would be empty if nobody had touched anything: all that it would change is drift. A new version of the
    destination's secret is not; nobody has changed anything in Adobe.
    """
    return [drifted for resource in plan.resources if (drifted := _drifted(resource)) is not None]


def _drifted(resource: PlannedResource) -> DriftedResource | None:
    if resource.action in (PlannedAction.CREATE, PlannedAction.REPLACE):
        drift = DriftKind.DELETED
    elif not resource.changes:
        return None
    elif any(change.path == "state" for change in resource.changes):
        drift = DriftKind.DISABLED
    else:
        drift = DriftKind.CHANGED
    return DriftedResource(
        kind=resource.kind, id=resource.id, name=resource.name, drift=drift, changes=resource.changes
    )
