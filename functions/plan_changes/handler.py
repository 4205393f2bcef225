"""Compares the config with Adobe and keeps the plan; writes nothing to Adobe."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.messages import PlanChanges, PlanRef
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import plan_changes


@step(PlanChanges)
def handler(message: PlanChanges) -> PlanRef:
    """The step ``plan_changes`` of the ``deliver`` workflow."""
    return plan_changes.plan_changes(message, services())
