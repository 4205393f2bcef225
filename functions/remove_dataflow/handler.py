"""Deletes the dataflow and waits until it is gone."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.removal_messages import Gone, RemoveDataflow
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import remove_resources


@step(RemoveDataflow)
def handler(message: RemoveDataflow) -> Gone:
    """The step ``remove_dataflow`` of the ``remove`` workflow."""
    return remove_resources.remove_dataflow(message, services())
