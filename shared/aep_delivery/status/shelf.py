"""Where the page lies: objects that are replaced only where nobody else has replaced them in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from aep_delivery.runtime.aws import AWS_ERRORS, aws_code, aws_error
from aep_delivery.runtime.errors import TransientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_GONE_OR_HIDDEN = {"403", "404", "AccessDenied", "NoSuchKey", "NotFound"}
"""Without the right to list the bucket, S3 answers 403 for what is not there. Were it another reason, the write, which
then asks for a new object, would be refused."""
_CHANGED = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}


class ChangedMeanwhileError(TransientError):
    """Another has written the object since its tag was read."""


class Shelf(Protocol):
    """Objects by key."""

    def tag(self, key: str) -> str | None:
        """What tells this version of an object from all others; None where there is none yet."""

    def put(self, key: str, body: str, content_type: str, *, unless_changed: str | None) -> None:
        """Replace an object.

        Args:
            key: The object's.
            body: Its new text.
            content_type: Without the charset, which is UTF-8.
            unless_changed: The tag it must still have; None where it must be new.

        Raises:
            ChangedMeanwhileError: ``status.changed``.
            TransientError, InternalError: ``aws.busy``, ``aws.refused``.
        """


class S3Shelf:
    """The work bucket. IAM actions: GetObject and PutObject.

    AWS: Amazon S3, conditional writes.
    """

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def tag(self, key: str) -> str | None:
        try:
            return self._client.head_object(Bucket=self._bucket, Key=key)["ETag"]
        except AWS_ERRORS as error:
            if aws_code(error) in _GONE_OR_HIDDEN:
                return None
            raise aws_error(error, doing=f"look at {key} in the work bucket") from None

    def put(self, key: str, body: str, content_type: str, *, unless_changed: str | None) -> None:
        condition: Any = {"IfNoneMatch": "*"} if unless_changed is None else {"IfMatch": unless_changed}
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body.encode(),
                ContentType=f"{content_type}; charset=utf-8",
                CacheControl="no-cache",
                **condition,
            )
        except AWS_ERRORS as error:
            if aws_code(error) in _CHANGED:
                raise _changed(key) from None
            raise aws_error(error, doing=f"write {key} to the work bucket") from None


class MemoryShelf:
    """The twin for tests."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self._writes: dict[str, int] = {}

    def tag(self, key: str) -> str | None:
        return str(self._writes[key]) if key in self._writes else None

    def put(self, key: str, body: str, content_type: str, *, unless_changed: str | None) -> None:
        del content_type
        if self.tag(key) != unless_changed:
            raise _changed(key)
        self.kept[key] = body
        self._writes[key] = self._writes.get(key, 0) + 1


def _changed(key: str) -> ChangedMeanwhileError:
    return ChangedMeanwhileError("The status page was drawn by another meanwhile.", code="status.changed", place=key)
