"""Keeps the error that ended a batch of files."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.messages import KeepFailure, KeptFailure
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import check_files


@step(KeepFailure)
def handler(message: KeepFailure) -> KeptFailure:
    """The step ``keep_failure`` of the ``deliver`` workflow."""
    return check_files.keep_failure(message, services())
