"""What verification needs of a storage, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from aep_delivery.runtime.errors import TransientError


class StoredObject(BaseModel):
    """One object as a listing shows it."""

    model_config = ConfigDict(frozen=True)

    key: str
    size: int
    """Bytes."""
    etag: str
    last_modified: datetime
    checksum: str | None = None
    """The storage's own checksum of the whole object, ``algorithm:value``, where it keeps one. It proves "unchanged
    since the upload", not "complete when uploaded"."""


class ObjectChangedError(TransientError):
    """The object was rewritten or removed between two reads. Raised so that bytes of two versions never mix."""


class StorageReader(Protocol):
    """Read access to one bucket or container. Raises ``UserError`` where access is denied or the bucket is missing,
    ``TransientError`` where the storage asks to come back, :class:`ObjectChangedError` where an ETag no longer holds.
    """

    def list_objects(self, prefix: str) -> Iterator[StoredObject]:
        """All objects whose key starts with `prefix`, page by page, in key order."""

    def stat(self, key: str) -> StoredObject | None:
        """The object as it is now, or None where there is none."""

    def read_range(self, key: str, start: int, length: int, *, etag: str) -> bytes:
        """`length` bytes from `start`; fewer only at the end of the object."""

    def stream(self, key: str, *, etag: str, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        """The whole object from its first byte, in chunks of about `chunk_size` bytes."""
