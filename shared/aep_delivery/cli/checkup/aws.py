"""AWS: who you are, the stack, and whether you may look at what is in it. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from aep_delivery.cli import connection
from aep_delivery.cli.checkup.checks import Checkup, NothingToCheckError
from aep_delivery.cli.connection import Connection
from aep_delivery.runtime.aws import aws_client

CREDENTIALS, STACK, TABLE = "AWS credentials", "stack", "state table"
_NOBODY = "doctor/nobody"
"""A delivery that there is not."""
_REFUSED = frozenset({"403", "AccessDenied", "AccessDeniedException", "Forbidden"})


def check_aws(checkup: Checkup, stack: str) -> Connection | None:
    """Check what every command needs that works on an installation.

    Returns:
        The installation; None where it was not found.
    """
    checkup.check(CREDENTIALS, _identity, str)
    found = checkup.check(
        STACK,
        lambda: connection.connect(stack),
        lambda one: f"{one.settings.owner} is there, with all its outputs",
        needs=[CREDENTIALS],
    )
    installed: list[Connection] = [found] if found is not None else []
    _look(checkup, TABLE, installed, _table)
    _look(checkup, "work bucket", installed, _work_bucket)
    _look(checkup, "config bucket", installed, _config_bucket)
    _look(checkup, "state machine", installed, _state_machine)
    return found


def _look(checkup: Checkup, name: str, installed: list[Connection], look: Callable[[Connection], str]) -> None:
    checkup.check(name, lambda: look(installed[0]), str, needs=[STACK])


def _identity() -> str:
    client = aws_client("sts")
    identity: dict[str, Any] = client.get_caller_identity()
    return f"account {identity['Account']}, region {client.meta.region_name}, as {identity['Arn']}"


def _table(found: Connection) -> str:
    store = found.services.store
    store.latest_outcome(_NOBODY)
    store.read_journal(_NOBODY)
    return f"{found.settings.state_table} may be read"


def _work_bucket(found: Connection) -> str:
    bucket = found.settings.work_bucket
    aws_client("s3").list_objects_v2(Bucket=bucket, Prefix="deliveries/", MaxKeys=1)
    return f"{bucket} may be listed"


def _config_bucket(found: Connection) -> str:
    bucket = found.settings.config_bucket
    _unless_refused(
        lambda: aws_client("s3").head_bucket(Bucket=bucket),
        f"{bucket} is there, but you may not look into it; `run` does not need to",
    )
    return f"{bucket} is there"


def _state_machine(found: Connection) -> str:
    arn = found.settings.deliver_state_machine
    described = _unless_refused(
        lambda: aws_client("stepfunctions").describe_state_machine(stateMachineArn=arn),
        "you may not describe it; `run` does not need to",
    )
    return f"{described['name']} is {described.get('status', 'ACTIVE')}"


def _unless_refused(call: Callable[[], Any], reason: str) -> Any:
    """The answer of a call that is a courtesy: no other command needs the permission."""
    try:
        return call()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _REFUSED:
            raise NothingToCheckError(reason) from None
        raise
