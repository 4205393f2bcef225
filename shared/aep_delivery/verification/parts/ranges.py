"""Reading a range of an object in constant memory."""

from __future__ import annotations

from collections.abc import Iterator

from aep_delivery.storage.reader import StorageReader, StoredObject

REQUEST = 8 << 20
"""Bytes asked for at once: enough that waiting for the answer weighs little, and few enough to be held."""


def pieces(
    stored: StoredObject, reader: StorageReader, start: int, end: int, *, chunk: int, request: int = REQUEST
) -> Iterator[bytes]:
    """The bytes of an object from `start` to `end`.

    Args:
        stored: The object.
        reader: Its storage.
        start: The first byte.
        end: The byte behind the last one.
        chunk: Bytes of a piece, at most.
        request: Bytes asked of the storage at once.
    """
    while start < end:
        data = reader.read_range(stored.key, start, min(request, end - start), etag=stored.etag)
        if not data:
            return
        for at in range(0, len(data), chunk):
            yield data[at : at + chunk]
        start += len(data)
