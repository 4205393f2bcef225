"""The SHA-256 of a file, taken while it passes by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator


class Digested:
    """The chunks of a file, hashed on their way through.

    Args:
        chunks: The file from its first byte.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._hash = hashlib.sha256()
        self.size = 0
        """Bytes that passed so far."""

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._hash.update(chunk)
            self.size += len(chunk)
            yield chunk

    def hexdigest(self) -> str:
        return self._hash.hexdigest()
