"""Drift: where Adobe no longer is as it was last applied."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from aep_delivery.planning.declared import KNOWN_AFTER_APPLY
from aep_delivery.planning.diff import FieldChange
from aep_delivery.planning.plan import (
    ActivationAction,
    ActivationSubject,
    Plan,
    PlannedAction,
    PlannedActivation,
    PlannedResource,
)
from aep_delivery.state.records import ResourceKind

_BASES = {
    ResourceKind.TARGET_CONNECTION: ResourceKind.BASE_CONNECTION,
    ResourceKind.SOURCE_CONNECTION: ResourceKind.PROFILE_STORE_CONNECTION,
}


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
    """As it should be called."""
    drift: DriftKind
    changes: list[FieldChange] = []
    """Field by field: ``before`` is what is live, ``after`` what was applied. Empty where the entity is gone, and where
    what differs is fixed at creation (the datasets of a source connection, say)."""


def drift_in(plan: Plan) -> list[DriftedResource]:
    """What a plan made from the config as last applied says of Adobe.

    Such a plan would be empty if nobody had touched anything: all that it would change is drift. Two things are not: a
    new version of the destination's secret, since nobody has changed anything in Adobe; and what a plan changes only
    because something else is gone, as the link of a dataflow to a source connection that was deleted.
    """
    return [drifted for resource in plan.resources if (drifted := _drifted(resource, plan)) is not None]


def activation_fields(activation: PlannedActivation) -> Iterator[FieldChange]:
    """What of a dataflow's audiences and attributes would change, field by field."""
    for change in activation.changes:
        match change.subject:
            case ActivationSubject.AUDIENCE | ActivationSubject.ATTRIBUTE:
                path = f"{change.subject}s[{change.name}]"
                there = change.summary or change.name
                if change.action is ActivationAction.ADD:
                    yield FieldChange(path=path, before=None, after=there)
                elif change.action is ActivationAction.REMOVE:
                    yield FieldChange(path=path, before=there, after=None)
                else:
                    for field in change.changes:
                        yield field.model_copy(update={"path": f"{path}.{field.path}"})
            case ActivationSubject.MANDATORY_FIELDS | ActivationSubject.PRIMARY_FIELDS:
                yield from change.changes


def _drifted(resource: PlannedResource, plan: Plan) -> DriftedResource | None:
    changes = [change for change in resource.changes if not _follows(change)]
    if resource.kind is ResourceKind.DATAFLOW and resource.id is not None and plan.activation is not None:
        changes += activation_fields(plan.activation)
    entity_id = resource.id
    if resource.action is PlannedAction.REPLACE:
        if _has_lost_its_base(resource, plan):
            return None
        drift = DriftKind.CHANGED
        entity_id = resource.supersedes[0] if len(resource.supersedes) == 1 else None
    elif resource.action is PlannedAction.CREATE:
        drift = DriftKind.DELETED
    elif not changes:
        return None
    elif any(change.path == "state" for change in changes):
        drift = DriftKind.DISABLED
    else:
        drift = DriftKind.CHANGED
    return DriftedResource(kind=resource.kind, id=entity_id, name=resource.name, drift=drift, changes=changes)


def _follows(change: FieldChange) -> bool:
    """Whether a field changes only because what it refers to is made anew."""
    return isinstance(change.after, list) and KNOWN_AFTER_APPLY in change.after


def _has_lost_its_base(resource: PlannedResource, plan: Plan) -> bool:
    base = _BASES.get(resource.kind)
    return any(one.kind is base and one.id is None for one in plan.resources)
