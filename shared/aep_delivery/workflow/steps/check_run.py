"""Looks how the awaited run stands; keeps its outcome when it has one."""

from __future__ import annotations

from aep_delivery.running.check import look_at_run
from aep_delivery.workflow.documents import folder_of, write_document
from aep_delivery.workflow.messages import CheckRun, RunProgress
from aep_delivery.workflow.services import Services


def check_run(message: CheckRun, services: Services) -> RunProgress:
    """One look at the run.

    Raises:
        TransientError: Adobe asks to come back.
    """
    sandbox = message.delivery.delivery_id.partition("/")[0]
    look = look_at_run(
        message.run,
        services.flow_service(sandbox),
        polls=message.polls,
        first_wait=services.settings.poll_seconds,
    )
    key = None
    if look.outcome is not None:
        folder = folder_of(message.delivery.delivery_id, message.execution)
        key = write_document(services.documents, f"{folder}/run.json", look.outcome)
    return RunProgress(
        finished=look.outcome is not None, status=look.status, wait_seconds=look.wait_seconds, outcome=key
    )
