from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from aep_delivery.runtime.aws import aws_error
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
