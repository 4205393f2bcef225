from __future__ import annotations

import pytest
from botocore import exceptions as botocore

from aep_delivery.cli.aws_errors import explain, with_your_hint
from aep_delivery.runtime.errors import InternalError

CASES = [
    (botocore.NoCredentialsError(), "aws.no-credentials"),
    (botocore.ProfileNotFound(profile="work"), "aws.no-credentials"),
    (botocore.PartialCredentialsError(provider="env", cred_var="x"), "aws.no-credentials"),
    (botocore.UnauthorizedSSOTokenError(), "aws.no-credentials"),
    (botocore.NoRegionError(), "aws.no-region"),
    (botocore.EndpointConnectionError(endpoint_url="https://x"), "aws.unreachable"),
    (botocore.ReadTimeoutError(endpoint_url="https://x"), "aws.unreachable"),
    (botocore.InvalidRegionError(region_name="?"), "aws.misconfigured"),
]


@pytest.mark.parametrize(("error", "code"), CASES, ids=[type(error).__name__ for error, _ in CASES])
def test_what_keeps_aws_from_being_asked(error, code):
    explained = explain(error)
    assert explained.code == code
    assert explained.hint
    assert explained.message.endswith(".")


@pytest.mark.parametrize(
    ("aws", "code"),
    [
        ("ExpiredToken", "aws.credentials-refused"),
        ("InvalidClientTokenId", "aws.credentials-refused"),
        ("AccessDenied", "aws.access-denied"),
        ("AccessDeniedException", "aws.access-denied"),
        ("Throttling", "aws.busy"),
        ("Whatever", "aws.refused"),
    ],
)
def test_what_aws_answers(aws, code):
    error = botocore.ClientError({"Error": {"Code": aws, "Message": "canary"}}, "DescribeStacks")
    explained = explain(error)
    assert explained.code == code
    assert "canary" not in explained.document().model_dump_json()


def test_a_dead_embedded_cloud_is_guessed(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    explained = explain(botocore.EndpointConnectionError(endpoint_url="http://127.0.0.1:1"))
    assert "make cloud" in explained.hint
    assert explained.place == "http://127.0.0.1:1"


def test_hints_speak_of_the_users_identity_not_of_a_functions_role():
    error = InternalError("AWS refused.", code="aws.refused", hint="The function's role …")
    assert "Your AWS identity" in with_your_hint(error).hint
    other = InternalError("x", code="ownership.ambiguous", hint="kept")
    assert with_your_hint(other).hint == "kept"
