"""Writes the receipt and tells the event bus."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.messages import Recorded, RecordOutcome
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import record_outcome


@step(RecordOutcome)
def handler(message: RecordOutcome) -> Recorded:
    """The step ``record_outcome`` of the ``deliver`` workflow."""
    return record_outcome.record_outcome(message, services())
