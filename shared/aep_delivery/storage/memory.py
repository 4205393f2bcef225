"""A storage that lives in memory: the twin the tests run on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from aep_delivery.storage.reader import ObjectChangedError, StoredObject

_BEGINNING = datetime(2027, 1, 1, tzinfo=UTC)


class MemoryReader:
    """A :class:`~aep_delivery.storage.reader.StorageReader` over what :meth:`put` was given."""

    def __init__(self) -> None:
        self._objects: dict[str, tuple[StoredObject, bytes]] = {}

    def put(self, key: str, data: bytes, *, last_modified: datetime = _BEGINNING) -> StoredObject:
        """Write or overwrite an object; the ETag follows the content, as in S3."""
        digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
        stored = StoredObject(key=key, size=len(data), etag=f'"{digest}"', last_modified=last_modified)
        self._objects[key] = (stored, data)
        return stored

    def alter(self, key: str, data: bytes) -> StoredObject:
        """Overwrite an object that is there; its time stays. Raises ``KeyError`` where it is not there."""
        return self.put(key, data, last_modified=self._objects[key][0].last_modified)

    def remove(self, key: str) -> None:
        """Remove an object. Raises ``KeyError`` where it is not there."""
        del self._objects[key]

    def delete_objects(self, keys: Iterable[str]) -> int:
        """Delete these objects and return how many: a :class:`~aep_delivery.storage.cleaner.StorageCleaner` too."""
        deleted = list(keys)
        for key in deleted:
            self._objects.pop(key, None)
        return len(deleted)

    def list_objects(self, prefix: str) -> Iterator[StoredObject]:
        """All objects whose key starts with `prefix`, in key order, as they are now."""
        return iter([stored for key, (stored, _) in sorted(self._objects.items()) if key.startswith(prefix)])

    def stat(self, key: str) -> StoredObject | None:
        """The object as it is now, or None where there is none."""
        found = self._objects.get(key)
        return found[0] if found else None

    def read_range(self, key: str, start: int, length: int, *, etag: str) -> bytes:
        """`length` bytes from `start`; fewer only at the end of the object."""
        return self._content(key, etag)[start : start + max(length, 0)]

    def stream(self, key: str, *, etag: str, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        """The whole object from its first byte, in chunks of `chunk_size` bytes."""
        data = self._content(key, etag)
        for start in range(0, len(data), chunk_size):
            yield data[start : start + chunk_size]

    def _content(self, key: str, etag: str) -> bytes:
        found = self._objects.get(key)
        if found is None or found[0].etag != etag:
            raise ObjectChangedError(
                "The object was rewritten or removed while it was read.", code="storage.object-changed", place=key
            )
        return found[1]
