from __future__ import annotations

import pytest
from botocore import exceptions as botocore

from aep_delivery.cli.aws_errors import explain, with_your_hint
from aep_delivery.runtime.errors import InternalError, UserError

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


def test_without_a_region_the_embedded_cloud_is_named():
    assert "make cloud" in explain(botocore.NoRegionError()).hint


@pytest.mark.parametrize(
    ("endpoint", "is_here"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://localhost:4566", True),
        ("http://[::1]:4566", True),
        ("https://vpce-1.s3.amazonaws.com", False),
        ("", False),
    ],
)
def test_a_missing_secret_is_made_by_the_embedded_cloud_only_there(monkeypatch, endpoint, is_here):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    missing = UserError("x", code="secret.not-found", hint="aws secretsmanager create-secret")
    hint = with_your_hint(missing).hint
    assert hint.startswith("aws secretsmanager create-secret")
    assert ("make cloud CONFIG=<file>" in hint) == is_here


def test_hints_speak_of_the_users_identity_not_of_a_functions_role():
    error = InternalError("AWS refused.", code="aws.refused", hint="The function's role …")
    assert "Your AWS identity" in with_your_hint(error).hint
    other = InternalError("x", code="ownership.ambiguous", hint="kept")
    assert with_your_hint(other).hint == "kept"
