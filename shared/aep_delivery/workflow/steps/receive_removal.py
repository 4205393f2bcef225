"""From an event that asks for a removal to exactly one execution of ``remove``.

It does not go through the intake of deliveries: the function that anything dropped into a bucket can reach has no right
to start a removal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aep_delivery.events.removal import parse_removal, removal_execution_name
from aep_delivery.runtime.aws import AWS_ERRORS, aws_client, aws_error
from aep_delivery.runtime.errors import UserError
from aep_delivery.runtime.invocation import concerns
from aep_delivery.runtime.log import logger


def receive_removal(event: Mapping[str, Any], state_machine: str) -> str:
    """Start what an event asks for.

    Args:
        event: EventBridge's envelope with the event.
        state_machine: ARN of ``remove``.

    Returns:
        The name of the execution that is now going, started by this event or by an earlier delivery of the same one.

    Raises:
        UserError: ``event.not-understood``.
        TransientError: Step Functions asks to come back.
    """
    try:
        request = parse_removal(event)
    except UserError as error:
        logger.error("request not understood", extra={"error_document": error.document().model_dump()})
        raise
    name = removal_execution_name(request)
    concerns(delivery=request.delivery_id, execution=name)
    client = aws_client("stepfunctions")
    try:
        client.start_execution(stateMachineArn=state_machine, name=name, input=request.model_dump_json(by_alias=True))
        logger.info("removal started")
    except client.exceptions.ExecutionAlreadyExists:
        logger.info("removal already started")
    except AWS_ERRORS as error:
        raise aws_error(error, doing=f"start the execution {name}") from None
    return name
