from __future__ import annotations

import ssl
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    IncompleteReadError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseTimeoutError,
)
from azure.storage.blob import StorageErrorCode
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError

from aep_delivery.runtime.errors import DeliveryError, InternalError, TransientError, UserError
from aep_delivery.storage.azure_errors import Right, is_broken, is_missing, is_past_the_end, storage_error
from aep_delivery.storage.reader import ObjectChangedError

_POOL: Any = SimpleNamespace()


def answered(
    code: str | StorageErrorCode, status: int, *, kind: type[HttpResponseError] = HttpResponseError, **headers: str
) -> HttpResponseError:
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    response: Any = SimpleNamespace(status_code=status, reason="canary", headers=named, text=lambda: "")
    error: Any = kind(message="canary", response=response)
    error.error_code = code or None
    error.additional_info = {}
    return error  # type: ignore[no-any-return]


def mapped(error: AzureError, key: str | None = "k", right: Right = Right.READ) -> DeliveryError:
    return storage_error(error, endpoint="acct.blob.core.windows.net", container="con", right=right, key=key)


@pytest.mark.parametrize(
    ("error", "family", "code"),
    [
        (answered("AuthorizationFailure", 403), UserError, "storage.access-denied"),
        (answered("AuthorizationPermissionMismatch", 403), UserError, "storage.access-denied"),
        (answered("", 403), UserError, "storage.access-denied"),
        (answered("AccountIsDisabled", 409), UserError, "storage.access-denied"),
        (answered(StorageErrorCode.CONTAINER_NOT_FOUND, 404), UserError, "storage.container-not-found"),
        (answered("ContainerBeingDeleted", 409), UserError, "storage.container-not-found"),
        (answered("AuthenticationFailed", 403), UserError, "storage.credentials-rejected"),
        (answered("InvalidAuthenticationInfo", 400), UserError, "storage.credentials-rejected"),
        (answered("KeyBasedAuthenticationNotPermitted", 403), UserError, "storage.credentials-rejected"),
        (ClientAuthenticationError("canary"), UserError, "storage.credentials-rejected"),
        (answered("BlobArchived", 409), UserError, "storage.object-archived"),
        (answered("ServerBusy", 503), TransientError, "storage.busy"),
        (answered("OperationTimedOut", 500), TransientError, "storage.busy"),
        (answered("", 502), TransientError, "storage.busy"),
        (answered("", 429), TransientError, "storage.busy"),
        (answered(StorageErrorCode.CONDITION_NOT_MET, 412), ObjectChangedError, "storage.object-changed"),
        (answered("BlobNotFound", 404, kind=ResourceNotFoundError), ObjectChangedError, "storage.object-changed"),
        (answered("", 404), ObjectChangedError, "storage.object-changed"),
        (answered("InvalidHeaderValue", 400), InternalError, "storage.call-refused"),
        (answered("", 302), InternalError, "storage.call-refused"),
        (ServiceRequestError("canary"), TransientError, "storage.connection-failed"),
        (ServiceResponseTimeoutError("canary"), TransientError, "storage.connection-failed"),
        (IncompleteReadError("canary"), TransientError, "storage.connection-failed"),
        (HttpResponseError("canary"), TransientError, "storage.connection-failed"),
        (AzureError("canary"), InternalError, "storage.call-refused"),
    ],
)
def test_each_answer_is_of_the_class_that_must_act(error: AzureError, family: type[DeliveryError], code: str) -> None:
    found = mapped(error)
    assert type(found) is family
    assert (found.code, found.place) == (code, "https://acct.blob.core.windows.net/con/k")
    assert "canary" not in str(found.document())


def _caused(inner: Exception) -> ServiceRequestError:
    return ServiceRequestError(
        "canary", error=requests.exceptions.ConnectionError(MaxRetryError(_POOL, "canary", inner))
    )


def test_a_certificate_that_is_not_trusted_is_a_persons_to_mend() -> None:
    refused = ssl.SSLCertVerificationError(1, "canary")
    refused.verify_message = "certificate has expired"
    found = mapped(_caused(refused))
    assert (type(found), found.code) == (UserError, "storage.certificate-untrusted")
    assert found.message == "Azure Storage's certificate is not trusted: certificate has expired."
    assert "canary" not in str(found.document())


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (OSError("canary without a number"), "OSError"),
        (ConnectTimeoutError("canary"), "ConnectTimeoutError"),
    ],
)
def test_a_broken_connection_says_the_inner_reason(inner: Exception, said: str) -> None:
    found = mapped(_caused(inner))
    assert found.message == f"The connection to Azure Storage failed: {said}."
    assert "canary" not in str(found.document())


def test_a_404_of_a_listing_is_no_changed_object() -> None:
    assert isinstance(mapped(answered("", 404), key=None), InternalError)


def test_an_expired_signature_is_told_by_azures_detail() -> None:
    error: Any = answered("AuthenticationFailed", 403)
    error.additional_info = {"authenticationerrordetail": "Signature not valid in the specified time frame: canary"}
    found = mapped(error)
    assert "expired" in found.message
    assert "canary" not in str(found.document())


def test_azures_own_pause_is_kept() -> None:
    found = mapped(answered("ServerBusy", 503, retry_after="7"))
    assert isinstance(found, TransientError)
    assert found.retry_after_seconds == 7
    assert found.document().retry_after_seconds == 7


@pytest.mark.parametrize(
    ("right", "role"),
    [
        (Right.READ, "Storage Blob Data Reader"),
        (Right.LIST, "Storage Blob Data Reader"),
        (Right.DELETE, "Storage Blob Data Contributor"),
    ],
)
def test_the_hint_names_role_and_permission(right: Right, role: str) -> None:
    hint = mapped(answered("AuthorizationPermissionMismatch", 403), right=right).hint
    assert hint is not None
    assert role in hint
    assert str(right) in hint


def test_missing_past_the_end_and_broken_are_told_from_other_answers() -> None:
    assert is_missing(answered("BlobNotFound", 404))
    assert is_missing(answered("", 404))
    assert not is_missing(answered(StorageErrorCode.CONTAINER_NOT_FOUND, 404))
    assert not is_missing(ServiceRequestError("x"))
    assert is_past_the_end(answered("InvalidRange", 416))
    assert not is_past_the_end(answered("", 404))
    assert is_broken(HttpResponseError("x"))
    assert not is_broken(answered("", 500))
    assert not is_broken(ClientAuthenticationError("x"))
