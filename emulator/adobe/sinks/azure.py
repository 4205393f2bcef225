"""Azure Blob Storage, ADLS Gen2 and the landing zone of the Azure form."""

from __future__ import annotations

import re
from typing import IO
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError, HttpResponseError
from azure.identity import ClientSecretCredential
from azure.storage.blob import BlobServiceClient, ContainerClient, ExponentialRetry

from emulator.adobe.http import Json
from emulator.adobe.settings import Settings
from emulator.adobe.sinks.base import SinkError

BLOB_AUTHS = frozenset({"ConnectionString", "Azure Blob"})
DATA_LAKE_AUTH = "Azure Service Principal Auth"

_SCOPE = "https://storage.azure.com/.default"
_URL = re.compile(r"abfss://(?P<container>[^@/]+)@(?P<host>[^@/]+)/?")
_LOCAL_ACCOUNT = "devstoreaccount1"
_BAD_CREDENTIALS = frozenset({"AuthenticationFailed", "AuthorizationFailure", "InvalidAuthenticationInfo"})


class AzureSink:
    """Writes blobs into one container."""

    def __init__(self, container: ContainerClient) -> None:
        self._container = container

    def put(self, key: str, body: IO[bytes] | bytes) -> None:
        """Store one blob. Raises :class:`SinkError`."""
        name = self._container.container_name
        try:
            self._container.upload_blob(key, body, overwrite=True)
        except (AzureError, OSError) as error:
            code = _code(error)
            # Without its cause: connection errors hold the whole URL.
            raise SinkError(f"Azure refused to write to container {name}: {code}", code) from None


def open_sink(auth_spec_name: str, auth_params: Json, params: Json, settings: Settings) -> AzureSink:
    """The container that `params` name, or for ADLS Gen2 the url of `auth_params`.

    Args:
        auth_spec_name: ``ConnectionString``, ``Azure Blob`` or ``Azure Service Principal Auth``.
        auth_params: ``connectionString``; or ``url``, ``servicePrincipalId``, ``servicePrincipalKey`` and ``tenant``.
            The url is ``abfss://<container>@<account>.dfs.core.windows.net``, for a local account
            ``abfss://<container>@127.0.0.1:<port>``.
        params: Of the target connection.
        settings: For what stands in the place of Azure.

    Raises:
        SinkError: The auth is none of Azure's, or can't be read.
    """
    if auth_spec_name == DATA_LAKE_AUTH:
        return AzureSink(_data_lake(auth_params, settings))
    return AzureSink(_account(auth_spec_name, auth_params, settings).get_container_client(params["container"]))


def accepts(auth_spec_name: str, auth_params: Json, settings: Settings) -> bool:
    """Whether account key or service principal is a real one. What they may do shows when they write."""
    try:
        if auth_spec_name == DATA_LAKE_AUTH:
            _data_lake(auth_params, settings)
            _service_principal(auth_params, settings).get_token(_SCOPE)
        else:
            next(iter(_account(auth_spec_name, auth_params, settings).list_containers(results_per_page=1)), None)
    except HttpResponseError as error:
        return error.response is not None and _code(error) not in _BAD_CREDENTIALS
    except (AzureError, SinkError):
        return False
    return True


def _account(auth_spec_name: str, auth_params: Json, settings: Settings) -> BlobServiceClient:
    if auth_spec_name not in BLOB_AUTHS:
        raise SinkError(f"A container cannot be reached with {auth_spec_name!r}")
    try:
        return BlobServiceClient.from_connection_string(
            auth_params["connectionString"], connection_verify=_verify(settings), retry_policy=_retries()
        )
    except ValueError:
        raise SinkError("The connection string cannot be read", "InvalidConnectionString") from None


def _data_lake(auth_params: Json, settings: Settings) -> ContainerClient:
    form = _URL.fullmatch(auth_params["url"])
    if form is None:
        raise SinkError("The url names no container of a Data Lake account", "InvalidUrl")
    host = form["host"]
    path = f"/{_LOCAL_ACCOUNT}" if urlsplit(f"//{host}").hostname == "127.0.0.1" else ""
    return ContainerClient(
        # A Data Lake account is a storage account, whose blob service shows the same files.
        f"https://{host.replace('.dfs.', '.blob.')}{path}",
        form["container"],
        credential=_service_principal(auth_params, settings),
        connection_verify=_verify(settings),
        retry_policy=_retries(),
    )


def _service_principal(auth_params: Json, settings: Settings) -> ClientSecretCredential:
    try:
        return ClientSecretCredential(
            auth_params["tenant"],
            auth_params["servicePrincipalId"],
            auth_params["servicePrincipalKey"],
            authority=settings.azure_authority or "https://login.microsoftonline.com",
            disable_instance_discovery=settings.azure_authority is not None,
            connection_verify=_verify(settings),
            retry_total=1,
        )
    except ValueError:
        raise SinkError("The tenant can be none", "InvalidTenant") from None


def _verify(settings: Settings) -> str | bool:
    return str(settings.azure_ca) if settings.azure_ca is not None else True


def _retries() -> ExponentialRetry:
    # The client would ask again after a refusal too, and wait; an exporter fails, and its run with it.
    return ExponentialRetry(retry_total=0)


def _code(error: AzureError | OSError) -> str:
    """Azure's own code, that of Entra ID, or the name of the fault."""
    code = getattr(error, "error_code", None)
    if code:
        return str(getattr(code, "value", code))
    entra = re.search(r"AADSTS\d+", str(error))
    return entra[0] if entra else type(error).__name__
