"""Reading from one SFTP server, below the login directory of one user."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from typing import cast

import asyncssh

from aep_delivery.storage.reader import StoredObject
from aep_delivery.storage.sftp_access import SftpAccess
from aep_delivery.storage.sftp_errors import BROKEN, MISSING, sftp_error
from aep_delivery.storage.sftp_file import OpenFile
from aep_delivery.storage.sftp_listing import walk
from aep_delivery.storage.sftp_version import is_complete, stored_object

_RESUMES = 5
"""How often one stream goes on after the connection broke. Each time it starts where it stopped."""


class SftpReader(SftpAccess):
    """A :class:`~aep_delivery.storage.reader.StorageReader` over the login directory of one user.

    See :func:`aep_delivery.storage.sftp_client.sftp_reader`.
    """

    def list_objects(self, prefix: str) -> Iterator[StoredObject]:
        """All regular files whose key starts with `prefix`, folder by folder, in key order."""
        for key, attributes in walk(self._scan, prefix, place=self._place(prefix)):
            yield stored_object(key, attributes, place=self._place(key))

    def stat(self, key: str) -> StoredObject | None:
        """The file as it is now, or None where there is none, or something else than a file."""
        path = self._path(key)

        attributes = self._call(lambda client: self._looked_up(client, path), key)
        if attributes.type != asyncssh.FILEXFER_TYPE_REGULAR:
            return None
        return stored_object(key, attributes, place=self._place(key))

    def read_range(self, key: str, start: int, length: int, *, etag: str) -> bytes:
        """`length` bytes from `start`; fewer only at the end of the file."""
        if length <= 0:
            return b""
        path = self._path(key)

        async def read(client: asyncssh.SFTPClient) -> bytes:
            file = await self._open(client, path, key, etag)
            try:
                return await file.read(start, length)
            finally:
                await file.close()

        return self._call(read, key, about_object=True)

    def stream(self, key: str, *, etag: str, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        """The whole file from its first byte, in chunks of at most `chunk_size` bytes.

        A connection that breaks on the way is taken up again where it stopped: the ETag pins the version.
        """
        position, resumes = 0, 0
        while True:
            try:
                for chunk in self._chunks(key, etag, position, chunk_size):
                    position += len(chunk)
                    yield chunk
            except BROKEN as error:
                resumes += 1
                if resumes > _RESUMES:
                    raise sftp_error(error, place=self._place(key), about_object=True) from error
            else:
                return

    def _scan(self, folder: str) -> list[tuple[str, asyncssh.SFTPAttrs]]:
        path = self._path(folder.removesuffix("/")) if folder else self._top

        async def scan(client: asyncssh.SFTPClient) -> list[tuple[str, asyncssh.SFTPAttrs]]:
            found = []
            try:
                async for entry in self._session.answers(client.scandir(path)):
                    name, attributes = cast("bytes", entry.filename), entry.attrs
                    if name in (b".", b"..") or b"/" in name:
                        continue
                    if not is_complete(attributes):
                        attributes = await self._looked_up(client, path + b"/" + name)
                    # What is not UTF-8 is not Adobe's; it is shown, though nothing can be read under the name shown.
                    found.append((name.decode("utf-8", "backslashreplace"), attributes))
            except MISSING:
                return []
            return found

        return self._call(scan, folder)

    async def _looked_up(self, client: asyncssh.SFTPClient, path: bytes) -> asyncssh.SFTPAttrs:
        """What is there now, links not followed; nothing is known of what is not there."""
        try:
            return await self._session.answer(client.lstat(path))
        except MISSING:
            return asyncssh.SFTPAttrs()

    def _chunks(self, key: str, etag: str, position: int, chunk_size: int) -> Iterator[bytes]:
        """The file from `position` on, over one connection. The next window is on its way while one is consumed."""
        path = self._path(key)
        file = self._call(lambda client: self._open(client, path, key, etag), key, about_object=True)
        window = file.window // chunk_size * chunk_size or file.window
        ahead: Future[bytes] | None = None
        try:
            while position < file.size:
                ahead = ahead or self._thread.submit(file.read(position, window))
                data, ahead = ahead.result(), None
                position += len(data)
                if position < file.size:
                    ahead = self._thread.submit(file.read(position, window))
                for start in range(0, len(data), chunk_size):
                    yield data[start : start + chunk_size]
        except BROKEN:
            self._thread.run(file.give_up())
            raise
        except asyncssh.Error as error:
            raise sftp_error(error, place=self._place(key), about_object=True) from error
        finally:
            if ahead is not None:
                ahead.cancel()
            if not self._thread.closed:
                self._thread.run(file.close())

    async def _open(self, client: asyncssh.SFTPClient, path: bytes, key: str, etag: str) -> OpenFile:
        return await OpenFile.opened(self._session, client, path, etag=etag, place=self._place(key))
