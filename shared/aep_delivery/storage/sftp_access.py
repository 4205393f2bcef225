"""The synchronous face of an SFTP session: what reading and deleting have in common."""

from __future__ import annotations

import weakref
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeVar

import asyncssh

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.sftp_errors import BROKEN, sftp_error
from aep_delivery.storage.sftp_keys import SftpLogin
from aep_delivery.storage.sftp_loop import LoopThread
from aep_delivery.storage.sftp_session import SftpSession

_T = TypeVar("_T")


class SftpAccess:
    """The synchronous face of a session, with what :class:`~aep_delivery.storage.sftp.SftpReader` and
    :class:`~aep_delivery.storage.sftp_cleaner.SftpCleaner` have in common.

    Several threads may use it, over one connection. It is closed by :meth:`close`, as a context manager, or when nobody
    holds it any more.

    Args:
        login: Where to, as whom, and how to know the server.
        patience: Seconds the server may take for an answer.
    """

    def __init__(self, login: SftpLogin, *, patience: float = 60.0) -> None:
        self._session = SftpSession(login, patience)
        self._thread = LoopThread()
        # Neither the session nor the thread knows this object: a reference would keep it alive for ever.
        self._finalizer = weakref.finalize(self, _close, self._thread, self._session)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection and the thread. Afterwards nothing else may be called."""
        self._finalizer()

    @property
    def _top(self) -> bytes:
        """The directory that keys are relative to."""
        return b"/" if self._session.login.absolute else b"."

    def _path(self, key: str) -> bytes:
        """Where a key lies on the server."""
        return (b"/" if self._session.login.absolute else b"") + path_of(key, place=self._place(key))

    def _place(self, key: str) -> str:
        return f"{self._session.login.place}/{key}"

    def _call(
        self, work: Callable[[asyncssh.SFTPClient], Awaitable[_T]], key: str, *, about_object: bool = False
    ) -> _T:
        """Do one thing on the server; a connection that has broken meanwhile is made once more.

        Args:
            work: What to do; it may be done twice.
            key: What it is about.
            about_object: Whether it is about a file that is known to have been there.
        """
        try:
            try:
                return self._thread.run(_attempt(self._session, work))
            except BROKEN:
                return self._thread.run(_attempt(self._session, work))
        except (asyncssh.Error, OSError) as error:
            raise sftp_error(error, place=self._place(key), about_object=about_object) from error


def path_of(key: str, *, place: str) -> bytes:
    """The path of a key below the login directory.

    Raises:
        UserError: ``storage.path-refused`` for a key that would leave the directory, or is not one file's only name.
    """
    if "\0" in key or any(part in ("", ".", "..") for part in key.split("/")):
        raise UserError(
            "A path on an SFTP server is relative to the login directory: names with single slashes between them.",
            code="storage.path-refused",
            hint="Remove '.', '..' and needless slashes from the path.",
            place=place,
        )
    return key.encode("utf-8", "surrogatepass")


async def _attempt(session: SftpSession, work: Callable[[asyncssh.SFTPClient], Awaitable[_T]]) -> _T:
    client = await session.client()
    try:
        return await work(client)
    except BROKEN:
        await session.give_up(client)
        raise


def _close(thread: LoopThread, session: SftpSession) -> None:
    thread.close(session.close())
