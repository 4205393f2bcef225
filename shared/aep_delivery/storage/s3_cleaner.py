"""Deleting from one Amazon S3 bucket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.s3_errors import storage_error

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_DELETE = "s3:DeleteObject"
_BATCH = 1000
"""Keys of one request (AWS: DeleteObjects)."""


class S3Cleaner:
    """A :class:`~aep_delivery.storage.cleaner.StorageCleaner` over one bucket. Where it is versioned, S3 keeps what is
    deleted as earlier versions.

    Args:
        client: A boto3 S3 client; see :func:`aep_delivery.storage.s3_client.s3_client`.
        bucket: The bucket's name.
    """

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def delete_objects(self, keys: Iterable[str]) -> int:
        """Delete these objects and return how many; ends at the first batch of which some stay."""
        deleted = 0
        for batch in _batches(keys):
            objects: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in batch]
            try:
                answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})
            except (ClientError, BotoCoreError) as error:
                raise storage_error(error, bucket=self._bucket, permission=_DELETE) from error
            # The request succeeds also where single keys are refused.
            failed = answer.get("Errors", [])
            deleted += len(batch) - len(failed)
            if failed:
                raise UserError(
                    f"Amazon S3 did not delete {len(failed):,} of {len(batch):,} files ({failed[0].get('Code')}); "
                    f"{deleted:,} are deleted.",
                    code="storage.not-deleted",
                    hint=f"Allow {_DELETE} on arn:aws:s3:::{self._bucket}/* to the user of the access key.",
                    place=f"s3://{self._bucket}/{failed[0].get('Key', '')}",
                )
        return deleted


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(keys)
    while batch := list(islice(remaining, _BATCH)):
        yield batch
