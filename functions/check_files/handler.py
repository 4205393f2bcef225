"""Opens the files of one batch."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.messages import CheckedFiles, CheckFiles
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import check_files


@step(CheckFiles)
def handler(message: CheckFiles) -> CheckedFiles:
    """The step ``check_files`` of the ``deliver`` workflow."""
    return check_files.check_files(message, services())
