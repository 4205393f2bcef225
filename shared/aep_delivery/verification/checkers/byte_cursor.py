"""Reading a stream of chunks as if it were a file that is read once, from front to back."""

from __future__ import annotations

from collections.abc import Iterator

from aep_delivery.verification.checkers.base import Damage


class ByteCursor:
    """A position in a stream.

    Args:
        chunks: The file from its first byte, or from the one at `position`.
        position: Where the stream begins.
    """

    def __init__(self, chunks: Iterator[bytes], position: int = 0) -> None:
        self._chunks = chunks
        self._buffer = b""
        self._used = 0
        self.position = position
        """The byte of the file that comes next."""

    def peek(self, size: int) -> bytes:
        """The next `size` bytes without taking them; fewer only at the end of the stream."""
        while len(self._buffer) - self._used < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._buffer = self._buffer[self._used :] + chunk
            self._used = 0
        return self._buffer[self._used : self._used + size]

    def pieces(self, size: int) -> Iterator[bytes]:
        """Take `size` bytes, in pieces as they come.

        Raises:
            Damage: ``file.truncated``.
        """
        left = size
        while left:
            if self._used == len(self._buffer):
                chunk = next(self._chunks, None)
                if chunk is None:
                    raise Damage("file.truncated", "The file ends inside its data.", f"byte {self.position}")
                self._buffer, self._used = chunk, 0
            piece = self._buffer[self._used : self._used + left]
            self._used += len(piece)
            self.position += len(piece)
            left -= len(piece)
            yield piece

    def skip(self, size: int) -> None:
        """Take `size` bytes and drop them. Raises ``Damage`` as :meth:`pieces` does."""
        for _ in self.pieces(size):
            pass

    def drain(self) -> None:
        """Take whatever is left."""
        self.position += len(self._buffer) - self._used
        self._buffer, self._used = b"", 0
        for chunk in self._chunks:
            self.position += len(chunk)
