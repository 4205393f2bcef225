"""Which addresses a destination in Azure may name: Azure Storage's own, in its three clouds, and nothing else.

Addresses come out of secrets, so that no message repeats one.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr

from aep_delivery.runtime.errors import UserError

_CLOUDS = {
    "core.windows.net": "https://login.microsoftonline.com",
    "core.usgovcloudapi.net": "https://login.microsoftonline.us",
    "core.chinacloudapi.cn": "https://login.chinacloudapi.cn",
}
"""The suffix of each cloud's storage and its Microsoft Entra ID (Microsoft: National clouds)."""
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_CONTAINER = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_LOOPBACK = "127.0.0.1"
_LOOPBACK_ACCOUNT = "devstoreaccount1"


class BlobEndpoint(BaseModel):
    """The blob service of one storage account."""

    model_config = ConfigDict(frozen=True)

    url: str
    """``https://<account>.blob.core.windows.net``; on this machine ``https://127.0.0.1:<port>/devstoreaccount1``."""
    authority: str | None
    """The Microsoft Entra ID of its cloud; None on this machine."""


class SasContainer(BaseModel):
    """A container and the shared access signature for it."""

    model_config = ConfigDict(frozen=True)

    endpoint: BlobEndpoint
    container: str
    signature: SecretStr


class DataLakeContainer(BaseModel):
    """A container of ADLS Gen2, read by its account's blob service."""

    model_config = ConfigDict(frozen=True)

    endpoint: BlobEndpoint
    container: str


def blob_endpoint(address: str, *, allow_loopback: bool) -> BlobEndpoint:
    """The blob service at `address`, whose path must be empty but for the account's name on this machine.

    Args:
        address: URL of a blob or Data Lake endpoint.
        allow_loopback: Whether it may be on this machine: for tests and demonstrations.

    Raises:
        UserError: ``destination.endpoint-refused`` for any other address.
    """
    parts = _split(address)
    path = parts.path.strip("/")
    if _is_loopback(parts, allow_loopback=allow_loopback):
        if path != _LOOPBACK_ACCOUNT:
            raise _refused()
        return _loopback(parts)
    if path:
        raise _refused()
    return _public(parts)


def sas_container(sas_url: SecretStr, *, allow_loopback: bool) -> SasContainer:
    """The container that a URL with a shared access signature names: the ``SASUri`` of a landing zone.

    Raises:
        UserError: ``destination.endpoint-refused``, or ``secret.sas-invalid`` where it is no such URL of a container.
    """
    parts = _split(sas_url.get_secret_value())
    container = parts.path.strip("/")
    if _is_loopback(parts, allow_loopback=allow_loopback):
        account, _, container = container.partition("/")
        if account != _LOOPBACK_ACCOUNT:
            raise _refused()
        endpoint = _loopback(parts)
    else:
        endpoint = _public(parts)
    if not _CONTAINER.fullmatch(container) or "sig=" not in parts.query:
        raise UserError(
            "The shared access signature is not the URL of a container with a signature.",
            code="secret.sas-invalid",
            hint="It has the form https://<account>.blob.core.windows.net/<container>?sv=…&sig=….",
        )
    return SasContainer(endpoint=endpoint, container=container, signature=SecretStr(parts.query))


def data_lake_container(url: str, *, allow_loopback: bool) -> DataLakeContainer:
    """The container that `url` of a base connection to ADLS Gen2 names.

    Args:
        url: ``abfss://<container>@<account>.dfs.core.windows.net`` (Adobe: Azure Data Lake Storage Gen2 connection), or
            ``abfss://<container>@127.0.0.1:<port>`` for the account ``devstoreaccount1`` on this machine.
        allow_loopback: Whether it may be on this machine: for tests and demonstrations.

    Raises:
        UserError: ``destination.endpoint-refused``, or ``secret.data-lake-url-invalid`` where it has another form.
    """
    form = re.fullmatch(r"abfss://([^@/]+)@([^@/?#]+)/?", url.strip())
    if form is None or not _CONTAINER.fullmatch(form[1]):
        raise UserError(
            "The url of the Data Lake names no container of a storage account.",
            code="secret.data-lake-url-invalid",
            hint="It has the form abfss://<container>@<account>.dfs.core.windows.net; folders belong into path.",
        )
    parts = _split(f"https://{form[2]}")
    loopback = _is_loopback(parts, allow_loopback=allow_loopback)
    return DataLakeContainer(endpoint=_loopback(parts) if loopback else _public(parts), container=form[1])


def blob_name(key: str) -> str:
    """The key itself, where the client can ask for it and for nothing else.

    Raises:
        UserError: ``storage.key-refused`` for segments that are . or .., with which a request would go elsewhere: the
            client resolves them as in a web address, up to another container of the account.
    """
    if {".", ".."} & set(key.split("/")):
        raise UserError(
            "A blob whose path has . or .. in it cannot be asked for.", code="storage.key-refused", place=key
        )
    return key


def entra_authority(authority: str | None, endpoint: BlobEndpoint, *, allow_loopback: bool) -> str:
    """Where tokens for `endpoint` come from: a client secret is sent there.

    Args:
        authority: A stand-in on this machine, ``https://127.0.0.1:<port>``; None for the Entra ID of the cloud.
        endpoint: What the tokens are for.
        allow_loopback: Whether a stand-in is allowed.

    Raises:
        UserError: ``destination.endpoint-refused`` for any other authority, or none where the cloud has none.
    """
    if authority is not None:
        parts = _split(authority)
        if _is_loopback(parts, allow_loopback=allow_loopback) and not parts.path.strip("/"):
            return f"https://{parts.netloc}"
    elif endpoint.authority is not None:
        return endpoint.authority
    raise _refused()


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address.strip())
        safe = parts.scheme == "https" and "@" not in parts.netloc and not parts.fragment and parts.port != 0
    except ValueError:
        safe = False
    if not safe:
        raise _refused()
    return parts


def _is_loopback(parts: SplitResult, *, allow_loopback: bool) -> bool:
    return allow_loopback and parts.hostname == _LOOPBACK


def _loopback(parts: SplitResult) -> BlobEndpoint:
    return BlobEndpoint(url=f"https://{parts.netloc}/{_LOOPBACK_ACCOUNT}", authority=None)


def _public(parts: SplitResult) -> BlobEndpoint:
    account, _, rest = (parts.hostname or "").partition(".")
    service, _, cloud = rest.partition(".")
    if (
        not _ACCOUNT.fullmatch(account)
        or service not in {"blob", "dfs"}
        or cloud not in _CLOUDS
        or parts.port not in {None, 443}
    ):
        raise _refused()
    return BlobEndpoint(url=f"https://{account}.blob.{cloud}", authority=_CLOUDS[cloud])


def _refused() -> UserError:
    return UserError(
        "The credential names an address that is not Azure Storage's.",
        code="destination.endpoint-refused",
        hint="Only https and hosts like <account>.blob.core.windows.net or <account>.dfs.core.windows.net are read.",
    )
