"""SFTP servers, reached with the password or the SSH key of a base connection."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import posixpath
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import IO

import asyncssh

from emulator.adobe.http import Json
from emulator.adobe.settings import Settings
from emulator.adobe.sinks.base import SinkError

_PASSWORD_AUTHS = frozenset({"SFTP with Password", "Basic Authentication for sftp"})
_KEY_AUTH = "SFTP with SSH Key"
_PATIENCE = 10.0
"""Seconds for a login."""
_PART = 4 << 20


@dataclass(frozen=True)
class _Login:
    """Where to and as whom. Adobe keeps no host keys: a base connection has no field for one."""

    host: str
    port: int
    username: str
    password: str | None = field(default=None, repr=False)
    key: asyncssh.SSHKey | None = field(default=None, repr=False)

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[asyncssh.SFTPClient]:
        """A session in the login directory. Raises ``asyncssh.Error`` or ``OSError``."""
        async with (
            asyncssh.connect(
                self.host,
                self.port,
                username=self.username,
                password=self.password,
                client_keys=[self.key] if self.key else None,
                known_hosts=None,
                config=None,
                agent_path=None,
                connect_timeout=_PATIENCE,
                login_timeout=_PATIENCE,
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            yield client


class SftpSink:
    """Writes files below the login directory of one user; each :meth:`put` logs in anew, as nothing closes a sink.

    Args:
        login: Where to and as whom.
        in_place: Whether a file has its final name while it is still being written, which careless writers do.
    """

    def __init__(self, login: _Login, *, in_place: bool = False) -> None:
        self._login = login
        self._in_place = in_place

    def put(self, key: str, body: IO[bytes] | bytes) -> None:
        """Store one file, with the folders it needs. Raises :class:`SinkError`."""
        try:
            asyncio.run(self._put(key, body))
        except (asyncssh.Error, OSError) as error:
            code = type(error).__name__
            raise SinkError(f"The SFTP server {self._login.host} refused to take a file: {code}", code) from error

    async def _put(self, key: str, body: IO[bytes] | bytes) -> None:
        folder, name = posixpath.split(key)
        written = key if self._in_place else posixpath.join(folder, f".{name}.{secrets.token_hex(4)}.part")
        async with self._login.session() as client:
            if folder:
                await client.makedirs(folder, exist_ok=True)
            try:
                async with client.open(written, "wb") as file:
                    for part in _parts(body):
                        await file.write(part)
                if not self._in_place:
                    await client.posix_rename(written, key)
            except BaseException:
                if not self._in_place:
                    with contextlib.suppress(asyncssh.Error, OSError):
                        await client.remove(written)
                raise


def open_sink(
    auth_spec_name: str,
    auth_params: Json,
    params: Json,  # noqa: ARG001 - what the target says of its folder is in each key
    settings: Settings,
    *,
    in_place: bool = False,
) -> SftpSink:
    """The login directory of a base connection's user; nothing is asked of the server yet.

    Args:
        auth_spec_name: ``SFTP with Password``, ``SFTP with SSH Key`` or ``Basic Authentication for sftp``.
        auth_params: The base connection's: domain or host, username, password or sshKey, and port where there is one.
        params: The target connection's.
        settings: For the port of those that have none.
        in_place: Whether to write files under their final name from the first byte on.

    Raises:
        SinkError: The emulator cannot act on this auth.
    """
    return SftpSink(_login(auth_spec_name, auth_params, settings), in_place=in_place)


def accepts(auth_spec_name: str, auth_params: Json, settings: Settings) -> bool:
    """Whether the server lets the user in."""
    try:
        asyncio.run(_enter(_login(auth_spec_name, auth_params, settings)))
    except (SinkError, asyncssh.Error, OSError):
        return False
    return True


async def _enter(login: _Login) -> None:
    async with login.session():
        pass


def _login(auth_spec_name: str, auth_params: Json, settings: Settings) -> _Login:
    try:
        # Forms of the first generation have both; tutorials put the server's name in either.
        host = str(auth_params.get("domain") or auth_params["host"])
        port = int(auth_params.get("port") or settings.sftp_port)
        username = str(auth_params["username"])
        if auth_spec_name in _PASSWORD_AUTHS:
            return _Login(host, port, username, password=str(auth_params["password"]))
        if auth_spec_name == _KEY_AUTH:
            key = asyncssh.import_private_key(base64.b64decode(auth_params["sshKey"], validate=True))
            return _Login(host, port, username, key=key)
    except KeyError as error:
        raise SinkError(f"The auth {auth_spec_name!r} has no {error.args[0]}", "MissingParameter") from error
    except (binascii.Error, asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        # The cause would quote the key.
        raise SinkError("The sshKey is not a private key in base64 without a passphrase", "InvalidKey") from None
    raise SinkError(f"The emulator cannot authenticate with {auth_spec_name!r}", "UnknownAuth")


def _parts(body: IO[bytes] | bytes) -> Iterator[bytes]:
    if isinstance(body, bytes):
        yield body
        return
    while part := body.read(_PART):
        yield part
