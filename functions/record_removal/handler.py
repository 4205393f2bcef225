"""Keeps the record of a removal and tells the event bus."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.removal_messages import RecordRemoval, Removal
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import record_removal


@step(RecordRemoval)
def handler(message: RecordRemoval) -> Removal:
    """The step ``record_removal`` of the ``remove`` workflow."""
    return record_removal.record_removal(message, services())
