"""Input and output of the steps of a removal."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from aep_delivery.events.details import RemovedResource
from aep_delivery.events.removal import DeliveryId
from aep_delivery.workflow.messages import LockRef, Message


class RemovalStep(Message):
    """What each removing step is told."""

    execution: str
    delivery_id: DeliveryId
    lock: LockRef


class DisableDataflow(RemovalStep):
    pass


class Doomed(Message):
    """What the delivery owns in Adobe, users before what they use, and what will be gone in the end."""

    resources: list[RemovedResource]


class RemoveDataflow(RemovalStep):
    pass


class RemoveConnections(RemovalStep):
    pass


class Gone(Message):
    gone: bool = True


class RecordRemoval(Message):
    execution: str
    delivery_id: DeliveryId
    resources: list[RemovedResource]


class RemovalRecord(Message):
    """What is kept of a removal in the work bucket."""

    schema_version: Literal["1"] = "1"
    delivery_id: str
    execution: str
    resources: list[RemovedResource]
    """What was removed; empty where nothing was left to remove."""
    finished_at: datetime

    @property
    def reason(self) -> str:
        """The removal in one sentence."""
        if not self.resources:
            return f"Nothing of {self.delivery_id} was left in Adobe."
        count = len(self.resources)
        are = "resource is" if count == 1 else "resources are"
        return f"{count} {are} gone from Adobe with {self.delivery_id}; exported files stay."


class Removal(RemovalRecord):
    """A removal that is over."""

    record: str
    """URI of its record."""


class HandleRemovalFailure(Message):
    execution: str
    request: dict[str, Any]
    """As it came: it may be what is wrong."""
    failed_step: str
    error: str
    """The ASL error name."""
    cause: str = ""


class RemovalFailed(Message):
    error: str
    """For the Fail state: the error's code."""
    cause: str
    """For the Fail state: the error as a person reads it."""
