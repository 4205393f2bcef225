"""Amazon S3, and Google Cloud Storage by the S3-compatible API that its HMAC keys are for."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cache
from typing import IO, TYPE_CHECKING

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from emulator.adobe.http import Json
from emulator.adobe.settings import Settings
from emulator.adobe.sinks.base import SinkError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

GCS_AUTH = "Google Cloud Storage authentication credentials"
GCS_ENDPOINT = "https://storage.googleapis.com"
SESSION_NAME = "adobe-destinations"

_BAD_CREDENTIALS = frozenset(
    {
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "InvalidToken",
        "ExpiredToken",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    }
)
CLIENT_CONFIG = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"total_max_attempts": 2, "mode": "standard"},
    # What newer clients add by themselves is not understood by every S3-compatible storage.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    s3={"addressing_style": "path"},
)
# A session may be used by one thread at a time, the clients it makes by many.
_making = threading.Lock()


@dataclass(frozen=True)
class _Keys:
    """Credentials, the service they are for, and where that is found."""

    service: str
    endpoint: str | None
    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


class S3Sink:
    """Writes objects into one bucket."""

    def __init__(self, client: S3Client, service: str, bucket: str) -> None:
        self._client = client
        self._service = service
        self._bucket = bucket

    def put(self, key: str, body: IO[bytes] | bytes) -> None:
        """Store one object. Raises :class:`SinkError`."""
        try:
            if isinstance(body, bytes):
                self._client.put_object(Bucket=self._bucket, Key=key, Body=body)
            else:
                self._client.upload_fileobj(body, self._bucket, key)
        except ClientError as error:
            code = _code(error)
            raise SinkError(f"{self._service} refused to write to bucket {self._bucket}: {code}", code) from error
        except (BotoCoreError, OSError) as error:
            code = type(error).__name__
            raise SinkError(f"{self._service} could not be written to: {code}", code) from error


def open_sink(auth_spec_name: str, auth_params: Json, params: Json, settings: Settings) -> S3Sink:
    """The bucket that `params` name. Raises :class:`SinkError` where no credentials can be had."""
    keys = _keys(auth_spec_name, auth_params, settings)
    return S3Sink(_client(keys, settings), keys.service, params["bucketName"])


def accepts(auth_spec_name: str, auth_params: Json, settings: Settings) -> bool:
    """Whether the keys are real ones, or the role can be assumed. Keys that may not list buckets are still real."""
    try:
        _client(_keys(auth_spec_name, auth_params, settings), settings).list_buckets()
    except ClientError as error:
        return _code(error) not in _BAD_CREDENTIALS
    except (BotoCoreError, SinkError):
        return False
    return True


def _keys(auth_spec_name: str, auth_params: Json, settings: Settings) -> _Keys:
    s3 = ("Amazon S3", settings.s3_endpoint)
    match auth_spec_name:
        case "Access Key":
            return _Keys(*s3, auth_params["s3AccessKey"], auth_params["s3SecretKey"])
        case "S3":
            return _Keys(*s3, auth_params["accessId"], auth_params["secretKey"])
        case "Assumed Role":
            return _assume(auth_params["s3Role"], settings)
        case name if name == GCS_AUTH:
            endpoint = settings.gcs_endpoint or settings.s3_endpoint or GCS_ENDPOINT
            return _Keys("Google Cloud Storage", endpoint, auth_params["accessKeyId"], auth_params["secretAccessKey"])
    raise SinkError(f"A bucket cannot be reached with {auth_spec_name!r}")


def _assume(role: str, settings: Settings) -> _Keys:
    """A session of the customer's role, which must trust Adobe's account; Adobe gives no external id."""
    if settings.adobe_access_key is None or settings.adobe_secret_key is None:
        raise SinkError("The emulated Adobe has no AWS credentials of its own to assume a role with")
    with _making:
        sts = _session().client(
            "sts",
            aws_access_key_id=settings.adobe_access_key,
            aws_secret_access_key=settings.adobe_secret_key,
            region_name=settings.s3_region,
            endpoint_url=settings.s3_endpoint,
            config=CLIENT_CONFIG,
        )
    try:
        session = sts.assume_role(RoleArn=role, RoleSessionName=SESSION_NAME)["Credentials"]
    except ClientError as error:
        code = _code(error)
        raise SinkError(f"AWS STS refused to let Adobe assume the role: {code}", code) from error
    except BotoCoreError as error:
        code = type(error).__name__
        raise SinkError(f"AWS STS could not be asked for the role: {code}", code) from error
    return _Keys(
        "Amazon S3",
        settings.s3_endpoint,
        session["AccessKeyId"],
        session["SecretAccessKey"],
        session["SessionToken"],
    )


def _client(keys: _Keys, settings: Settings) -> S3Client:
    with _making:
        return _session().client(
            "s3",
            aws_access_key_id=keys.access_key,
            aws_secret_access_key=keys.secret_key,
            aws_session_token=keys.token,
            region_name=settings.s3_region,
            endpoint_url=keys.endpoint,
            config=CLIENT_CONFIG,
        )


@cache
def _session() -> Session:
    return Session()


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "Unknown")
