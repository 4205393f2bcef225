"""Deletes target, source and base connection, and forgets the delivery."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.removal_messages import Gone, RemoveConnections
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import remove_resources


@step(RemoveConnections)
def handler(message: RemoveConnections) -> Gone:
    """The step ``remove_connections`` of the ``remove`` workflow."""
    return remove_resources.remove_connections(message, services())
