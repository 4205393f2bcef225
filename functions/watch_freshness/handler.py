"""Looks whether one delivery comes when it should, and will go on to."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import watch_freshness
from aep_delivery.workflow.watch_messages import FreshnessChecked, WatchFreshness


@step(WatchFreshness)
def handler(message: WatchFreshness) -> FreshnessChecked:
    """The step ``watch_freshness`` of the ``watch_freshness`` workflow."""
    return watch_freshness.watch_freshness(message, services())
