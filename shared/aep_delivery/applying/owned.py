"""What a delivery owns in a sandbox, and who else uses it: owner markers crossed with the journal.

Destroying needs both. A marker alone may have been copied with a description; a journal alone may remember what a
person has made their own since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict

from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.models import Entity
from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.records import Action, JournalEntry, JournalKey, ResourceKind

REMOVAL_ORDER = (
    ResourceKind.DATAFLOW,
    ResourceKind.TARGET_CONNECTION,
    ResourceKind.SOURCE_CONNECTION,
    ResourceKind.PROFILE_STORE_CONNECTION,
    ResourceKind.BASE_CONNECTION,
)
"""Users before what they use, since Adobe refuses to delete what is in use."""


class OwnedResource(BaseModel):
    """One resource that the journal knows."""

    model_config = ConfigDict(frozen=True)

    kind: ResourceKind
    id: str
    name: str | None
    """In Adobe; None where it is gone from there."""


class Sandbox:
    """The entities of a sandbox as they were listed, beside a delivery's journal.

    Args:
        flow_service: Adobe, in the delivery's sandbox. Everything is listed, all pages.
        journal: What is known of the delivery.
        owner: The installation.
        delivery_id: ``sandbox/name``.
    """

    def __init__(
        self, flow_service: FlowService, journal: Mapping[JournalKey, JournalEntry], *, owner: str, delivery_id: str
    ) -> None:
        self._journal = journal
        self._markers = {kind: OwnerMarker(owner=owner, delivery_id=delivery_id, kind=kind) for kind in ResourceKind}
        self._dataflows = list(flow_service.find_dataflows())
        self._targets = list(flow_service.find_target_connections())
        self._sources = list(flow_service.find_source_connections())
        connections: dict[str, Entity] = {entity.id: entity for entity in flow_service.find_connections()}
        self._entities: dict[ResourceKind, dict[str, Entity]] = {
            ResourceKind.DATAFLOW: {entity.id: entity for entity in self._dataflows},
            ResourceKind.TARGET_CONNECTION: {entity.id: entity for entity in self._targets},
            ResourceKind.SOURCE_CONNECTION: {entity.id: entity for entity in self._sources},
            ResourceKind.PROFILE_STORE_CONNECTION: connections,
            ResourceKind.BASE_CONNECTION: connections,
        }

    def owned(self) -> list[OwnedResource]:
        """What the journal knows, users first."""
        return [
            OwnedResource(kind=kind, id=entity_id, name=there.name if (there := self._there(kind, entity_id)) else None)
            for kind in REMOVAL_ORDER
            for entity_id in known_ids(self._journal.get(kind))
        ]

    def strays(self, kind: ResourceKind) -> list[Entity]:
        """Entities with the delivery's marker that the journal does not know."""
        known = known_ids(self._journal.get(kind))
        return [
            entity
            for entity in self._entities[kind].values()
            if self._markers[kind].marks(entity.description) and entity.id not in known
        ]

    def announced(self, kind: ResourceKind) -> Entity | None:
        """The one stray that an unresolved announcement of the journal explains: its answer was lost."""
        entry, strays = self._journal.get(kind), self.strays(kind)
        if entry is None or entry.intent is None or len(strays) != 1:
            return None
        explained = entry.intent.action is Action.CREATE or entry.intent.resource_id == strays[0].id
        return strays[0] if explained else None

    def refuse_foreign(self) -> None:
        """Refuse where marker and journal disagree, or where what is owned serves somebody else too.

        Raises:
            UserError: ``ownership.not-in-journal``, ``ownership.marker-removed`` or ``remove.in-use``.
        """
        orphans = [(kind, entity) for kind in REMOVAL_ORDER if not self.announced(kind) for entity in self.strays(kind)]
        if orphans:
            raise UserError(
                f"{len(orphans)} entities in Adobe carry this delivery's owner marker, but its journal does not know "
                "them; nothing was removed.",
                code="ownership.not-in-journal",
                details=[_line(kind, entity) for kind, entity in orphans],
                hint="Deliver or apply the config once, which takes over what carries its marker, then remove it; or "
                "take the marker out of the description of what is not this delivery's.",
            )
        for owned in self.owned():
            entity = self._there(owned.kind, owned.id)
            if entity is not None:
                refuse_unmarked(self._markers[owned.kind], entity.id, entity.description)
        self._refuse_shared()

    def foreign_users(self, kind: ResourceKind, entity_id: str) -> list[str]:
        """What of others refers to an entity, one line each."""
        return [
            _line(user_kind, user)
            for user_kind, user in self._users(kind, entity_id)
            if not self._markers[user_kind].marks(user.description)
        ]

    def _users(self, kind: ResourceKind, entity_id: str) -> Iterator[tuple[ResourceKind, Entity]]:
        match kind:
            case ResourceKind.BASE_CONNECTION | ResourceKind.PROFILE_STORE_CONNECTION:
                for source in self._sources:
                    if source.base_connection_id == entity_id:
                        yield ResourceKind.SOURCE_CONNECTION, source
                for target in self._targets:
                    if target.base_connection_id == entity_id:
                        yield ResourceKind.TARGET_CONNECTION, target
            case ResourceKind.SOURCE_CONNECTION | ResourceKind.TARGET_CONNECTION:
                for flow in self._dataflows:
                    if entity_id in {*flow.source_connection_ids, *flow.target_connection_ids}:
                        yield ResourceKind.DATAFLOW, flow
            case ResourceKind.DATAFLOW:
                pass

    def _refuse_shared(self) -> None:
        for owned in self.owned():
            refuse_used(owned.kind, owned.id, self.foreign_users(owned.kind, owned.id))

    def _there(self, kind: ResourceKind, entity_id: str) -> Entity | None:
        return self._entities[kind].get(entity_id)


def known_ids(entry: JournalEntry | None) -> list[str]:
    """The ids an entry of the journal holds, replaced ones first."""
    if entry is None:
        return []
    return [*entry.superseded, *([entry.done.resource_id] if entry.done else [])]


def refuse_unmarked(marker: OwnerMarker, entity_id: str, description: str | None) -> None:
    """Refuse to touch what lacks its marker.

    Raises:
        UserError: ``ownership.marker-removed``.
    """
    if not marker.marks(description):
        raise UserError(
            f"The journal knows the {marker.kind} {entity_id}, but in Adobe it does not carry this delivery's owner "
            "marker any more.",
            code="ownership.marker-removed",
            place=entity_id,
            hint=f"Put {marker.text} back at the end of its description, or delete it in Adobe yourself; then remove "
            "the delivery again.",
        )


def refuse_used(kind: ResourceKind, entity_id: str, users: list[str]) -> None:
    """Refuse to remove what others rely on.

    Raises:
        UserError: ``remove.in-use``, naming every user.
    """
    if users:
        raise UserError(
            f"The {kind} {entity_id} is used by something that is not this delivery's.",
            code="remove.in-use",
            place=entity_id,
            details=users,
            hint="Have those use another one, or delete them in Adobe; then remove the delivery again.",
        )


def _line(kind: ResourceKind, entity: Entity) -> str:
    return f"{kind} {entity.id} {entity.name or ''}".rstrip()
