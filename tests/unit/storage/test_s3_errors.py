from __future__ import annotations

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from aep_delivery.runtime.errors import DeliveryError, InternalError, TransientError, UserError
from aep_delivery.storage.reader import ObjectChangedError
from aep_delivery.storage.s3_errors import is_missing, is_past_the_end, storage_error


def client_error(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "GetObject")  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("error", "family", "code"),
    [
        (client_error("AccessDenied", 403), UserError, "storage.access-denied"),
        (client_error("403", 403), UserError, "storage.access-denied"),
        (client_error("SomethingNew", 403), UserError, "storage.access-denied"),
        (client_error("NoSuchBucket", 404), UserError, "storage.bucket-not-found"),
        (client_error("InvalidAccessKeyId", 403), UserError, "storage.credentials-rejected"),
        (client_error("SignatureDoesNotMatch", 403), UserError, "storage.credentials-rejected"),
        (client_error("ExpiredToken", 400), UserError, "storage.credentials-rejected"),
        (client_error("PermanentRedirect", 301), UserError, "storage.wrong-region"),
        (client_error("SlowDown", 503), TransientError, "storage.busy"),
        (client_error("InternalError", 500), TransientError, "storage.busy"),
        (client_error("502", 502), TransientError, "storage.busy"),
        (client_error("RequestTimeout", 400), TransientError, "storage.busy"),
        (client_error("TooManyRequests", 429), TransientError, "storage.busy"),
        (client_error("PreconditionFailed", 412), ObjectChangedError, "storage.object-changed"),
        (client_error("NoSuchKey", 404), ObjectChangedError, "storage.object-changed"),
        (client_error("MalformedXML", 400), InternalError, "storage.call-refused"),
        (ReadTimeoutError(endpoint_url="http://x"), TransientError, "storage.connection-failed"),
        (EndpointConnectionError(endpoint_url="http://x"), TransientError, "storage.connection-failed"),
        (ConnectTimeoutError(endpoint_url="http://x"), TransientError, "storage.connection-failed"),
        (IncompleteReadError(actual_bytes=1, expected_bytes=2), TransientError, "storage.connection-failed"),
        (NoCredentialsError(), UserError, "storage.credentials-missing"),
        (ParamValidationError(report="x"), InternalError, "storage.call-refused"),
    ],
)
def test_each_answer_is_of_the_class_that_must_act(error: Exception, family: type[DeliveryError], code: str) -> None:
    mapped = storage_error(error, bucket="b", permission="s3:GetObject", key="k")
    assert type(mapped) is family
    assert (mapped.code, mapped.place) == (code, "s3://b/k")


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket", "InvalidAccessKeyId"])
@pytest.mark.parametrize(
    ("permission", "key", "resource"),
    [("s3:ListBucket", None, "arn:aws:s3:::b"), ("s3:GetObject", "k", "arn:aws:s3:::b/*")],
)
def test_the_hint_names_the_permission_and_its_resource(
    code: str, permission: str, key: str | None, resource: str
) -> None:
    hint = storage_error(client_error(code, 403), bucket="b", permission=permission, key=key).hint
    assert hint is not None
    assert permission in hint
    assert hint.removesuffix(".").split(" to the user")[0].endswith(resource)


def test_a_404_of_a_listing_is_no_changed_object() -> None:
    assert isinstance(storage_error(client_error("404", 404), bucket="b", permission="s3:ListBucket"), InternalError)


def test_a_foreign_error_goes_through() -> None:
    with pytest.raises(KeyError):
        storage_error(KeyError("x"), bucket="b", permission="s3:GetObject")


def test_missing_and_past_the_end_are_told_from_other_answers() -> None:
    assert is_missing(client_error("404", 404))
    assert not is_missing(client_error("403", 403))
    assert is_past_the_end(client_error("InvalidRange", 416))
    assert not is_past_the_end(KeyError())
