"""From a message in the intake queue to executions of ``deliver``: one for each thing asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from aep_delivery.events.inbound import DeliveryRequest, PrefixRequest, execution_name, parse_inbound
from aep_delivery.runtime.aws import AWS_ERRORS, aws_client, aws_error
from aep_delivery.runtime.clock import from_epoch_millis
from aep_delivery.runtime.errors import UserError
from aep_delivery.runtime.invocation import concerning
from aep_delivery.runtime.log import logger
from aep_delivery.workflow.services import Services


def receive_request(body: str, sent_at: int, services: Services) -> list[str]:
    """Start what a message asks for.

    Args:
        body: The message: an event as JSON.
        sent_at: When it was sent to the queue, epoch milliseconds.
        services: The collaborators.

    Returns:
        The names of the executions that are now going, started by this message or by an earlier one like it.

    Raises:
        UserError: ``event.not-understood``.
        TransientError: Step Functions asks to come back.
    """
    try:
        request = parse_inbound(_event(body, sent_at), config_bucket=services.settings.config_bucket)
    except UserError as error:
        logger.error("request not understood", extra={"error_document": error.document().model_dump()})
        raise
    requests = list(_under(request)) if isinstance(request, PrefixRequest) else request
    return [_start(one, services) for one in requests]


def _event(body: str, sent_at: int) -> dict[str, Any]:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise UserError("A message in the intake queue is no event.", code="event.not-understood")
    time = event.get("time")
    if isinstance(time, str) and time.startswith("<aws.scheduler."):
        # EventBridge Scheduler fills its context attributes in; whatever stands in for it may not.
        event["time"] = from_epoch_millis(sent_at).isoformat()
    return event


def _under(request: PrefixRequest) -> Iterator[DeliveryRequest]:
    pages = aws_client("s3").get_paginator("list_objects_v2").paginate(Bucket=request.bucket, Prefix=request.prefix)
    try:
        for page in pages:
            for item in page.get("Contents", []):
                delivery = request.for_key(item["Key"])
                if delivery is not None:
                    yield delivery
    except AWS_ERRORS as error:
        raise aws_error(error, doing=f"list s3://{request.bucket}/{request.prefix}") from None


def _start(request: DeliveryRequest, services: Services) -> str:
    name = execution_name(request)
    client = aws_client("stepfunctions")
    with concerning(execution=name):
        try:
            client.start_execution(
                stateMachineArn=services.settings.deliver_state_machine,
                name=name,
                input=request.model_dump_json(by_alias=True),
            )
            logger.info("delivery started", extra={"key": request.key, "trigger": request.trigger})
        except client.exceptions.ExecutionAlreadyExists:
            logger.info("delivery already started")
        except AWS_ERRORS as error:
            raise aws_error(error, doing=f"start the execution {name}") from None
    return name
