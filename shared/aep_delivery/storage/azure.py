"""Reading from one container of Azure Blob Storage or ADLS Gen2."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING

from azure.core import MatchConditions
from azure.core.exceptions import AzureError

from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.storage.azure_endpoints import blob_name
from aep_delivery.storage.azure_errors import Right, is_broken, is_missing, is_past_the_end, storage_error
from aep_delivery.storage.reader import StoredObject

if TYPE_CHECKING:
    from azure.storage.blob import BlobProperties, ContainerClient

_RESUMES = 5
"""How often one stream goes on after the connection broke. Each time it starts where it stopped, with If-Match."""
_FOLDER = "hdi_isfolder"
"""Metadata of what is a directory where the account has a hierarchical namespace, and shows as an empty blob."""


class AzureReader:
    """A :class:`~aep_delivery.storage.reader.StorageReader` over one container.

    Args:
        client: A client of the container; see :mod:`aep_delivery.storage.azure_client`.
        page_size: How many blobs one request lists; None leaves it to Azure, whose pages hold 5,000.
    """

    def __init__(self, client: ContainerClient, *, page_size: int | None = None) -> None:
        self._client = client
        self._page_size = page_size

    def list_objects(self, prefix: str) -> Iterator[StoredObject]:
        """All blobs whose name starts with `prefix`, page by page, in the order of names; no directories."""
        try:
            for found in self._client.list_blobs(prefix, include=["metadata"], results_per_page=self._page_size):
                if not _is_folder(found):
                    yield _stored(found, found.name)
        except AzureError as error:
            raise self._error(error, Right.LIST) from None

    def stat(self, key: str) -> StoredObject | None:
        """The blob as it is now with the MD5 Azure keeps of it, or None where there is none."""
        try:
            found = self._client.get_blob_client(blob_name(key)).get_blob_properties()
        except AzureError as error:
            if is_missing(error):
                return None
            raise self._error(error, Right.READ, key) from None
        return None if _is_folder(found) else _stored(found, key)

    def read_range(self, key: str, start: int, length: int, *, etag: str) -> bytes:
        """`length` bytes from `start`; fewer only at the end of the blob."""
        if length <= 0:
            return b""
        try:
            return b"".join(self._download(key, start, length, etag))
        except AzureError as error:
            if is_past_the_end(error):
                return b""
            raise self._error(error, Right.READ, key) from None

    def stream(self, key: str, *, etag: str, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        """The whole blob from its first byte, in chunks of at most `chunk_size` bytes.

        A connection that breaks on the way is taken up again where it stopped: the ETag pins the version.
        """
        position, resumes = 0, 0
        while True:
            try:
                for segment in self._download(key, position, None, etag):
                    for start in range(0, len(segment), chunk_size):
                        chunk = segment[start : start + chunk_size]
                        position += len(chunk)
                        yield chunk
            except AzureError as error:
                if is_past_the_end(error):
                    return
                resumes += 1
                if not is_broken(error) or resumes > _RESUMES:
                    raise self._error(error, Right.READ, key) from None
            else:
                return

    def _download(self, key: str, start: int, length: int | None, etag: str) -> Iterator[bytes]:
        # As it lies there: with a Content-Encoding the client would decompress and lose count of the bytes.
        return self._client.download_blob(
            blob_name(key),
            offset=start,
            length=length,
            etag=etag,
            match_condition=MatchConditions.IfNotModified,
            decompress=False,
        ).chunks()

    def _error(self, error: AzureError, right: Right, key: str | None = None) -> DeliveryError:
        return storage_error(
            error,
            endpoint=self._client.primary_hostname,
            container=self._client.container_name,
            right=right,
            key=key,
        )


def _is_folder(found: BlobProperties) -> bool:
    return (found.metadata or {}).get(_FOLDER, "").lower() == "true"


def _stored(found: BlobProperties, key: str) -> StoredObject:
    md5 = found.content_settings.content_md5
    return StoredObject(
        key=key,
        size=found.size,
        # Listings leave out the quotes that belong to it.
        etag='"{}"'.format(found.etag.strip('"')),
        last_modified=found.last_modified.astimezone(UTC),
        checksum=f"md5:{base64.b64encode(md5).decode()}" if md5 else None,
    )
