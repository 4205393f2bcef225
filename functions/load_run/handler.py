"""Claims a run and gathers what verifying it needs."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import load_run
from aep_delivery.workflow.watch_messages import LoadRun, RunToVerify


@step(LoadRun)
def handler(message: LoadRun) -> RunToVerify:
    """The step ``load_run`` of the ``verify_run`` workflow."""
    return load_run.load_run(message, services())
