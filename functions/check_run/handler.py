"""Looks how the awaited run stands."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.messages import CheckRun, RunProgress
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import check_run


@step(CheckRun)
def handler(message: CheckRun) -> RunProgress:
    """The step ``check_run`` of the ``deliver`` workflow."""
    return check_run.check_run(message, services())
