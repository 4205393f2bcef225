"""Judges the files that were checked in batches."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.messages import Judged, JudgeFiles
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import judge_files


@step(JudgeFiles)
def handler(message: JudgeFiles) -> Judged:
    """The step ``judge_files`` of the ``deliver`` workflow."""
    return judge_files.judge_files(message, services())
