"""Removes what a delivery owns in Adobe, one step of the ``remove`` workflow after the other."""

from __future__ import annotations

from aep_delivery.applying.remove import Remover
from aep_delivery.events.details import RemovedResource
from aep_delivery.workflow.removal_messages import (
    DisableDataflow,
    Doomed,
    Gone,
    RemovalStep,
    RemoveConnections,
    RemoveDataflow,
)
from aep_delivery.workflow.services import LOCK_TTL, Services


def disable_dataflow(message: DisableDataflow, services: Services) -> Doomed:
    """Say what will be removed, refuse where anything speaks against it, and stop the exports.

    Raises:
        UserError: ``remove.unknown-delivery``, ``ownership.not-in-journal``, ``ownership.marker-removed``,
            ``remove.in-use``; nothing was touched.
    """
    remover = _remover(message, services)
    doomed = remover.check()
    remover.disable_dataflow()
    fields = [{"kind": one.kind.value, "id": one.id, "name": one.name} for one in doomed]
    return Doomed(resources=[RemovedResource.model_validate(resource) for resource in fields])


def remove_dataflow(message: RemoveDataflow, services: Services) -> Gone:
    """Delete the dataflow; over when Adobe finds it no more."""
    _remover(message, services).remove_dataflow()
    return Gone()


def remove_connections(message: RemoveConnections, services: Services) -> Gone:
    """Delete target, source and base connection, and forget the delivery."""
    _remover(message, services).remove_connections()
    return Gone()


def _remover(message: RemovalStep, services: Services) -> Remover:
    fence = services.fence(message.delivery_id, message.execution, message.lock.token)
    # The steps before may have waited for long; each has its full time again.
    services.store.renew_lock(fence, LOCK_TTL)
    sandbox = message.delivery_id.partition("/")[0]
    return Remover(
        flow_service=services.flow_service(sandbox),
        store=services.store,
        fence=fence,
        owner=services.settings.owner,
        clock=services.clock,
    )
