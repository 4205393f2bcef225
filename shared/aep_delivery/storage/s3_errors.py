"""What botocore raises, as one of our four classes of error."""

from __future__ import annotations

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
)
from urllib3.exceptions import HTTPError

from aep_delivery.runtime.errors import DeliveryError, InternalError, TransientError, UserError
from aep_delivery.storage.reader import ObjectChangedError

S3_ERRORS = (ClientError, BotoCoreError, HTTPError)
"""All that a client raises; urllib3's own where a refusal breaks off in the middle, which botocore lets through."""
_DENIED = {"AccessDenied", "AllAccessDisabled", "403", "Forbidden"}
_CREDENTIALS = {
    "AuthFailure",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
}
_REGION = {"301", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect"}
_TRANSIENT = {
    "InternalError",
    "RequestTimeout",
    "RequestTimeTooSkewed",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
}
_CHANGED = {"404", "412", "NoSuchKey", "NoSuchVersion", "PreconditionFailed"}


def is_missing(error: Exception) -> bool:
    """True where the object does not exist. S3 answers a HEAD without a body, so the code is the bare status."""
    return isinstance(error, ClientError) and _code(error) in {"404", "NoSuchKey"}


def is_past_the_end(error: Exception) -> bool:
    """True where a range starts behind the last byte; for an empty object every range does."""
    return isinstance(error, ClientError) and _code(error) in {"416", "InvalidRange"}


def storage_error(error: Exception, *, bucket: str, permission: str, key: str | None = None) -> DeliveryError:
    """The error to raise instead of botocore's.

    Args:
        error: What botocore raised.
        bucket: The bucket it was about.
        permission: The IAM action the call needs, for the hint.
        key: The object it was about, where it was about one.
    """
    place = f"s3://{bucket}/{key or ''}"
    if isinstance(error, ClientError):
        return _answered(error, place=place, bucket=bucket, permission=permission, about_object=key is not None)
    if isinstance(error, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError):
        return UserError(
            "There is no credential to read the bucket with.",
            code="storage.credentials-missing",
            hint="Store s3AccessKey and s3SecretKey in the secret the config names.",
            place=place,
        )
    if isinstance(error, ConnectionError | HTTPClientError | IncompleteReadError | HTTPError):
        return TransientError(
            f"The connection to Amazon S3 failed: {type(error).__name__}.",
            code="storage.connection-failed",
            place=place,
        )
    if isinstance(error, BotoCoreError):
        return InternalError(
            f"The S3 client refused the call: {type(error).__name__}.", code="storage.call-refused", place=place
        )
    raise error


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def _status(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


def _answered(error: ClientError, *, place: str, bucket: str, permission: str, about_object: bool) -> DeliveryError:
    code, status = _code(error), _status(error)
    if about_object and code in _CHANGED:
        return ObjectChangedError(
            "The object was rewritten or removed while it was read.", code="storage.object-changed", place=place
        )
    if code in _TRANSIENT or status >= 500 or status == 429:
        return TransientError(
            f"Amazon S3 asks to come back later ({code or status}).", code="storage.busy", place=place
        )
    resource = f"arn:aws:s3:::{bucket}/*" if about_object else f"arn:aws:s3:::{bucket}"
    advice = _advice(code, status, bucket=bucket, permission=permission, resource=resource)
    if advice is None:
        return InternalError(
            f"Amazon S3 refused the call ({code or status}).", code="storage.call-refused", place=place
        )
    own_code, message, hint = advice
    return UserError(message, code=own_code, hint=hint, place=place)


def _advice(code: str, status: int, *, bucket: str, permission: str, resource: str) -> tuple[str, str, str] | None:
    """Our code, the sentence and the hint for what only a person can mend."""
    if code == "NoSuchBucket":
        return (
            "storage.bucket-not-found",
            f"The bucket {bucket} does not exist.",
            f"Check bucketName; the credential also needs {permission} on {resource}.",
        )
    if code in _CREDENTIALS:
        return (
            "storage.credentials-rejected",
            f"Amazon S3 does not accept the credential ({code}).",
            f"Check the access key in the secret the config names; it needs {permission} on {resource}.",
        )
    if code in _REGION:
        return (
            "storage.wrong-region",
            f"The bucket {bucket} lies in another region.",
            "Set the region of the bucket.",
        )
    if code in _DENIED or status == 403:
        return (
            "storage.access-denied",
            f"The credential may not read the bucket {bucket}.",
            f"Allow {permission} on {resource} to the user of the access key.",
        )
    return None
