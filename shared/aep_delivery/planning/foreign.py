"""Entities of somebody else's that a config refers to: a dataflow to adopt, a base connection to use."""

from __future__ import annotations

from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.config.destinations import ExistingConnectionAuth
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.live import LiveResource, get_live
from aep_delivery.planning.plan import PlannedAction, PlannedResource
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.records import ResourceKind


def adopted_dataflow(config: DeliveryConfig) -> dict[ResourceKind, str]:
    """The dataflow that the config says to take over, if any."""
    return {} if config.adopt is None else {ResourceKind.DATAFLOW: config.adopt.dataflow}


def connections_of(dataflow: LiveResource) -> dict[ResourceKind, str]:
    """The connections that are taken over with a dataflow. Its base connection may be others' too, so it is not."""
    sources, targets = dataflow.body.get("sourceConnectionIds") or [], dataflow.body.get("targetConnectionIds") or []
    found = {ResourceKind.SOURCE_CONNECTION: sources, ResourceKind.TARGET_CONNECTION: targets}
    return {kind: ids[0] for kind, ids in found.items() if len(ids) == 1}


def used_base_connection(config: DeliveryConfig, flow_service: FlowService) -> PlannedResource | None:
    """The base connection that is there already, where the config names one.

    Raises:
        UserError: ``destination.connection-not-found``; Adobe has no such base connection in this sandbox.
    """
    auth = config.destination.auth
    if not isinstance(auth, ExistingConnectionAuth):
        return None
    live = get_live(flow_service, ResourceKind.BASE_CONNECTION, auth.base_connection_id)
    if live is None:
        raise UserError(
            f"There is no base connection {auth.base_connection_id} in sandbox {config.sandbox}.",
            code="destination.connection-not-found",
            place="destination.auth.baseConnectionId",
            hint="Ids differ from sandbox to sandbox: take the one of this sandbox.",
        )
    return PlannedResource(
        kind=ResourceKind.BASE_CONNECTION,
        action=PlannedAction.USE,
        name=str(live.body.get("name") or ""),
        id=live.id,
    )
