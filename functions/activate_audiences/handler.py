"""Puts exactly the planned audiences and attributes on the dataflow."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.messages import ActivateAudiences, ActivatedAudiences
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import activate_audiences


@step(ActivateAudiences)
def handler(message: ActivateAudiences) -> ActivatedAudiences:
    """The step ``activate_audiences`` of the ``deliver`` workflow."""
    return activate_audiences.activate_audiences(message, services())
