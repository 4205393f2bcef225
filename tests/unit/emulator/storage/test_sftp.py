from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import asyncssh
import pytest

from emulator.storage.sftp import SftpServer, as_adobe_takes_it, start_sftp

_T = TypeVar("_T")
Work = Callable[[asyncssh.SFTPClient], Awaitable[_T]]


@pytest.fixture(scope="module")
def server() -> Iterator[SftpServer]:
    with start_sftp() as running:
        yield running


@pytest.fixture(autouse=True)
def no_faults(server: SftpServer) -> Iterator[None]:
    yield
    server.faults.drop_after, server.faults.refuse, server.faults.delay = None, frozenset(), 0


def session(server: SftpServer, name: str, work: Work[_T], **how: object) -> _T:
    known = ([asyncssh.import_public_key(server.host_key)], [], [])
    arguments = {"client_keys": None, "agent_path": None, "config": None, "known_hosts": known} | how

    async def run() -> _T:
        async with (
            asyncssh.connect(server.host, server.port, username=name, **arguments) as connection,  # type: ignore[arg-type]
            connection.start_sftp_client() as client,
        ):
            return await work(client)

    return asyncio.run(run())


async def names(client: asyncssh.SFTPClient) -> set[str]:
    return set(await client.listdir(".")) - {".", ".."}


def test_a_password_and_a_key_each_open_one_folder(server: SftpServer) -> None:
    password, pem = server.add_user("one"), server.add_key_user("two")
    (server.folder("one") / "1").write_bytes(b"")
    (server.folder("two") / "2").write_bytes(b"")
    assert session(server, "one", names, password=password) == {"1"}
    assert session(server, "two", names, client_keys=[asyncssh.import_private_key(pem)]) == {"2"}


def test_nobody_else_gets_in(server: SftpServer) -> None:
    password, pem = server.add_user("alice"), server.add_key_user("bob")
    key = asyncssh.import_private_key(pem)
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    for name, how in [
        ("alice", {"password": "wrong"}),
        ("alice", {"client_keys": [key]}),
        ("bob", {"password": password}),
        ("bob", {"password": ""}),
        ("bob", {"client_keys": [stranger]}),
        ("nobody", {"password": password}),
    ]:
        with pytest.raises(asyncssh.PermissionDenied):
            session(server, name, names, **how)


def test_a_user_stays_in_the_folder(server: SftpServer) -> None:
    password = server.add_user("shut-in")
    server.add_user("neighbour")

    async def climb(client: asyncssh.SFTPClient) -> tuple[bool, bool, str]:
        return (
            await client.exists("../neighbour"),
            await client.exists(str(server.folder("neighbour"))),
            await client.realpath("../.."),
        )

    assert session(server, "shut-in", climb, password=password) == (False, False, "/")


@pytest.mark.parametrize("algorithm", ["ssh-ed25519", "ssh-rsa"])
def test_a_key_is_handed_over_as_adobe_takes_it(server: SftpServer, algorithm: str) -> None:
    import base64

    pem = server.add_key_user(f"kind-{algorithm}", algorithm)  # type: ignore[arg-type]
    decoded = base64.b64decode(as_adobe_takes_it(pem), validate=True)
    assert asyncssh.import_private_key(decoded).algorithm == algorithm.encode()


def test_the_host_key_is_the_one_it_shows(server: SftpServer) -> None:
    shown = asyncio.run(asyncssh.get_server_host_key(server.host, server.port, config=None))
    assert shown is not None
    assert server.host_key == shown.export_public_key().decode().strip()
    assert server.host_key.startswith("ssh-ed25519 AAAA")


def test_a_connection_is_torn_after_so_many_bytes_and_only_once(server: SftpServer) -> None:
    password = server.add_user("torn")
    (server.folder("torn") / "k").write_bytes(bytes(100_000))

    async def read(client: asyncssh.SFTPClient) -> int:
        async with client.open("k", "rb", block_size=10_000, max_requests=1) as file:
            return len(await file.read())

    server.faults.drop_after = 50_000
    with pytest.raises((asyncssh.Error, OSError)):
        session(server, "torn", read, password=password)
    assert session(server, "torn", read, password=password) == 100_000


@pytest.mark.parametrize("operation", ["list", "stat", "open", "remove"])
def test_an_operation_is_refused(server: SftpServer, operation: str) -> None:
    password = server.add_user(f"refused-{operation}")
    (server.folder(f"refused-{operation}") / "k").write_bytes(b"")

    async def do(client: asyncssh.SFTPClient) -> None:
        match operation:
            case "list":
                await client.listdir(".")
            case "stat":
                await client.stat("k")
            case "open":
                await client.open("k")
            case _:
                await client.remove("k")

    server.faults.refuse = frozenset({operation})  # type: ignore[arg-type]
    with pytest.raises(asyncssh.SFTPPermissionDenied):
        session(server, f"refused-{operation}", do, password=password)
    server.faults.refuse = frozenset()
    session(server, f"refused-{operation}", do, password=password)


def test_answers_are_slow(server: SftpServer) -> None:
    password = server.add_user("slow")

    async def impatient(client: asyncssh.SFTPClient) -> None:
        async with asyncio.timeout(0.02):
            await client.stat(".")

    server.faults.delay = 0.1
    with pytest.raises(TimeoutError):
        session(server, "slow", impatient, password=password)


@pytest.mark.parametrize("protocol", [3, 4])
def test_it_speaks_the_version_it_is_told(protocol: int) -> None:
    with start_sftp(protocol=protocol) as server:
        password = server.add_user("u")

        async def version(client: asyncssh.SFTPClient) -> int:
            return client.version

        known = ([asyncssh.import_public_key(server.host_key)], [], [])

        async def run() -> int:
            async with (
                asyncssh.connect(
                    server.host, server.port, username="u", password=password, known_hosts=known, config=None
                ) as connection,
                connection.start_sftp_client(sftp_version=4) as client,
            ):
                return await version(client)

        assert asyncio.run(run()) == protocol


def test_it_ends_with_clients_connected_and_leaves_nothing() -> None:
    async def lose(server: SftpServer, leave: Callable[[], object]) -> None:
        password = server.add_user("left")
        async with asyncssh.connect(
            server.host,
            server.port,
            username="left",
            password=password,
            known_hosts=None,
            config=None,
            client_keys=None,
        ) as connection:
            client = await connection.start_sftp_client()
            await asyncio.to_thread(leave)
            with pytest.raises((asyncssh.Error, OSError)):
                await client.stat(".")

    before = threading.active_count()
    context = start_sftp()
    server = context.__enter__()
    asyncio.run(lose(server, lambda: context.__exit__(None, None, None)))
    assert not server.root.exists()
    assert threading.active_count() == before


def test_the_passwords_are_in_no_repr(server: SftpServer) -> None:
    assert server.add_user("shown") not in repr(server)
