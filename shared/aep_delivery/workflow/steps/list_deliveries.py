"""Names all deliveries of the installation."""

from __future__ import annotations

from aep_delivery.workflow.drift_messages import KnownDeliveries, ListDeliveries
from aep_delivery.workflow.services import Services


def list_deliveries(message: ListDeliveries, services: Services) -> KnownDeliveries:
    """The ids of all deliveries that the state store knows, whatever their state."""
    del message
    return KnownDeliveries(deliveries=sorted(services.store.deliveries()))
