"""Tokens from Microsoft Entra ID for a service principal: the one module that imports azure-identity."""

from __future__ import annotations

import re
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.identity import ClientSecretCredential
from pydantic import SecretStr

from aep_delivery.runtime.errors import DeliveryError, TransientError, UserError
from aep_delivery.storage.azure_errors import certificate_error
from aep_delivery.storage.broken_connection import untrusted_certificate

_CODE = re.compile(r"AADSTS(\d+)")
_REASONS = {
    "7000215": "servicePrincipalKey is wrong: Entra wants the client secret's value, not its id",
    "7000222": "servicePrincipalKey has expired",
    "700016": "servicePrincipalId is no application of this tenant",
    "90002": "the tenant does not exist",
    "900023": "the tenant is neither an id nor a domain",
}
"""What Entra's codes say (Microsoft: Entra authentication and authorization error codes)."""
_TRANSIENT = {"50196", "90033", "90055"}


class ServicePrincipal:
    """A credential for Azure's clients that refuses in our words.

    The storage client waits and asks again after anything azure-core raises, also after a wrong secret; what is raised
    here goes straight through.

    Args:
        tenant: The directory's id or domain.
        client_id: The application's id.
        client_secret: Its secret.
        authority: URL of Entra ID.
        known_authority: False for a stand-in, which Microsoft's own directory of clouds does not list.

    Raises:
        UserError: ``storage.credentials-rejected`` where the tenant can be none.
    """

    def __init__(
        self, tenant: str, client_id: str, client_secret: SecretStr, *, authority: str, known_authority: bool
    ) -> None:
        try:
            self._credential = ClientSecretCredential(
                tenant,
                client_id,
                client_secret.get_secret_value(),
                authority=authority,
                disable_instance_discovery=not known_authority,
                retry_total=3,
                connection_timeout=5,
                read_timeout=30,
            )
        except ValueError:
            raise _rejected("the tenant or servicePrincipalId is missing or malformed") from None

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """A token for `scopes`, kept until shortly before it expires.

        Raises:
            UserError: ``storage.credentials-rejected``, ``storage.certificate-untrusted``.
            TransientError: Entra ID does not answer or asks to come back.
        """
        try:
            return self._credential.get_token(*scopes, **options)
        except AzureError as error:
            # Without its cause: what foreign errors say may hold anything.
            raise _error(error) from None

    def close(self) -> None:
        """Close the connections to Entra ID."""
        self._credential.close()


def _error(error: AzureError) -> DeliveryError:
    untrusted = untrusted_certificate(error)
    if untrusted is not None:
        return certificate_error("Microsoft Entra ID's certificate", untrusted)
    found, cause = _CODE.search(error.message), error.__cause__
    if found is not None and found[1] not in _TRANSIENT:
        return _rejected(_REASONS.get(found[1], f"AADSTS{found[1]}"))
    # MSAL reports a tenant that Entra does not know as a ValueError, without Entra's code.
    if found is None and isinstance(cause, ValueError):
        return _rejected(_REASONS["90002"])
    if found is None and cause is None and isinstance(error, ClientAuthenticationError):
        return _rejected("the storage account belongs to another tenant")
    return TransientError("Microsoft Entra ID does not answer or is busy.", code="storage.busy")


def _rejected(reason: str) -> UserError:
    return UserError(
        f"Microsoft Entra ID does not accept the service principal: {reason}.",
        code="storage.credentials-rejected",
        hint="Check tenant, servicePrincipalId and servicePrincipalKey in the secret the config names.",
    )
