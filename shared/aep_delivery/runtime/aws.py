"""AWS clients, and what their errors mean for a delivery."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's
    HTTPClientError,
    IncompleteReadError,
)
from urllib3.exceptions import HTTPError

from aep_delivery.runtime.errors import DeliveryError, InternalError, TransientError

AWS_ERRORS = (ClientError, BotoCoreError, HTTPError)
"""All that a client raises: what AWS refuses, and what became of the connection. A refusal of S3's that breaks off in
the middle is told in urllib3's own words: botocore reads it where it no longer translates them."""
_BUSY = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}


@cache
def aws_client(service: str) -> Any:
    """The client of a service, one a process. Imports boto3 when first asked."""
    import boto3  # noqa: PLC0415 - a quarter of a second that steps without AWS calls need not pay
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        retries={"mode": "standard", "max_attempts": 4},
        connect_timeout=5,
        read_timeout=30,
        # A destination may be read with the function's own role, many files at once.
        max_pool_connections=32,
    )
    return boto3.client(service, config=config)  # type: ignore[call-overload]


def aws_code(error: Exception) -> str:
    """AWS's code of a refusal; empty for what is none, such as a connection that broke."""
    return str(error.response.get("Error", {}).get("Code", "Unknown")) if isinstance(error, ClientError) else ""


def aws_error(error: ClientError | BotoCoreError | HTTPError, *, doing: str) -> DeliveryError:
    """The error of ours for an error of AWS's that no room has a better word for.

    Args:
        error: What boto3 raised. Its message may name resources, so only its code is kept.
        doing: What was attempted, for the sentence: "read the secret x".
    """
    if isinstance(error, ConnectionError | HTTPClientError | IncompleteReadError | HTTPError):
        return TransientError(f"AWS could not be reached to {doing} ({type(error).__name__}).", code="aws.busy")
    if isinstance(error, BotoCoreError):
        return InternalError(f"AWS could not be asked to {doing} ({type(error).__name__}).", code="aws.refused")
    code = aws_code(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _BUSY or status >= 500:
        return TransientError(f"AWS could not {doing} just now ({code}).", code="aws.busy")
    return InternalError(
        f"AWS refused to {doing} ({code}).",
        code="aws.refused",
        hint="The function's role or the stack's resources differ from the template: deploy it again.",
    )
