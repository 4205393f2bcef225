"""What there is in Adobe of a delivery: found by owner marker, cross-checked with the journal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from aep_delivery.adobe.errors import EntityNotFoundError
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.models import Entity
from aep_delivery.planning.declared import DeclaredResource
from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.runtime.errors import InternalError, UserError
from aep_delivery.state.records import JournalEntry, ResourceKind


class LiveResource(BaseModel):
    """An entity as Flow Service answers it."""

    model_config = ConfigDict(frozen=True)

    id: str
    etag: str
    body: dict[str, Any]
    """The whole entity, Adobe's additions and foreign fields too."""


class LiveResources(BaseModel):
    """The entities of one kind that a delivery owns."""

    model_config = ConfigDict(frozen=True)

    current: LiveResource | None
    """The one that is, in what no update can change, as declared."""
    superseded: tuple[LiveResource, ...] = ()
    """Owned ones that are not: left over from a replacement, or about to be replaced."""


def get_live(flow_service: FlowService, kind: ResourceKind, entity_id: str) -> LiveResource | None:
    """One entity by id, or None where Adobe has no such thing."""
    get = {
        ResourceKind.BASE_CONNECTION: flow_service.get_connection,
        ResourceKind.SOURCE_CONNECTION: flow_service.get_source_connection,
        ResourceKind.TARGET_CONNECTION: flow_service.get_target_connection,
        ResourceKind.DATAFLOW: flow_service.get_dataflow,
    }[kind]
    try:
        return _live(get(entity_id))
    except EntityNotFoundError:
        return None


def find_live(
    flow_service: FlowService, declared: DeclaredResource, marker: OwnerMarker, entry: JournalEntry | None
) -> LiveResources:
    """Find what the delivery owns of one kind.

    Args:
        flow_service: Adobe, in the delivery's sandbox.
        declared: What is wanted; decides which of several is the current one.
        marker: Whose.
        entry: What the journal knows of it.

    Raises:
        InternalError: ``ownership.ambiguous``; several current ones carry the marker. Nothing is guessed or deleted.
        UserError: ``ownership.marker-removed``; the one the journal knows is there, but its marker is not.
    """
    owned = [entity for entity in _listed(flow_service, declared) if marker.marks(entity.body.get("description"))]
    if entry is not None and entry.done is not None and entry.done.resource_id not in {e.id for e in owned}:
        known = get_live(flow_service, declared.kind, entry.done.resource_id)
        if known is not None and marker.marks(known.body.get("description")):
            owned.append(known)
        elif known is not None:
            raise UserError(
                f"The {declared.kind} {known.id} was made by this delivery, but its owner marker was removed.",
                code="ownership.marker-removed",
                place=known.id,
                hint=f"Put {marker.text} back at the end of its description, or delete it in Adobe.",
            )
    current = [entity for entity in owned if identity(declared.kind, entity.body) == _identity_of(declared)]
    if len(current) > 1:
        raise InternalError(
            f"{len(current)} entities in Adobe carry the owner marker of this delivery's {declared.kind}.",
            code="ownership.ambiguous",
            details=[entity.id for entity in current],
            hint="Decide in Adobe which one stays, and delete the others or the marker in their descriptions.",
        )
    return LiveResources(
        current=current[0] if current else None,
        superseded=tuple(sorted((e for e in owned if e not in current), key=lambda e: e.id)),
    )


def identity(kind: ResourceKind, body: dict[str, Any]) -> tuple[str, ...]:
    """What no update can change: two bodies that differ in it need two entities."""
    if kind is ResourceKind.DATAFLOW:
        return (body["flowSpec"]["id"],)
    spec = body["connectionSpec"]["id"]
    if kind is ResourceKind.SOURCE_CONNECTION:
        datasets = (body.get("params") or {}).get("datasets") or []
        return (spec, *sorted(dataset["dataSetId"] for dataset in datasets))
    if kind is ResourceKind.TARGET_CONNECTION:
        return (spec, body.get("baseConnectionId", ""))
    return (spec,)


def _identity_of(declared: DeclaredResource) -> tuple[str, ...]:
    return identity(declared.kind, declared.body)


def _listed(flow_service: FlowService, declared: DeclaredResource) -> list[LiveResource]:
    body = declared.body
    found: Iterable[Entity]
    match declared.kind:
        case ResourceKind.BASE_CONNECTION:
            found = flow_service.find_connections(connection_spec_id=body["connectionSpec"]["id"])
        case ResourceKind.SOURCE_CONNECTION:
            found = flow_service.find_source_connections(connection_spec_id=body["connectionSpec"]["id"])
        case ResourceKind.TARGET_CONNECTION:
            found = flow_service.find_target_connections(connection_spec_id=body["connectionSpec"]["id"])
        case ResourceKind.DATAFLOW:
            found = flow_service.find_dataflows(flow_spec_id=body["flowSpec"]["id"])
    return [_live(entity) for entity in found]


def _live(entity: Entity) -> LiveResource:
    body = entity.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return LiveResource(id=entity.id, etag=entity.etag or "", body=body)
