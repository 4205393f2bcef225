"""What the exporters write to, whichever storage it is."""

from __future__ import annotations

from typing import IO, Protocol


class Sink(Protocol):
    """One bucket, container or login directory that accepts files."""

    def put(self, key: str, body: IO[bytes] | bytes) -> None:
        """Store one file whole, in the place of one that has its name already.

        Args:
            key: its path, relative to the bucket, the container or the SFTP login directory.
            body: its content; a file is read from where it stands to its end, and left open.

        Raises:
            SinkError: the destination refused, or could not be reached.
        """


class SinkError(Exception):
    """The destination refused.

    The message says which storage and why, with the storage's own error code; it holds no row content and no
    credential. `code` is that error code alone, or the name of the fault where the storage gave none.
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code
