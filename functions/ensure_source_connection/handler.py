"""Makes sure of exactly one source connection for exactly these datasets."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.messages import EnsuredResource, EnsureResource
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import ensure_resource


@step(EnsureResource)
def handler(message: EnsureResource) -> EnsuredResource:
    """The step ``ensure_source_connection`` of the ``deliver`` workflow."""
    return ensure_resource.ensure_source_connection(message, services())
