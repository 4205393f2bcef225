"""Reading ahead: what the next files need is fetched while one is judged, so that a far storage is waited for once.

Files are judged one at a time, in their order: judging is bound to the CPU, and only so does memory stay that of one
check, whatever a file turns out to be. Only bytes as they are stored are fetched ahead, and no more than a few MiB.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from aep_delivery.storage.local import LocalReader
from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import MIB

IN_FLIGHT = 32
"""Requests at once: at 30 ms each, more of them would only wait for one processor."""
_ROOM = 8 * MIB
"""Bytes held, or on their way, for files whose turn has not come."""
_KIB = 1024
_WHOLE = {Level.CONTENT: MIB, Level.STRUCTURE: 256 * _KIB, Level.LISTING: 0}
"""Files up to this size are fetched in one request."""
_END = 64 * _KIB
"""What the checkers look at on either end of a larger file."""
_MAGIC = 4
"""Of the front of a Parquet file they look at no more."""


@dataclass(frozen=True, slots=True)
class Look:
    """One file that is to be checked."""

    stored: StoredObject
    level: Level
    reader: StorageReader
    """Where it lies. Threads share it."""
    parquet: bool
    ask: bool
    """Whether the storage will be asked for it again, after the check."""

    @property
    def parts(self) -> tuple[tuple[int, int], ...]:
        """Start and length of what is fetched ahead."""
        size = self.stored.size
        if self.level is Level.LISTING or isinstance(self.reader, LocalReader):
            return ()
        if size <= _WHOLE[self.level]:
            return ((0, size),) if size else ()
        ends = ((size - _END, _END), (0, _MAGIC if self.parquet else _END))
        return ends if self.parquet or self.level is Level.STRUCTURE else ()

    @property
    def asks_ahead(self) -> bool:
        """True where all that is looked at is fetched ahead, so that the file may be asked for right afterwards."""
        return self.ask and bool(self.parts) and (self.level is not Level.CONTENT or len(self.parts) == 1)


class Fetched:
    """A :class:`~aep_delivery.storage.reader.StorageReader` over one file that remembers what was fetched ahead.

    Args:
        look: The file.
        parts: What is here of it, each with its start.
        now: The file as it was once they were read; None where it was not asked for, or is gone.
    """

    def __init__(self, look: Look, parts: tuple[tuple[int, bytes], ...] = (), now: StoredObject | None = None) -> None:
        self._look = look
        self._parts = parts
        self._now = now

    def list_objects(self, prefix: str) -> Iterator[StoredObject]:
        """All objects whose key starts with `prefix`, page by page, in key order."""
        return self._look.reader.list_objects(prefix)

    def stat(self, key: str) -> StoredObject | None:
        """The object as it was after it was read, or None where it is gone."""
        return self._now if self._look.asks_ahead else self._look.reader.stat(key)

    def read_range(self, key: str, start: int, length: int, *, etag: str) -> bytes:
        """`length` bytes from `start`; fewer only at the end of the object."""
        end = min(start + length, self._look.stored.size)
        for first, data in self._parts:
            if first <= start and end <= first + len(data):
                return data[start - first : max(end - first, 0)]
        return self._look.reader.read_range(key, start, length, etag=etag)

    def stream(self, key: str, *, etag: str, chunk_size: int = MIB) -> Iterator[bytes]:
        """The whole object from its first byte, in chunks of about `chunk_size` bytes."""
        for first, data in self._parts:
            if first == 0 and len(data) == self._look.stored.size:
                return (data[start : start + chunk_size] for start in range(0, len(data), chunk_size))
        return self._look.reader.stream(key, etag=etag, chunk_size=chunk_size)


def ahead(looks: Iterable[Look]) -> Generator[Future[Fetched], None, None]:
    """A reader for each file, in their order, while those of the next ones are being made.

    Yields:
        The reader, or the error of the storage: ``result()`` waits for it and raises it.
    """
    pool = ThreadPoolExecutor(IN_FLIGHT)
    coming: deque[tuple[Future[Fetched], int]] = deque()
    room = _ROOM
    try:
        for look in looks:
            size = sum(length for _, length in look.parts)
            while coming and (len(coming) > 2 * IN_FLIGHT or size > room):
                future, taken = coming.popleft()
                room += taken
                yield future
            room -= size
            coming.append((pool.submit(_fetch, look) if size else _at_once(look), size))
        while coming:
            yield coming.popleft()[0]
    finally:
        pool.shutdown(cancel_futures=True)


def _fetch(look: Look) -> Fetched:
    stored = look.stored
    parts = tuple(
        (start, look.reader.read_range(stored.key, start, length, etag=stored.etag)) for start, length in look.parts
    )
    return Fetched(look, parts, look.reader.stat(stored.key) if look.asks_ahead else None)


def _at_once(look: Look) -> Future[Fetched]:
    future: Future[Fetched] = Future()
    future.set_result(Fetched(look))
    return future
