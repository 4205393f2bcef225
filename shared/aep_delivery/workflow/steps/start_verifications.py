"""Starts verifications, the oldest runs first, and never more at a time than are wanted."""

from __future__ import annotations

import hashlib
import json
import re

from aep_delivery.events.inbound import MAX_EXECUTION_NAME
from aep_delivery.runtime.aws import AWS_ERRORS, aws_client, aws_error
from aep_delivery.runtime.log import logger
from aep_delivery.runtime.metrics import count
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.watch_messages import FoundRun, StartVerifications, VerificationsStarted

_HASH_LENGTH = 32


def start_verifications(message: StartVerifications, services: Services) -> VerificationsStarted:
    """Start as many verifications as there is room for; the others wait for the next time.

    Raises:
        TransientError: Step Functions asks to come back.
    """
    oldest_first = sorted(
        ((run, found.delivery_id) for found in message.found for run in found.runs), key=lambda one: one[0].created_at
    )
    room = services.settings.verifications_at_a_time - _under_way(services) if oldest_first else 0
    started = 0
    for run, delivery_id in oldest_first:
        if started >= room:
            break
        started += _start(run, delivery_id, services)
    waiting = sum(found.waiting for found in message.found) - started
    count(VerificationsStarted=started, RunsWaiting=waiting)
    logger.info("verifications started", extra={"started": started, "waiting": waiting})
    return VerificationsStarted(started=started, waiting=waiting)


def verification_name(delivery_id: str, run: FoundRun) -> str:
    """The name of the execution that verifies a run: the same run always has the same name, another has another.

    Step Functions refuses a second execution of a name for 90 days, which is what makes two watches at the same moment
    harmless.

    Returns:
        The delivery's name and a hash, at most 80 characters of ``a-z 0-9 -``.
    """
    # A JSON list, because joined texts are ambiguous.
    identity = json.dumps([delivery_id, run.run_id, run.attempt])
    digest = hashlib.sha256(identity.encode()).hexdigest()[:_HASH_LENGTH]
    name = re.sub(r"[^a-z0-9-]+", "-", f"run-{delivery_id}")[: MAX_EXECUTION_NAME - 1 - _HASH_LENGTH]
    return f"{name.strip('-')}-{digest}"


def _under_way(services: Services) -> int:
    """How many verifications are running, as far as they matter."""
    client, most = aws_client("stepfunctions"), services.settings.verifications_at_a_time
    try:
        answer = client.list_executions(
            stateMachineArn=services.settings.verify_run_state_machine, statusFilter="RUNNING", maxResults=most
        )
    except AWS_ERRORS as error:
        raise aws_error(error, doing="list the verifications that are running") from None
    return len(answer["executions"])


def _start(run: FoundRun, delivery_id: str, services: Services) -> bool:
    """Start one; False where it was started before."""
    name = verification_name(delivery_id, run)
    client = aws_client("stepfunctions")
    try:
        client.start_execution(
            stateMachineArn=services.settings.verify_run_state_machine,
            name=name,
            input=json.dumps({"deliveryId": delivery_id, "runId": run.run_id}),
        )
    except client.exceptions.ExecutionAlreadyExists:
        return False
    except AWS_ERRORS as error:
        raise aws_error(error, doing=f"start the execution {name}") from None
    logger.info("verification started", extra={"verification": name, "delivery": delivery_id, "run": run.run_id})
    return True
