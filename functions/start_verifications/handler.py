"""Starts the verification of runs, as many as there is room for."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import start_verifications
from aep_delivery.workflow.watch_messages import StartVerifications, VerificationsStarted


@step(StartVerifications)
def handler(message: StartVerifications) -> VerificationsStarted:
    """The step ``start_verifications`` of the ``find_runs`` workflow."""
    return start_verifications.start_verifications(message, services())
