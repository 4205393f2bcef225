"""Connection strings of storage accounts, as Azure's portal shows them."""

from __future__ import annotations

import base64

from pydantic import BaseModel, ConfigDict, SecretStr

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.azure_endpoints import BlobEndpoint, blob_endpoint


class ConnectionString(BaseModel):
    """What a connection string holds: exactly one of key and signature."""

    model_config = ConfigDict(frozen=True)

    endpoint: BlobEndpoint
    account: str
    """Empty where the endpoint alone names it."""
    key: SecretStr | None
    signature: SecretStr | None


def parse_connection_string(text: SecretStr, *, allow_loopback: bool) -> ConnectionString:
    """Read a connection string (Microsoft: Configure Azure Storage connection strings).

    Raises:
        UserError: ``secret.connection-string-invalid``, or ``destination.endpoint-refused`` where it names plain http
            or an address that is not Azure Storage's.
    """
    fields: dict[str, str] = {}
    for part in text.get_secret_value().strip().split(";"):
        name, equals, value = part.partition("=")
        if part.strip() and not equals:
            raise _invalid("A part of it has no value.")
        fields[name.strip().lower()] = value.strip()
    account, key, signature = (fields.get(name, "") for name in ("accountname", "accountkey", "sharedaccesssignature"))
    if bool(key) == bool(signature):
        raise _invalid("It needs AccountKey or SharedAccessSignature.")
    if key and not account:
        raise _invalid("It needs AccountName.")
    try:
        base64.b64decode(key, validate=True)
    except ValueError:
        raise _invalid("AccountKey is not base64.") from None
    return ConnectionString(
        endpoint=blob_endpoint(_address(fields, account), allow_loopback=allow_loopback),
        account=account,
        key=SecretStr(key) if key else None,
        signature=SecretStr(signature.removeprefix("?")) if signature else None,
    )


def _address(fields: dict[str, str], account: str) -> str:
    if explicit := fields.get("blobendpoint"):
        return explicit
    protocol = fields.get("defaultendpointsprotocol", "https").lower()
    return f"{protocol}://{account}.blob.{fields.get('endpointsuffix', 'core.windows.net')}"


def _invalid(reason: str) -> UserError:
    return UserError(
        f"The connection string cannot be read. {reason}",
        code="secret.connection-string-invalid",
        hint="Copy it whole from the access keys of the storage account: DefaultEndpointsProtocol=https;AccountName=…",
    )
