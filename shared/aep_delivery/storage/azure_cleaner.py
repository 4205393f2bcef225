"""Deleting from one container of Azure Blob Storage or ADLS Gen2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.azure_endpoints import blob_name
from aep_delivery.storage.azure_errors import Right, storage_error

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

_BATCH = 256
"""Blobs of one request (Azure: Blob Batch)."""


class AzureCleaner:
    """A :class:`~aep_delivery.storage.cleaner.StorageCleaner` over one container. Where soft delete is on, Azure keeps
    what is deleted for a while.

    Args:
        client: A client of the container; see :mod:`aep_delivery.storage.azure_client`.
    """

    def __init__(self, client: ContainerClient) -> None:
        self._client = client

    def delete_objects(self, keys: Iterable[str]) -> int:
        """Delete these blobs and return how many; ends at the first batch of which some stay."""
        deleted = 0
        for batch in _batches(keys):
            failed = self._delete(batch)
            deleted += len(batch) - len(failed)
            if failed:
                key, code = failed[0]
                raise UserError(
                    f"Azure Storage did not delete {len(failed):,} of {len(batch):,} files ({code}); "
                    f"{deleted:,} are deleted.",
                    code="storage.not-deleted",
                    hint=f"A service principal needs the role {Right.DELETE.role} on the container, a shared access "
                    f"signature the permission {Right.DELETE}.",
                    place=f"https://{self._client.primary_hostname}/{self._client.container_name}/{key}",
                )
        return deleted

    def _delete(self, batch: list[str]) -> list[tuple[str, str]]:
        """Delete one batch; what stays, each with Azure's code."""
        try:
            answers = list(self._client.delete_blobs(*map(blob_name, batch), raise_on_any_failure=False))
        except AzureError as error:
            raise storage_error(
                error,
                endpoint=self._client.primary_hostname,
                container=self._client.container_name,
                right=Right.DELETE,
            ) from None
        outcomes = [
            (key, answer.status_code, str(answer.headers.get("x-ms-error-code") or answer.status_code))
            for key, answer in zip(batch, answers, strict=True)
        ]
        return [(key, code) for key, status, code in outcomes if status >= 300 and code != "BlobNotFound"]


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(keys)
    while batch := list(islice(remaining, _BATCH)):
        yield batch
