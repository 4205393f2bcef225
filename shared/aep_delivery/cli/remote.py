"""Asks the installation for a delivery, and follows what it does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from aep_delivery.cli.connection import Connection
from aep_delivery.events.inbound import CLI_SOURCE, DELIVERY_REQUESTED, DeliveryRequest, execution_name
from aep_delivery.runtime.aws import aws_client
from aep_delivery.runtime.clock import Clock
from aep_delivery.runtime.errors import TransientError

FOLDER = "cli/"
"""Where configs are put that are delivered once. Uploads there start nothing by themselves."""
OTHER_FOLDER = "cli-once/"
"""Where the stack's own prefix is that."""
SECONDS_TO_START = 90
FIRST_POLL, LONGEST_POLL = 0.5, 5.0


class Started(BaseModel):
    """A delivery that was asked for."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    delivery_id: str
    execution: str
    execution_arn: str
    config: str
    """``s3://`` URI of the config as it was uploaded."""
    version_id: str | None


def request_delivery(
    connection: Connection, delivery_id: str, name: str, body: bytes, *, at: datetime, now: bool = False
) -> Started:
    """Upload a config and send the event that asks for its delivery.

    The name of the execution is known before it starts: it follows from the request alone.

    Args:
        connection: The installation.
        delivery_id: Of the config.
        name: The config's file name.
        body: The config.
        at: The request's time.
        now: Whether an ad-hoc run is wanted, whatever the config says.

    Raises:
        TransientError: ``event.not-published``.
        ClientError: AWS refuses.
    """
    bucket = connection.settings.config_bucket
    prefix = FOLDER if connection.parameters.get("ConfigPrefix") != FOLDER else OTHER_FOLDER
    key = prefix + name
    version = aws_client("s3").put_object(Bucket=bucket, Key=key, Body=body).get("VersionId")
    detail = {"bucket": bucket, "key": key, "versionId": version} | ({"runTrigger": "NOW"} if now else {})
    entry = {"Source": CLI_SOURCE, "DetailType": DELIVERY_REQUESTED, "Detail": json.dumps(detail)}
    answer = aws_client("events").put_events(Entries=[entry])["Entries"][0]
    if "EventId" not in answer:
        raise TransientError(
            f"The event bus did not take the request ({answer.get('ErrorCode')}).", code="event.not-published"
        )
    request = DeliveryRequest(
        bucket=bucket, key=key, version_id=version, trigger="cli", occasion=answer["EventId"], requested_at=at
    )
    execution = execution_name(request)
    arn = connection.settings.deliver_state_machine.replace(":stateMachine:", ":execution:") + f":{execution}"
    return Started(
        delivery_id=delivery_id,
        execution=execution,
        execution_arn=arn,
        config=f"s3://{bucket}/{key}",
        version_id=version,
    )


def follow(started: Started, clock: Clock, entered: Callable[[str], None]) -> dict[str, Any]:
    """Wait until an execution ends.

    Args:
        started: What was asked for.
        clock: For the waits between two looks.
        entered: Gets the name of each state when it begins; repeated looks at a run come once.

    Returns:
        The execution as Step Functions describes it.

    Raises:
        TransientError: ``cli.not-started``; it did not begin in time.
    """
    client = aws_client("stepfunctions")
    wait, waited, seen, latest = FIRST_POLL, 0.0, 0, ""
    while True:
        state = _describe(client, started)
        if state is None and waited >= SECONDS_TO_START:
            raise TransientError(
                f"The delivery did not begin within {SECONDS_TO_START} s.",
                code="cli.not-started",
                place=started.execution_arn,
                hint="Look into the dead-letter queue (output IntakeDeadLettersUrl) and at the log of receive_request.",
            )
        if state is not None:
            for number, name in _states_after(client, started, seen):
                if name != latest:
                    entered(name)
                seen, latest = number, name
            if state["status"] != "RUNNING":
                return state
        clock.sleep(wait)
        waited += wait
        wait = min(wait * 1.3, LONGEST_POLL)


def _describe(client: Any, started: Started) -> dict[str, Any] | None:
    try:
        return dict(client.describe_execution(executionArn=started.execution_arn))
    except ClientError as error:
        if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
            return None
        raise


def _states_after(client: Any, started: Started, seen: int) -> list[tuple[int, str]]:
    """Number and name of the task states entered after event number `seen`, oldest first."""
    pages = client.get_paginator("get_execution_history").paginate(
        executionArn=started.execution_arn, reverseOrder=True, PaginationConfig={"PageSize": 100}
    )
    found: list[tuple[int, str]] = []
    for page in pages:
        for event in page["events"]:
            if event["id"] <= seen:
                return found[::-1]
            if event["type"] == "TaskStateEntered":
                found.append((event["id"], event["stateEnteredEventDetails"]["name"]))
    return found[::-1]
