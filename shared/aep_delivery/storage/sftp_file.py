"""One version of one file on an SFTP server, held open."""

from __future__ import annotations

import asyncio
import contextlib
from typing import cast

import asyncssh

from aep_delivery.storage.sftp_errors import object_changed
from aep_delivery.storage.sftp_session import SftpSession
from aep_delivery.storage.sftp_version import is_version

_BYTES = 8 << 20
_REQUESTS = 128
"""Bytes and requests that are under way at once, so that the server always has the next request before it has answered
the last one."""
_BLOCK = 32 << 10
"""Bytes of one request to a server that tells no limit: what every server answers (draft-ietf-secsh-filexfer, 4)."""


class OpenFile:
    """A file as it was opened; the server's handle stays with that file when another one takes its name.

    Args:
        session: Whose file it is.
        client: The connection it was opened on.
        file: asyncssh's.
        etag: The version that every byte must be of.
        place: The file, for errors.
    """

    def __init__(
        self,
        session: SftpSession,
        client: asyncssh.SFTPClient,
        file: asyncssh.SFTPClientFile,
        *,
        etag: str,
        place: str,
    ) -> None:
        self._session = session
        self._client = client
        self._file = file
        self._etag = etag
        self._place = place
        self.window = min(_BYTES, _REQUESTS * file.read_len)
        """How many bytes are best read at once."""
        self.size = 0

    @classmethod
    async def opened(
        cls, session: SftpSession, client: asyncssh.SFTPClient, path: bytes, *, etag: str, place: str
    ) -> OpenFile:
        """The file of this path.

        Raises:
            ObjectChangedError: It is another version.
            asyncssh.Error: The server refused, or the connection broke.
            OSError: The same, or the patience is at its end.
        """
        block = max(client.limits.max_read_len, _BLOCK)
        file = await session.answer(client.open(path, "rb", block_size=block))
        opened = cls(session, client, file, etag=etag, place=place)
        try:
            opened.size = await opened._checked_size()
        except BaseException:
            await opened.close()
            raise
        return opened

    async def read(self, start: int, length: int) -> bytes:
        """The bytes from `start`, fewer only at the end of the file. Raises as :meth:`opened` does."""
        end = min(start + length, self.size)
        parts = [await self._together(at, min(at + self.window, end)) for at in range(start, end, self.window)]
        data = b"".join(parts)
        # A writer may have come while the bytes were on their way. What is too short was cut in between.
        await self._checked_size()
        if len(data) != max(end - start, 0):
            raise object_changed(self._place)
        return data

    async def give_up(self) -> None:
        """Close the connection the file was opened on: it has broken."""
        await self._session.give_up(self._client)

    async def close(self) -> None:
        """Let go of the handle; where the connection is gone, so is the handle."""
        with contextlib.suppress(asyncssh.Error, OSError):
            await self._session.answer(self._file.close())

    async def _together(self, start: int, end: int) -> bytes:
        """One window. asyncssh's own parallel reads fill a gap with zeros, and leave tasks behind when they fail."""
        block = self._file.read_len
        tasks = [asyncio.create_task(self._block(at, min(block, end - at))) for at in range(start, end, block)]
        pending = set(tasks)
        try:
            while pending:
                done, pending = await asyncio.wait(
                    pending, timeout=self._session.patience, return_when=asyncio.FIRST_COMPLETED
                )
                if not done:
                    raise TimeoutError
                if any(len(task.result()) != block for task in done if task is not tasks[-1]):
                    raise object_changed(self._place)
            return b"".join(task.result() for task in tasks)
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _block(self, start: int, length: int) -> bytes:
        return cast("bytes", await self._file.read(length, start))

    async def _checked_size(self) -> int:
        attributes = await self._session.answer(self._file.stat())
        if not is_version(attributes, self._etag):
            raise object_changed(self._place)
        return attributes.size or 0
