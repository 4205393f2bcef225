"""Names all deliveries of the installation."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.drift_messages import KnownDeliveries, ListDeliveries
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import list_deliveries


@step(ListDeliveries)
def handler(message: ListDeliveries) -> KnownDeliveries:
    """The step ``list_deliveries`` of the ``detect_drift`` workflow."""
    return list_deliveries.list_deliveries(message, services())
