"""A reader that tells how much was read, for whoever waits at a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.receipt.figures import plural, size


class WatchedReader:
    """Passes everything on to another reader.

    Args:
        reader: The other one.
        tell: Gets a line whenever there is something new to tell.
    """

    def __init__(self, reader: StorageReader, tell: Callable[[str], None]) -> None:
        self._reader = reader
        self._tell = tell
        self._listed = 0
        self._opened: set[str] = set()
        self._bytes = 0

    def list_objects(self, prefix: str) -> Iterator[StoredObject]:
        for stored in self._reader.list_objects(prefix):
            self._listed += 1
            if not self._opened:
                self._tell(f"Listing: {plural(self._listed, 'file')}")
            yield stored

    def stat(self, key: str) -> StoredObject | None:
        return self._reader.stat(key)

    def read_range(self, key: str, start: int, length: int, *, etag: str) -> bytes:
        data = self._reader.read_range(key, start, length, etag=etag)
        self._count(key, data)
        return data

    def stream(self, key: str, *, etag: str, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        for chunk in self._reader.stream(key, etag=etag, chunk_size=chunk_size):
            self._count(key, chunk)
            yield chunk

    def _count(self, key: str, data: bytes) -> None:
        self._opened.add(key)
        self._bytes += len(data)
        self._tell(f"Verifying: {plural(len(self._opened), 'file')} opened, {size(self._bytes)} read")
