"""The credentials of the Data Landing Zone, Adobe's own storage: for Azure or for Amazon S3, as Adobe provisioned it.

Source: Adobe: Data Landing Zone destination, retrieve credentials. Files in it are deleted after seven days.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, SecretStr

from aep_delivery.adobe.answers import JsonObject, json_object, unreadable
from aep_delivery.adobe.endpoints import LANDING_ZONE_CREDENTIALS
from aep_delivery.adobe.transport import AdobeTransport

_PLACE = f"GET {LANDING_ZONE_CREDENTIALS}"


class AzureLandingZone(BaseModel):
    """A container in Azure, opened by a shared access signature."""

    model_config = ConfigDict(frozen=True)

    container_name: str
    account_name: str
    sas_token: SecretStr
    sas_uri: SecretStr
    """Address of the container, the signature in its query."""


class S3LandingZone(BaseModel):
    """A folder in a bucket, opened by a session's keys."""

    model_config = ConfigDict(frozen=True)

    bucket_name: str
    folder: str
    access_key_id: SecretStr
    secret_access_key: SecretStr
    session_token: SecretStr
    expires_at: datetime | None = None


LandingZone: TypeAlias = AzureLandingZone | S3LandingZone


def landing_zone_credentials(transport: AdobeTransport) -> LandingZone:
    """Ask for the credentials of the sandbox's landing zone. Nothing is rotated.

    Args:
        transport: The way to Adobe.

    Returns:
        Whichever of the two Adobe answers: no configuration says it.

    Raises:
        EntityNotFoundError: The sandbox has no landing zone.
        AdobeInternalError: ``adobe.answer-unreadable``; the answer is of neither form. Nothing of it is quoted.
    """
    params = [("type", "dlz_destination")]
    body = json_object(transport.request("GET", LANDING_ZONE_CREDENTIALS, params=params), place=_PLACE)
    if "SASUri" in body:
        return AzureLandingZone(
            container_name=_text(body, "containerName"),
            account_name=_text(body, "storageAccountName"),
            sas_token=SecretStr(_text(body, "SASToken")),
            sas_uri=SecretStr(_text(body, "SASUri")),
        )
    keys, path = body.get("credentials"), body.get("dlzPath")
    if not isinstance(keys, dict) or not isinstance(path, dict):
        raise unreadable(_PLACE, "neither credentials for Azure nor for Amazon S3")
    expiry = body.get("expiryTime")
    return S3LandingZone(
        bucket_name=_text(path, "bucketName"),
        folder=_text(path, "dlzFolder"),
        access_key_id=SecretStr(_text(keys, "awsAccessKeyId")),
        secret_access_key=SecretStr(_text(keys, "awsSecretAccessKey")),
        session_token=SecretStr(_text(keys, "awsSessionToken")),
        expires_at=_moment(expiry) if isinstance(expiry, int | float) else None,
    )


def _moment(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise unreadable(_PLACE, "an expiryTime that is none") from None


def _text(body: JsonObject, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise unreadable(_PLACE, f"no {name}")
    return value
