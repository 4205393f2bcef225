"""Reading from one Amazon S3 bucket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING

from botocore.exceptions import HTTPClientError
from urllib3.exceptions import HTTPError

from aep_delivery.storage.reader import StoredObject
from aep_delivery.storage.s3_errors import S3_ERRORS, is_missing, is_past_the_end, storage_error

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

    from aep_delivery.storage.s3_direct import DirectReads

_LIST = "s3:ListBucket"
_READ = "s3:GetObject"
_RESUMES = 5
"""How often one stream goes on after the connection broke. Each time it starts where it stopped, with If-Match."""


class S3Reader:
    """A :class:`~aep_delivery.storage.reader.StorageReader` over one bucket.

    Args:
        client: A boto3 S3 client; see :func:`aep_delivery.storage.s3_client.s3_client`.
        bucket: The bucket's name.
        direct: Reads ranges with less CPU, where it can; None leaves all to the client.
    """

    def __init__(self, client: S3Client, bucket: str, *, direct: DirectReads | None = None) -> None:
        self._client = client
        self._bucket = bucket
        self._direct = direct

    def list_objects(self, prefix: str) -> Iterator[StoredObject]:
        """All objects whose key starts with `prefix`, page by page, in key order."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        try:
            for page in pages:
                for item in page.get("Contents", []):
                    yield StoredObject(
                        key=item["Key"],
                        size=item["Size"],
                        etag=item["ETag"],
                        last_modified=item["LastModified"].astimezone(UTC),
                    )
        except S3_ERRORS as error:
            raise storage_error(error, bucket=self._bucket, permission=_LIST) from error

    def stat(self, key: str) -> StoredObject | None:
        """The object as it is now with the checksum S3 keeps of it, or None where there is none."""
        try:
            head = self._client.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
        except S3_ERRORS as error:
            if is_missing(error):
                return None
            raise storage_error(error, bucket=self._bucket, key=key, permission=_READ) from error
        return StoredObject(
            key=key,
            size=head["ContentLength"],
            etag=head["ETag"],
            last_modified=head["LastModified"].astimezone(UTC),
            checksum=_checksum(head),
        )

    def read_range(self, key: str, start: int, length: int, *, etag: str) -> bytes:
        """`length` bytes from `start`; fewer only at the end of the object."""
        if length <= 0:
            return b""
        direct = self._direct.read(key, start, length, etag=etag) if self._direct else None
        if direct is not None:
            return direct
        try:
            answer = self._client.get_object(
                Bucket=self._bucket, Key=key, IfMatch=etag, Range=f"bytes={start}-{start + length - 1}"
            )
            return answer["Body"].read()
        except S3_ERRORS as error:
            if is_past_the_end(error):
                return b""
            raise storage_error(error, bucket=self._bucket, key=key, permission=_READ) from error

    def stream(self, key: str, *, etag: str, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        """The whole object from its first byte, in chunks of about `chunk_size` bytes.

        A connection that breaks on the way is taken up again where it stopped: the ETag pins the version.
        """
        position, resumes = 0, 0
        while True:
            try:
                # A range that is open to the right also keeps botocore from checking the object's own checksum in
                # Python: the checkers prove the content, and a resumed stream could not be compared anyway.
                answer = self._client.get_object(Bucket=self._bucket, Key=key, IfMatch=etag, Range=f"bytes={position}-")
                for chunk in answer["Body"].iter_chunks(chunk_size):
                    position += len(chunk)
                    yield chunk
            except S3_ERRORS as error:
                if is_past_the_end(error):
                    return
                resumes += 1
                if not isinstance(error, HTTPClientError | HTTPError) or resumes > _RESUMES:
                    raise storage_error(error, bucket=self._bucket, key=key, permission=_READ) from error
            else:
                return


def _checksum(head: HeadObjectOutputTypeDef) -> str | None:
    found = {
        "crc64nvme": head.get("ChecksumCRC64NVME"),
        "sha256": head.get("ChecksumSHA256"),
        "crc32c": head.get("ChecksumCRC32C"),
        "crc32": head.get("ChecksumCRC32"),
        "sha1": head.get("ChecksumSHA1"),
    }
    return next((f"{algorithm}:{value}" for algorithm, value in found.items() if value), None)
