"""Looks for drift in one delivery, and repairs it where the config says so."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.drift_messages import DetectDrift, DriftChecked
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import detect_drift


@step(DetectDrift)
def handler(message: DetectDrift) -> DriftChecked:
    """The step ``detect_drift`` of the ``detect_drift`` workflow."""
    return detect_drift.detect_drift(message, services())
