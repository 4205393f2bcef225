"""Input and output of the steps that look for drift."""

from __future__ import annotations

from aep_delivery.config.changes import DriftPolicy
from aep_delivery.events.base import EventError
from aep_delivery.events.details import DriftedEntity
from aep_delivery.events.removal import DeliveryId
from aep_delivery.workflow.messages import Message


class ListDeliveries(Message):
    execution: str


class KnownDeliveries(Message):
    """All deliveries of the installation."""

    deliveries: list[str]
    """Their ids, sorted."""


class DetectDrift(Message):
    execution: str
    delivery_id: DeliveryId


class DriftChecked(Message):
    """How one delivery stands."""

    delivery_id: str
    drifted: int
    """How many of its entities are not as applied."""
    repaired: bool
    skipped: str | None
    """Why nobody looked; None where somebody did."""


class DriftReport(Message):
    """What was found of one delivery, and what was done about it."""

    delivery_id: str
    policy: DriftPolicy | None = None
    """As the config says; None where nobody looked."""
    resources: tuple[DriftedEntity, ...] = ()
    """The entities that are not as applied; none where all is well."""
    repaired: bool = False
    skipped: str | None = None
    """Why nobody looked; None where somebody did."""
    error: EventError | None = None
    """Why the delivery could not be compared, or a repair did not come to its end."""
