"""What AWS's errors mean to a person at a terminal: other than in the workflow, it is their own credential."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from aep_delivery.runtime.aws import aws_error
from aep_delivery.runtime.errors import DeliveryError, TransientError, UserError

_NO_CREDENTIALS = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
_REFUSED = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_PERMISSION_HINT = "Your AWS identity lacks a permission: docs/reference/cli.md lists what each command needs."
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_ROLE_CODES = frozenset({"aws.refused", "state.access-denied", "secret.access-denied"})


def explain(error: BotoCoreError | ClientError) -> DeliveryError:
    """The error of ours for what boto3 raised. Foreign messages are kept only where botocore itself writes them."""
    if isinstance(error, ClientError):
        return _answered(error)
    if isinstance(error, _NO_CREDENTIALS):
        return UserError(
            f"There are no usable AWS credentials: {str(error).rstrip('.')}.",
            code="aws.no-credentials",
            hint="Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `aws sts get-caller-identity` tells "
            "whether they work. For the embedded cloud, paste what `make cloud` prints.",
        )
    if isinstance(error, NoRegionError):
        return UserError(
            "No AWS region is set.",
            code="aws.no-region",
            hint="Set AWS_DEFAULT_REGION. For the embedded cloud, paste what `make cloud` prints.",
        )
    if isinstance(error, (ConnectionError, HTTPClientError)):
        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        return TransientError(
            "AWS cannot be reached.",
            code="aws.unreachable",
            place=endpoint,
            hint="AWS_ENDPOINT_URL is set: does `make cloud` still run there?" if endpoint else "Are you online?",
        )
    return UserError(f"AWS cannot be asked: {error}", code="aws.misconfigured", hint="Look at your AWS configuration.")


def with_your_hint(error: DeliveryError) -> DeliveryError:
    """The same error with the hint of a person's own credential, where it speaks of a function's role, and with that of
    the embedded cloud, where AWS is on this machine.
    """
    if error.code in _ROLE_CODES:
        error.hint = _PERMISSION_HINT
    elif error.code == "secret.not-found" and _is_on_this_machine():
        error.hint = f"{error.hint}; on the embedded cloud, `make cloud CONFIG=<file>` makes secret and storage."
    return error


def _is_on_this_machine() -> bool:
    return urlsplit(os.environ.get("AWS_ENDPOINT_URL", "")).hostname in _LOOPBACK


def _answered(error: ClientError) -> DeliveryError:
    code = error.response.get("Error", {}).get("Code", "")
    if code in _REFUSED:
        return UserError(
            f"AWS does not accept your credentials ({code}).",
            code="aws.credentials-refused",
            hint="They may have expired: sign in again.",
        )
    if code in _DENIED:
        return UserError(
            f"You may not call {error.operation_name} ({code}).", code="aws.access-denied", hint=_PERMISSION_HINT
        )
    return with_your_hint(aws_error(error, doing=f"carry out {error.operation_name}"))
