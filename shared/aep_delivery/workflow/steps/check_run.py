"""Looks how the awaited run stands; keeps its outcome when it has one."""

from __future__ import annotations

from aep_delivery.running.check import look_at_run
from aep_delivery.running.models import RunTrigger
from aep_delivery.runtime.metrics import count
from aep_delivery.workflow.announcing import Announcer
from aep_delivery.workflow.documents import folder_of, write_document
from aep_delivery.workflow.messages import CheckRun, RunProgress
from aep_delivery.workflow.run_claims import taken_elsewhere
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
    delivery_id, run = message.delivery.delivery_id, message.run
    if look.outcome is not None and (elsewhere := taken_elsewhere(look.outcome, message, services)) is not None:
        return elsewhere
    announcer = Announcer(message.execution, delivery_id, services)
    # Of an ad-hoc run, the step that has started it has told.
    begins = run.trigger is RunTrigger.SCHEDULED and bool(look.run_ids) and not message.begun
    if begins:
        announcer.run_started(run, look.run_ids)
    key = None
    if look.outcome is not None:
        key = write_document(services.documents, f"{folder_of(delivery_id, message.execution)}/run.json", look.outcome)
        announcer.run_finished(run, look.outcome, key)
        count(RunsEnded=len(look.outcome.run_ids))
    return RunProgress(
        finished=look.outcome is not None,
        status=look.status,
        wait_seconds=look.wait_seconds,
        outcome=key,
        begun=message.begun or begins,
    )
