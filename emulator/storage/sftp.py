"""A local SFTP server: users with a password or an SSH key, each shut in a folder of its own.

It runs in a thread of its starter, so it ends with it whatever happens, and holds nothing but one temporary folder.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import secrets
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

import asyncssh

HOST = "127.0.0.1"
Operation = Literal["list", "stat", "open", "remove"]


@dataclass
class Faults:
    """What goes wrong from now on. Change it at any time; an operation looks when it begins."""

    drop_after: int | None = None
    """How many more bytes are read before the connection is torn; then this is None again."""
    refuse: frozenset[Operation] = frozenset()
    """What is answered with "permission denied"."""
    delay: float = 0.0
    """Seconds each answer waits."""


@dataclass(frozen=True)
class _User:
    password: str | None = field(default=None, repr=False)
    key: asyncssh.SSHKey | None = field(default=None, repr=False)


@dataclass
class SftpServer:
    """A running server.

    Attributes:
        host: Its address, on loopback.
        port: Its port.
        host_key: Its public key as a line of OpenSSH's: ``ssh-ed25519 AAAA…``.
        root: The folder that holds a folder for each user.
        faults: What goes wrong on purpose.
    """

    host: str
    port: int
    host_key: str
    root: Path
    faults: Faults = field(default_factory=Faults)
    _users: dict[str, _User] = field(default_factory=dict, repr=False)

    def add_user(self, name: str) -> str:
        """A user who logs in with a password.

        Returns:
            The password.
        """
        password = secrets.token_urlsafe(24)
        self._add(name, _User(password=password))
        return password

    def add_key_user(self, name: str, algorithm: Literal["ssh-ed25519", "ssh-rsa"] = "ssh-ed25519") -> str:
        """A user who logs in with an SSH key.

        Returns:
            The private key as OpenSSH's PEM, without a passphrase; see :func:`as_adobe_takes_it`.
        """
        key = asyncssh.generate_private_key(algorithm)
        self._add(name, _User(key=key.convert_to_public()))
        return key.export_private_key().decode("ascii")

    def folder(self, name: str) -> Path:
        """Where the files of a user lie: the login directory, from outside."""
        return self.root / name

    def allows_password(self, name: str, password: str) -> bool:
        """Whether this is the user's password."""
        user = self._users.get(name)
        if user is None or user.password is None:
            return False
        return hmac.compare_digest(user.password.encode(), password.encode())

    def allows_key(self, name: str, key: asyncssh.SSHKey) -> bool:
        """Whether this is the user's public key."""
        user = self._users.get(name)
        return user is not None and user.key == key

    def _add(self, name: str, user: _User) -> None:
        self.folder(name).mkdir()
        self._users[name] = user


def as_adobe_takes_it(private_key: str) -> str:
    """A private key as a base connection holds it: the whole file in base64 (Adobe: SFTP destination)."""
    return base64.b64encode(private_key.encode("ascii")).decode("ascii")


@contextlib.contextmanager
def start_sftp(*, protocol: int = 3) -> Iterator[SftpServer]:
    """Run an SFTP server for as long as the context lasts.

    Args:
        protocol: The highest version of SFTP it speaks: 3 is what OpenSSH speaks, from 4 on files have nanoseconds.

    Yields:
        The server, listening.

    Raises:
        OSError: It could not listen.
    """
    with tempfile.TemporaryDirectory(prefix="aep-delivery-sftp-") as root:
        running = _Running(Path(root), protocol)
        server = running.start()
        try:
            yield server
        finally:
            running.stop()


class _Running:
    """The thread with the server's event loop."""

    def __init__(self, root: Path, protocol: int) -> None:
        self._host_key = asyncssh.generate_private_key("ssh-ed25519")
        self._protocol = protocol
        self._server = SftpServer(HOST, 0, self._host_key.export_public_key().decode("ascii").strip(), root)
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._ready = threading.Event()
        self._failure: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="sftp-server", daemon=True)

    def start(self) -> SftpServer:
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self._server

    def stop(self) -> None:
        if self._loop is not None and self._end is not None:
            self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        try:
            acceptor = await asyncssh.listen(
                HOST,
                0,
                server_factory=lambda: _Login(self._server, self._connections),
                server_host_keys=[self._host_key],
                sftp_factory=lambda channel: _Folder(channel, self._server),
                sftp_version=self._protocol,
                allow_scp=False,
                agent_forwarding=False,
                config=None,
            )
        except OSError as error:
            self._failure = error
            return
        finally:
            if self._failure is not None:
                self._ready.set()
        self._server.port = acceptor.get_port()
        self._ready.set()
        await self._end.wait()
        acceptor.close()
        open_ones = list(self._connections)
        for connection in open_ones:
            connection.abort()
        await asyncio.gather(acceptor.wait_closed(), *(connection.wait_closed() for connection in open_ones))


class _Login(asyncssh.SSHServer):
    """Lets in whom the server knows, with the one credential each of them has."""

    def __init__(self, server: SftpServer, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._server = server
        self._connections = connections
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's signature
        if self._connection is not None:
            self._connections.discard(self._connection)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._server.allows_password(username, password)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return self._server.allows_key(username, key)


class _Folder(asyncssh.SFTPServer):
    """One session: asyncssh's own file operations inside the user's folder, with the faults put before them."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], server: SftpServer) -> None:
        name = cast("str", channel.get_extra_info("username"))
        super().__init__(channel, chroot=str(server.folder(name)).encode())
        self._faults = server.faults

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        await self._begin("list")
        async for entry in super().scandir(path):
            yield entry

    async def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        await self._begin("stat")
        return await self.convert_attrs(super().stat(path))

    async def lstat(self, path: bytes) -> asyncssh.SFTPAttrs:
        await self._begin("stat")
        return await self.convert_attrs(super().lstat(path))

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        await self._begin("open")
        return super().open(path, pflags, attrs)

    async def remove(self, path: bytes) -> None:
        await self._begin("remove")
        super().remove(path)

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        await self._begin()
        data = cast("bytes", super().read(file_obj, offset, size))
        if self._faults.drop_after is not None:
            self._faults.drop_after -= len(data)
            if self._faults.drop_after < 0:
                self._faults.drop_after = None
                self.connection.abort()
        return data

    async def _begin(self, operation: Operation | None = None) -> None:
        if self._faults.delay:
            await asyncio.sleep(self._faults.delay)
        if operation in self._faults.refuse:
            raise asyncssh.SFTPPermissionDenied("Permission denied")
