"""Says what will be removed, and stops the exports."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.removal_messages import DisableDataflow, Doomed
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import remove_resources


@step(DisableDataflow)
def handler(message: DisableDataflow) -> Doomed:
    """The step ``disable_dataflow`` of the ``remove`` workflow."""
    return remove_resources.disable_dataflow(message, services())
