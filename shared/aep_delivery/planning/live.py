"""What there is in Adobe of a delivery: found by owner marker, cross-checked with the journal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from aep_delivery.adobe.answers import unreadable
from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.errors import EntityNotFoundError
from aep_delivery.adobe.models import Entity
from aep_delivery.planning.declared import DeclaredResource
from aep_delivery.planning.ownership import OwnerMarker, read_marker
from aep_delivery.runtime.errors import InternalError, UserError
from aep_delivery.state.records import Action, JournalEntry, ResourceKind

if TYPE_CHECKING:
    from aep_delivery.adobe.flow_service import FlowService


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
    lookalikes: tuple[LiveResource, ...] = ()
    """Of the same name, but not the delivery's: a reader may take them for it, we leave them alone."""

    def unknown_to(self, entry: JournalEntry | None) -> list[LiveResource]:
        """Those that the journal has never heard of."""
        known = _known_ids(entry)
        return [live for live in (self.current, *self.superseded) if live is not None and live.id not in known]


def get_live(flow_service: FlowService, kind: ResourceKind, entity_id: str) -> LiveResource | None:
    """One entity by id, or None where Adobe has no such thing."""
    get = {
        ResourceKind.BASE_CONNECTION: flow_service.get_connection,
        ResourceKind.PROFILE_STORE_CONNECTION: flow_service.get_connection,
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
        InternalError: ``ownership.ambiguous``; more entities carry the marker than the journal accounts for. Nothing is
            guessed or deleted.
        UserError: ``ownership.marker-removed``; the one the journal knows is there, but its marker is not.
    """
    listed = [live for live in _listed(flow_service, declared) if not _being_deleted(live)]
    owned = [live for live in listed if marker.marks(live.body.get("description"))]
    if entry is not None and entry.done is not None and entry.done.resource_id not in {live.id for live in owned}:
        known = get_live(flow_service, declared.kind, entry.done.resource_id)
        if known is not None and not _being_deleted(known):
            owned.append(_still_marked(known, marker))
    if not owned and declared.adopts is not None:
        adopted = _to_adopt(flow_service, declared, declared.adopts)
        return LiveResources(current=adopted)
    current = [live for live in owned if _fits(declared, live)]
    others = sorted((live for live in owned if live not in current), key=lambda live: live.id)
    if len(current) > 1:
        raise _ambiguous(declared.kind, owned)
    lives = LiveResources(
        current=current[0] if current else None,
        superseded=tuple(others),
        lookalikes=tuple(
            sorted(
                (live for live in listed if live not in owned and live.body.get("name") == declared.name),
                key=lambda live: live.id,
            )
        ),
    )
    # One that the journal does not know is what a lost request made, or all that is left after the journal was lost.
    # Beside others that nobody announced it may as well be somebody's copy.
    announced = entry is not None and entry.intent is not None and entry.intent.action is Action.CREATE
    unknown = lives.unknown_to(entry)
    if len(unknown) > 1 or (unknown and len(owned) > 1 and not announced):
        raise _ambiguous(declared.kind, owned)
    return lives


def identity(kind: ResourceKind, body: dict[str, Any]) -> tuple[str, ...]:
    """What no update can change: two bodies that differ in it need two entities.

    Raises:
        AdobeInternalError: ``adobe.answer-unreadable``: an entity of Adobe's lacks what says so. Taken for another one,
            it would be replaced.
    """
    try:
        return _identity(kind, body)
    except (LookupError, TypeError, AttributeError):
        raise unreadable(f"the question for a {kind}", "it lacks what no update can change") from None


def _identity(kind: ResourceKind, body: dict[str, Any]) -> tuple[str, ...]:
    if kind is ResourceKind.DATAFLOW:
        return (body["flowSpec"]["id"],)
    spec = body["connectionSpec"]["id"]
    if kind is ResourceKind.SOURCE_CONNECTION and spec == load_catalogue().profile_store.connection_spec.id:
        return (spec, body.get("baseConnectionId", ""))
    if kind is ResourceKind.SOURCE_CONNECTION:
        datasets = (body.get("params") or {}).get("datasets") or []
        return (spec, *sorted(dataset["dataSetId"] for dataset in datasets))
    if kind is ResourceKind.TARGET_CONNECTION:
        return (spec, body.get("baseConnectionId", ""))
    return (spec,)


def _fits(declared: DeclaredResource, live: LiveResource) -> bool:
    """Whether updates can make an entity what is declared."""
    body = live.body
    if declared.kind is ResourceKind.SOURCE_CONNECTION and "baseConnectionId" not in declared.body:
        # Adobe may show a base connection that nobody asked for.
        body = {name: value for name, value in body.items() if name != "baseConnectionId"}
    # Rotating replaces the parameters of a way to authenticate, not the way.
    auth_spec = (body.get("auth") or {}).get("specName") if isinstance(body.get("auth"), dict) else None
    return identity(declared.kind, body) == identity(declared.kind, declared.body) and (
        auth_spec not in declared.other_auth_specs
    )


def _known_ids(entry: JournalEntry | None) -> set[str]:
    if entry is None:
        return set()
    return {*entry.superseded, *([entry.done.resource_id] if entry.done else [])}


def _being_deleted(live: LiveResource) -> bool:
    """Adobe shows a deleted dataflow for a while yet, as ``delete-finalizing``."""
    return str(live.body.get("state", "")).startswith("delet")


def _to_adopt(flow_service: FlowService, declared: DeclaredResource, entity_id: str) -> LiveResource:
    """Somebody's entity that is to become the delivery's. It must be what an update can make of it."""
    live = get_live(flow_service, declared.kind, entity_id)
    if live is None:
        raise UserError(
            f"There is no {declared.kind} {entity_id} to adopt.",
            code="adopt.not-found",
            place="adopt.dataflow",
            hint="Take the id of a dataflow in this sandbox, or leave `adopt` out to make a new one.",
        )
    if (other := read_marker(live.body.get("description"))) is not None:
        raise UserError(
            f"The {declared.kind} {entity_id} belongs to the delivery {other.delivery_id} of {other.owner}.",
            code="ownership.foreign",
            place="adopt.dataflow",
            hint="One entity has one owner: remove it from the other delivery first.",
        )
    if not _fits(declared, live):
        raise UserError(
            f"The {declared.kind} {entity_id} cannot become what the config declares: what differs is fixed for good.",
            code="adopt.does-not-fit",
            place="adopt.dataflow",
            hint="`aep-delivery adopt` writes the config that fits; change it after it was applied.",
        )
    return live


def _still_marked(live: LiveResource, marker: OwnerMarker) -> LiveResource:
    if marker.marks(live.body.get("description")):
        return live
    raise UserError(
        f"The {marker.kind} {live.id} was made by this delivery, but its owner marker was removed.",
        code="ownership.marker-removed",
        place=live.id,
        hint=f"Put {marker.text} back at the end of its description, or delete it in Adobe.",
    )


def _ambiguous(kind: ResourceKind, owned: list[LiveResource]) -> InternalError:
    return InternalError(
        f"{len(owned)} entities in Adobe carry the owner marker of this delivery's {kind}.",
        code="ownership.ambiguous",
        details=sorted(live.id for live in owned),
        hint="Decide in Adobe which one stays, and delete the others or the marker in their descriptions.",
    )


def _listed(flow_service: FlowService, declared: DeclaredResource) -> list[LiveResource]:
    body = declared.body
    found: Iterable[Entity]
    match declared.kind:
        case ResourceKind.BASE_CONNECTION | ResourceKind.PROFILE_STORE_CONNECTION:
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
