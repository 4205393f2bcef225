"""One folder of a storage as if it were the whole: keys are relative to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aep_delivery.storage.cleaner import StorageCleaner
from aep_delivery.storage.reader import StorageReader, StoredObject


class FolderReader:
    """A :class:`~aep_delivery.storage.reader.StorageReader` over one folder of another one.

    Args:
        reader: The whole storage.
        folder: The folder, without slashes around it.
    """

    def __init__(self, reader: StorageReader, folder: str) -> None:
        self._reader = reader
        self._prefix = f"{folder}/"

    def list_objects(self, prefix: str) -> Iterator[StoredObject]:
        """All objects whose key starts with `prefix`, page by page, in key order."""
        return map(self._inside, self._reader.list_objects(self._prefix + prefix))

    def stat(self, key: str) -> StoredObject | None:
        """The object as it is now, or None where there is none."""
        stored = self._reader.stat(self._prefix + key)
        return None if stored is None else self._inside(stored)

    def read_range(self, key: str, start: int, length: int, *, etag: str) -> bytes:
        """`length` bytes from `start`; fewer only at the end of the object."""
        return self._reader.read_range(self._prefix + key, start, length, etag=etag)

    def stream(self, key: str, *, etag: str, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        """The whole object from its first byte, in chunks of about `chunk_size` bytes."""
        return self._reader.stream(self._prefix + key, etag=etag, chunk_size=chunk_size)

    def _inside(self, stored: StoredObject) -> StoredObject:
        return stored.model_copy(update={"key": stored.key.removeprefix(self._prefix)})


class FolderCleaner:
    """A :class:`~aep_delivery.storage.cleaner.StorageCleaner` over one folder of another one.

    Args:
        cleaner: The whole storage.
        folder: The folder, without slashes around it.
    """

    def __init__(self, cleaner: StorageCleaner, folder: str) -> None:
        self._cleaner = cleaner
        self._prefix = f"{folder}/"

    def delete_objects(self, keys: Iterable[str]) -> int:
        """Delete these objects and return how many; one that is gone already counts too."""
        return self._cleaner.delete_objects(self._prefix + key for key in keys)
