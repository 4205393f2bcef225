"""The S3 of a base connection, reached with that connection's own keys."""

from __future__ import annotations

import threading
from typing import IO, TYPE_CHECKING

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from emulator.adobe.http import Json
from emulator.adobe.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_BAD_CREDENTIALS = frozenset(
    {
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "InvalidToken",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    }
)


class StorageError(Exception):
    """The destination refused. The message carries the storage's error code and no row content or credential."""


class Bucket:
    """Writes objects into one bucket."""

    def __init__(self, client: S3Client, name: str) -> None:
        self._client = client
        self._name = name

    def put(self, key: str, body: IO[bytes] | bytes) -> None:
        """Store one object. Raises :class:`StorageError`."""
        try:
            if isinstance(body, bytes):
                self._client.put_object(Bucket=self._name, Key=key, Body=body)
            else:
                self._client.upload_fileobj(body, self._name, key)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "Unknown")
            raise StorageError(f"Amazon S3 refused to write to bucket {self._name}: {code}") from error
        except (BotoCoreError, OSError) as error:
            raise StorageError(f"Amazon S3 could not be written to: {type(error).__name__}") from error


class Storages:
    """Opens buckets with the keys of base connections."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session = Session()
        self._lock = threading.Lock()

    def bucket(self, auth: Json, name: str) -> Bucket:
        """The bucket, not asked yet. Raises :class:`StorageError` for auth that the emulator can't act on."""
        return Bucket(self._client(auth), name)

    def accepts(self, auth: Json) -> bool:
        """Whether the keys are real ones. Keys that may not list buckets are still real."""
        try:
            self._client(auth).list_buckets()
        except ClientError as error:
            return error.response.get("Error", {}).get("Code") not in _BAD_CREDENTIALS
        except (BotoCoreError, StorageError):
            return False
        return True

    def _client(self, auth: Json) -> S3Client:
        params = auth.get("params", {})
        if auth.get("specName") != "Access Key":
            raise StorageError(f"The emulator cannot authenticate with {auth.get('specName')!r}")
        # A session may be used by one thread at a time, the clients it makes by many.
        with self._lock:
            return self._session.client(
                "s3",
                aws_access_key_id=params["s3AccessKey"],
                aws_secret_access_key=params["s3SecretKey"],
                region_name=self._settings.s3_region,
                endpoint_url=self._settings.s3_endpoint,
                config=Config(
                    connect_timeout=5,
                    read_timeout=30,
                    retries={"total_max_attempts": 2, "mode": "standard"},
                    s3={"addressing_style": "path"},
                ),
            )
