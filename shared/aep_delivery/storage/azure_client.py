"""Azure's clients that read a destination with the destination's own credential. Of the environment they take only what
says how to connect: a CA bundle (``REQUESTS_CA_BUNDLE``) and proxies.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pydantic import SecretStr

from aep_delivery.storage.azure_connection_string import parse_connection_string
from aep_delivery.storage.azure_endpoints import (
    BlobEndpoint,
    data_lake_container,
    entra_authority,
    sas_container,
)

if TYPE_CHECKING:
    from azure.core.credentials import AzureNamedKeyCredential, AzureSasCredential
    from azure.storage.blob import ContainerClient

    from aep_delivery.storage.azure_identity import ServicePrincipal

_SEGMENT = 8 << 20
"""Bytes of one request. The client holds one segment in memory."""


def container_by_connection_string(
    connection_string: SecretStr, container: str, *, allow_loopback: bool = False
) -> ContainerClient:
    """A client for a container of the account that the connection string is for.

    Args:
        connection_string: ``DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…``, or with a
            SharedAccessSignature.
        container: The container's name.
        allow_loopback: Whether the account may be on this machine, ``https://127.0.0.1:<port>/devstoreaccount1``.

    Raises:
        UserError: ``secret.connection-string-invalid`` or ``destination.endpoint-refused``.
    """
    # Azure's clients take 200 to 500 ms to import: only a step that really reads Azure pays for it.
    from azure.core.credentials import AzureNamedKeyCredential, AzureSasCredential  # noqa: PLC0415

    parsed = parse_connection_string(connection_string, allow_loopback=allow_loopback)
    if parsed.key is not None:
        return _client(
            parsed.endpoint, container, AzureNamedKeyCredential(parsed.account, parsed.key.get_secret_value())
        )
    signature = parsed.signature.get_secret_value() if parsed.signature is not None else ""
    return _client(parsed.endpoint, container, AzureSasCredential(signature))


def container_by_sas(sas_url: SecretStr, *, allow_loopback: bool = False) -> ContainerClient:
    """A client for the container that a URL with a shared access signature names: ``SASUri`` of a landing zone.

    Args:
        sas_url: ``https://<account>.blob.core.windows.net/<container>?sv=…&sig=…``.
        allow_loopback: Whether it may be on this machine, ``https://127.0.0.1:<port>/devstoreaccount1/<container>?…``.

    Raises:
        UserError: ``secret.sas-invalid`` or ``destination.endpoint-refused``.
    """
    from azure.core.credentials import AzureSasCredential  # noqa: PLC0415 - as above

    found = sas_container(sas_url, allow_loopback=allow_loopback)
    return _client(found.endpoint, found.container, AzureSasCredential(found.signature.get_secret_value()))


def container_by_service_principal(
    url: str,
    *,
    tenant: str,
    client_id: str,
    client_secret: SecretStr,
    authority: str | None = None,
    allow_loopback: bool = False,
) -> ContainerClient:
    """A client for a container of ADLS Gen2, by the account's blob service. Nothing is asked of Entra ID yet.

    Args:
        url: ``abfss://<container>@<account>.dfs.core.windows.net`` (Adobe: Azure Data Lake Storage Gen2 connection);
            on this machine ``abfss://<container>@127.0.0.1:<port>``, for the account ``devstoreaccount1``.
        tenant: The id of the directory.
        client_id: The application's id: ``servicePrincipalId``.
        client_secret: ``servicePrincipalKey``.
        authority: A stand-in of Entra ID on this machine; None for that of the account's cloud.
        allow_loopback: Whether account and authority may be on this machine.

    Raises:
        UserError: ``secret.data-lake-url-invalid``, ``destination.endpoint-refused`` or
            ``storage.credentials-rejected`` where the tenant can be none.
    """
    from aep_delivery.storage.azure_identity import ServicePrincipal  # noqa: PLC0415 - as above

    found = data_lake_container(url, allow_loopback=allow_loopback)
    credential = ServicePrincipal(
        tenant,
        client_id,
        client_secret,
        authority=entra_authority(authority, found.endpoint, allow_loopback=allow_loopback),
        known_authority=authority is None,
    )
    return _client(found.endpoint, found.container, credential)


def _client(
    endpoint: BlobEndpoint,
    container: str,
    credential: AzureNamedKeyCredential | AzureSasCredential | ServicePrincipal,
) -> ContainerClient:
    from azure.storage.blob import ContainerClient  # noqa: PLC0415 - as above

    from aep_delivery.storage.azure_retries import Retries  # noqa: PLC0415 - as above

    _quiet()
    return ContainerClient(
        endpoint.url,
        container,
        credential=credential,
        connection_timeout=5,
        read_timeout=60,
        retry_policy=Retries(initial_backoff=1, increment_base=2, retry_total=4, random_jitter_range=1),
        permit_redirects=False,
        max_single_get_size=_SEGMENT,
        max_chunk_get_size=_SEGMENT,
    )


def _quiet() -> None:
    """Azure's clients log URLs and headers, urllib3 the whole URL with a shared access signature in it."""
    for name in ("azure", "msal"):
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("urllib3").setLevel(logging.WARNING)
