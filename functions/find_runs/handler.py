"""Finds the runs of one delivery that nobody has verified."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import find_runs
from aep_delivery.workflow.watch_messages import FindRuns, FoundRuns


@step(FindRuns)
def handler(message: FindRuns) -> FoundRuns:
    """The step ``find_runs`` of the ``find_runs`` workflow."""
    return find_runs.find_runs(message, services())
