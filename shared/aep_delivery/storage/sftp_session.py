"""One SFTP session with one server: made when it is first needed, and made anew after it broke."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

import asyncssh

from aep_delivery.storage.sftp_address import addresses_of
from aep_delivery.storage.sftp_errors import connect_error
from aep_delivery.storage.sftp_keys import SftpLogin

_T = TypeVar("_T")
_CONNECT = 15.0
"""Seconds for the connection and the login together."""
_PROTOCOL = 4
"""The version asked for; the server may answer with a lower one, and OpenSSH answers 3. From 4 on times have
nanoseconds."""
_WINDOW = 8 << 20
_PACKET = 128 << 10
"""Bytes under way at once and in one packet: four times the usual, which spares a fifth of the processor's time."""
_CIPHERS = "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"
"""Preferred to the usual first choice, ChaCha20: processors have instructions for AES."""

_HOST_KEYS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)


class SftpSession:
    """The asynchronous side: belongs to one event loop.

    Args:
        login: Where to, as whom, and how to know the server.
        patience: Seconds the server may take for an answer.
    """

    def __init__(self, login: SftpLogin, patience: float) -> None:
        self.login = login
        self.patience = patience
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None
        self._connecting = asyncio.Lock()

    async def client(self) -> asyncssh.SFTPClient:
        """The session, connected. Raises ``UserError``, ``TransientError`` or ``InternalError``."""
        async with self._connecting:
            if self._client is None:
                self._client = await self._connected()
            return self._client

    async def give_up(self, client: asyncssh.SFTPClient) -> None:
        """Close the connection this client was of, unless there is a new one already."""
        if self._client is client:
            await self.close()

    async def close(self) -> None:
        """Give the connection up without waiting for the server."""
        connection, self._connection, self._client = self._connection, None, None
        if connection is not None:
            connection.abort()
            await connection.wait_closed()

    async def answer(self, work: Awaitable[_T]) -> _T:
        """Its result. Raises ``TimeoutError`` where it takes longer than the patience."""
        async with asyncio.timeout(self.patience):
            return await work

    async def answers(self, items: AsyncIterator[_T]) -> AsyncIterator[_T]:
        """The items; raises ``TimeoutError`` where the next one takes longer than the patience."""
        while True:
            try:
                item = await self.answer(anext(items))
            except StopAsyncIteration:
                return
            yield item

    async def _connected(self) -> asyncssh.SFTPClient:
        login = self.login
        addresses = await addresses_of(login.host, login.port, allow_loopback=login.allow_loopback)
        try:
            async with asyncio.timeout(_CONNECT * len(addresses)):
                self._connection = await self._connect(addresses)
                return await self._connection.start_sftp_client(sftp_version=_PROTOCOL)
        except (asyncssh.Error, OSError) as error:
            await self.close()
            raise connect_error(error, place=login.place) from error

    async def _connect(self, addresses: list[str]) -> asyncssh.SSHClientConnection:
        for address in addresses[:-1]:
            try:
                return await self._connect_to(address)
            except OSError:
                continue
        return await self._connect_to(addresses[-1])

    async def _connect_to(self, address: str) -> asyncssh.SSHClientConnection:
        login = self.login
        return await asyncssh.connect(
            address,
            login.port,
            username=login.username,
            password=login.password.get_secret_value() if login.password else None,
            client_keys=[login.private_key] if login.private_key else None,
            known_hosts=([login.host_key], [], []),
            server_host_key_algs=_host_key_kinds(login.host_key),
            # Some servers ask for the password as the answer to a question.
            preferred_auth="publickey" if login.private_key else "password,keyboard-interactive",
            encryption_algs=_CIPHERS,
            compression_algs=["none"],
            window=_WINDOW,
            max_pktsize=_PACKET,
            connect_timeout=_CONNECT,
            login_timeout=_CONNECT,
            keepalive_interval=15,
            # Nothing of the machine's user: no configuration, agent, ticket, certificate, name or environment.
            config=None,
            agent_path=None,
            host_based_auth=False,
            gss_auth=False,
            gss_kex=False,
            x509_trusted_certs=None,
            x509_trusted_cert_paths=[],
            client_username=login.username,
            send_env=None,
        )


def _host_key_kinds(pinned: asyncssh.SSHKey) -> list[str]:
    """The pinned key's kind, then all others: a server that has none of the first kind shows another key, which is
    told apart from a server that cannot be reached.
    """
    own = [algorithm.decode("ascii") for algorithm in pinned.sig_algorithms]
    return [*own, *(kind for kind in _HOST_KEYS if kind not in own)]
