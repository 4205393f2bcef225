"""Asks for an ad-hoc run, or names the scheduled run to wait for."""

from __future__ import annotations

from aep_delivery.running.models import AwaitedRun
from aep_delivery.runtime.step import step
from aep_delivery.workflow.messages import StartRun
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import start_run


@step(StartRun)
def handler(message: StartRun) -> AwaitedRun:
    """The step ``start_run`` of the ``deliver`` workflow."""
    return start_run.start_run(message, services())
