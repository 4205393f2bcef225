"""Reads the dropped config at its version, checks it whole, and keeps it normalised."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.messages import DeliveryRef, LoadConfig
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import load_config


@step(LoadConfig)
def handler(message: LoadConfig) -> DeliveryRef:
    """The step ``load_config`` of the ``deliver`` workflow."""
    return load_config.load_config(message, services())
