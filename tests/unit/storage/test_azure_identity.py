from __future__ import annotations

import ssl
import traceback

import pytest
from azure.core.exceptions import AzureError, ClientAuthenticationError, ServiceRequestError
from azure.identity import ClientSecretCredential
from pydantic import SecretStr

from aep_delivery.runtime.errors import DeliveryError, TransientError, UserError
from aep_delivery.storage.azure_identity import ServicePrincipal

SCOPE = "https://storage.azure.com/.default"
CANARY = "terces-detnalp"[::-1]
"""Turned round, because stack traces show lines of this file."""


def caused(message: str, cause: Exception) -> AzureError:
    error = ClientAuthenticationError(message)
    error.__cause__ = cause
    return error


UNTRUSTED = ssl.SSLCertVerificationError(1, CANARY)
UNTRUSTED.verify_message = "expired"


@pytest.fixture
def principal() -> ServicePrincipal:
    return ServicePrincipal(
        "tenant", "client", SecretStr(CANARY), authority="https://login.microsoftonline.com", known_authority=True
    )


@pytest.mark.parametrize(
    ("error", "family", "message"),
    [
        (ClientAuthenticationError("AADSTS7000215: Invalid"), UserError, "servicePrincipalKey is wrong"),
        (ClientAuthenticationError("AADSTS7000222: expired"), UserError, "servicePrincipalKey has expired"),
        (ClientAuthenticationError("AADSTS700016: unknown"), UserError, "no application of this tenant"),
        (ClientAuthenticationError("AADSTS53003: blocked"), UserError, "AADSTS53003"),
        (ClientAuthenticationError("AADSTS90033: later"), TransientError, "busy"),
        (caused("Authentication failed: x", ValueError("x")), UserError, "tenant does not exist"),
        (caused("Authentication failed: x", ServiceRequestError("x")), TransientError, "does not answer"),
        (ServiceRequestError("x"), TransientError, "does not answer"),
        (caused("Authentication failed: x", UNTRUSTED), UserError, "certificate is not trusted: expired"),
    ],
)
def test_each_answer_is_of_the_class_that_must_act(
    principal: ServicePrincipal,
    monkeypatch: pytest.MonkeyPatch,
    error: AzureError,
    family: type[DeliveryError],
    message: str,
) -> None:
    error.message += f" {CANARY}"

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(ClientSecretCredential, "get_token", refuse)
    with pytest.raises(family, match=message) as caught:
        principal.get_token(SCOPE)
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert CANARY not in repr(principal)


def test_a_token_is_asked_of_the_own_tenant_alone(principal: ServicePrincipal) -> None:
    with pytest.raises(UserError, match="another tenant"):
        principal.get_token(SCOPE, tenant_id="that-of-the-storage-account")
