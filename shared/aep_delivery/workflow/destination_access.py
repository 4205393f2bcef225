"""How Adobe gets into a destination, and how verification does: with the same secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, SecretStr

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.runtime.aws import aws_client
from aep_delivery.runtime.errors import UserError
from aep_delivery.runtime.secrets import Secrets
from aep_delivery.storage.cleaner import StorageCleaner
from aep_delivery.storage.reader import StorageReader

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ACCESS_KEY = "Access Key"
"""Adobe's name of the one kind of secret there is so far."""


class DestinationAccess(BaseModel):
    """The credentials of a destination."""

    model_config = ConfigDict(frozen=True)

    spec_name: str
    """Adobe's name for this kind of authentication."""
    params: dict[str, SecretStr]
    version: str
    """Of the secret; remembered in place of it."""

    def auth(self) -> dict[str, Any]:
        """``auth`` for a base connection, the credentials in clear."""
        params = {name: value.get_secret_value() for name, value in self.params.items()}
        return {"specName": self.spec_name, "params": params}


def destination_access(config: DeliveryConfig, secrets: Secrets, prefix: str) -> DestinationAccess | None:
    """Read and check a destination's secret; None where the config names none.

    Raises:
        UserError: ``secret.not-found``, ``secret.access-denied``, or ``secret.invalid`` where it is not what Adobe
            takes. No part of its value is in the error.
    """
    secret_name = config.destination.auth.secret_name
    if secret_name is None:
        return None
    spec = load_catalogue().destination(config.destination.type).auth_spec(_ACCESS_KEY)
    secret = secrets.get(prefix + secret_name)
    params = _params(secret.text, secret.name)
    findings = spec.findings(params)
    if findings:
        raise UserError(
            f"The secret {secret.name} is not what Adobe takes as {spec.name}.",
            code="secret.invalid",
            place="destination.auth.secret",
            details=findings,
            hint=f"It must be a JSON object with {' and '.join(param.name for param in spec.params)}.",
        )
    return DestinationAccess(spec_name=spec.name, params=params, version=secret.version)


def open_reader(config: DeliveryConfig, access: DestinationAccess | None) -> StorageReader:
    """A reader of the bucket that files are delivered to; without a secret, with the function's own role."""
    from aep_delivery.storage.s3 import S3Reader  # noqa: PLC0415 - only steps that read pay for boto3

    return S3Reader(_client(access), config.destination.bucket_name)


def open_cleaner(config: DeliveryConfig, access: DestinationAccess | None) -> StorageCleaner:
    """The means to delete in the bucket that files are delivered to; without a secret, with the caller's own role."""
    from aep_delivery.storage.s3_cleaner import S3Cleaner  # noqa: PLC0415 - as above

    return S3Cleaner(_client(access), config.destination.bucket_name)


def _client(access: DestinationAccess | None) -> S3Client:
    from aep_delivery.storage.s3_client import s3_client  # noqa: PLC0415 - as above

    if access is None:
        own: S3Client = aws_client("s3")
        return own
    key = access.params["s3AccessKey"].get_secret_value()
    return s3_client(key, access.params["s3SecretKey"], region=None)


def _params(text: SecretStr, name: str) -> dict[str, SecretStr]:
    try:
        parsed = json.loads(text.get_secret_value())
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict) or not all(isinstance(value, str) for value in parsed.values()):
        raise UserError(
            f"The secret {name} is not a JSON object of texts.",
            code="secret.invalid",
            place="destination.auth.secret",
            hint='For an access key: {"s3AccessKey": "…", "s3SecretKey": "…"}.',
        )
    return {key: SecretStr(value) for key, value in parsed.items()}
