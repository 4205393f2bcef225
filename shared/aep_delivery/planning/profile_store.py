"""The second base connection of the first generation: the delivery's own, or the one its source connection hangs on.

A dataflow that was taken over has a source connection on somebody's base connection to the profile store. That one is
used as it is, since others may use it too; it is never changed and never removed.
"""

from __future__ import annotations

from collections.abc import Mapping

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.planning.decide import decide
from aep_delivery.planning.declared import Declaration
from aep_delivery.planning.live import LiveResource, LiveResources, find_live, get_live
from aep_delivery.planning.plan import PlannedAction, PlannedResource
from aep_delivery.state.records import JournalEntry, JournalKey, ResourceKind

_KIND = ResourceKind.PROFILE_STORE_CONNECTION


def plan_profile_store(
    declaration: Declaration,
    flow_service: FlowService,
    journal: Mapping[JournalKey, JournalEntry],
    adopted_source_id: str | None,
) -> tuple[LiveResources, PlannedResource]:
    """What is there of the connection to the profile store, and what has to be done.

    Args:
        declaration: Of a delivery to a destination of the first generation.
        flow_service: Adobe, in the delivery's sandbox.
        journal: What is known of the delivery.
        adopted_source_id: The source connection that is to be taken over, if any.

    Raises:
        UserError, InternalError: As :func:`find_live`.
    """
    declared = declaration.profile_store_connection()
    live = find_live(flow_service, declared, declaration.marker(_KIND), journal.get(_KIND))
    if live.current is None and not live.superseded:
        used = _used(declaration, flow_service, journal, adopted_source_id)
        if used is not None:
            name = str(used.body.get("name") or "")
            return live, PlannedResource(kind=_KIND, action=PlannedAction.USE, name=name, id=used.id)
    return live, decide(declared, live, journal.get(_KIND))


def _used(
    declaration: Declaration,
    flow_service: FlowService,
    journal: Mapping[JournalKey, JournalEntry],
    adopted_source_id: str | None,
) -> LiveResource | None:
    kind = ResourceKind.SOURCE_CONNECTION
    if adopted_source_id is not None:
        source = get_live(flow_service, kind, adopted_source_id)
    else:
        # On which base connection it hangs is what is asked here, so none of ours is the current one yet.
        own = find_live(
            flow_service,
            declaration.source_connection(None).model_copy(update={"adopts": None}),
            declaration.marker(kind),
            journal.get(kind),
        )
        entry = journal.get(kind)
        known = entry.done.resource_id if entry is not None and entry.done is not None else None
        source = next((one for one in own.superseded if one.id == known), None)
    base_id = source.body.get("baseConnectionId") if source is not None else None
    base = get_live(flow_service, ResourceKind.BASE_CONNECTION, base_id) if base_id else None
    spec = load_catalogue().profile_store.connection_spec.id
    return base if base is not None and (base.body.get("connectionSpec") or {}).get("id") == spec else None
