from __future__ import annotations

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    IncompleteReadError,
    ParamValidationError,
    ReadTimeoutError,
)

from aep_delivery.runtime.aws import aws_code, aws_error
from aep_delivery.runtime.errors import InternalError, TransientError


def client_error(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "canary"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "Operation",
    )


@pytest.mark.parametrize(
    ("code", "status", "family"),
    [
        ("ThrottlingException", 400, TransientError),
        ("SlowDown", 503, TransientError),
        ("Whatever", 500, TransientError),
        ("AccessDenied", 403, InternalError),
    ],
)
def test_an_aws_error_is_busy_or_refused_and_keeps_only_its_code(code, status, family):
    error = aws_error(client_error(code, status), doing="read the secret x")
    assert isinstance(error, family)
    assert code in error.message
    assert "canary" not in str(error.document())


@pytest.mark.parametrize(
    ("error", "family", "code"),
    [
        (EndpointConnectionError(endpoint_url="https://canary"), TransientError, "aws.busy"),
        (ReadTimeoutError(endpoint_url="https://canary"), TransientError, "aws.busy"),
        (IncompleteReadError(actual_bytes=1, expected_bytes=2), TransientError, "aws.busy"),
        (ParamValidationError(report="canary"), InternalError, "aws.refused"),
    ],
)
def test_a_connection_that_breaks_passes_and_a_call_that_cannot_be_made_does_not(
    error: BotoCoreError, family: type[Exception], code: str
) -> None:
    told = aws_error(error, doing="read the secret x")
    assert isinstance(told, family)
    assert told.code == code
    assert "canary" not in str(told.document())
    assert aws_code(error) == ""
