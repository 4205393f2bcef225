from __future__ import annotations

import asyncio
import base64
import gc
import logging
import os
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from pydantic import SecretStr

from aep_delivery.runtime.errors import DeliveryError, TransientError, UserError
from aep_delivery.storage.sftp import SftpReader
from aep_delivery.storage.sftp_client import SftpAccess, sftp_cleaner, sftp_reader
from aep_delivery.storage.sftp_keys import SftpLogin
from emulator.storage.sftp import SftpServer, as_adobe_takes_it, start_sftp

CANARY = "canary-hunter2"
OTHER_KEY = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
RSA_KEY = asyncssh.generate_private_key("ssh-rsa").export_public_key().decode()


@pytest.fixture(scope="module")
def server() -> Iterator[SftpServer]:
    with start_sftp() as running:
        yield running


@pytest.fixture(scope="module")
def password(server: SftpServer) -> SecretStr:
    return SecretStr(server.add_user("user"))


@contextmanager
def reader(server: SftpServer, username: str = "user", **how: object) -> Iterator[SftpReader]:
    arguments = {"host_key": server.host_key, "allow_loopback": True} | how
    with sftp_reader(SftpAccess(server.host, server.port, username, **arguments)) as opened:  # type: ignore[arg-type]
        yield opened


def failure(opened: SftpReader) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        opened.stat("k")
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    return caught.value


def test_a_password_opens_the_users_folder(server: SftpServer, password: SecretStr) -> None:
    (server.folder("user") / "k").write_bytes(b"1")
    with reader(server, password=password) as opened:
        assert [item.key for item in opened.list_objects("")] == ["k"]


@pytest.mark.parametrize("algorithm", ["ssh-ed25519", "ssh-rsa"])
def test_a_key_opens_the_users_folder(server: SftpServer, algorithm: str) -> None:
    name = f"key-{algorithm}"
    pem = server.add_key_user(name, algorithm)  # type: ignore[arg-type]
    (server.folder(name) / "k").write_bytes(b"1")
    with reader(server, name, ssh_key=SecretStr(as_adobe_takes_it(pem))) as opened:
        assert [item.key for item in opened.list_objects("")] == ["k"]


def test_a_wrong_password_is_the_users_to_mend(server: SftpServer) -> None:
    with reader(server, password=SecretStr(CANARY)) as opened:
        error = failure(opened)
    assert isinstance(error, UserError)
    assert error.code == "storage.credentials-rejected"


def test_a_key_of_somebody_else_is_the_users_to_mend(server: SftpServer) -> None:
    server.add_key_user("key-owner")
    other = asyncssh.generate_private_key("ssh-ed25519").export_private_key()
    with reader(server, "key-owner", ssh_key=SecretStr(base64.b64encode(other).decode())) as opened:
        assert failure(opened).code == "storage.credentials-rejected"


@pytest.mark.parametrize("pinned", [OTHER_KEY, RSA_KEY], ids=["same-kind", "other-kind"])
def test_a_server_with_another_key_gets_no_password(server: SftpServer, pinned: str) -> None:
    with reader(server, password=SecretStr(CANARY), host_key=pinned) as opened:
        error = failure(opened)
    assert isinstance(error, UserError)
    assert error.code == "destination.host-key-changed"


def test_nothing_of_the_machines_user_is_used(
    server: SftpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a known host, nor a key, nor a configuration, nor an agent of the user's."""
    pem = server.add_key_user("home-owner")
    folder = tmp_path / ".ssh"
    folder.mkdir()
    (folder / "known_hosts").write_text(f"[{server.host}]:{server.port} {server.host_key}\n")
    (folder / "id_ed25519").write_text(pem)
    (folder / "id_ed25519").chmod(0o600)
    (folder / "config").write_text(f"Host *\n  User home-owner\n  IdentityFile {folder}/id_ed25519\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    with reader(server, "home-owner", password=SecretStr(CANARY)) as opened:
        assert failure(opened).code == "storage.credentials-rejected"
    with reader(server, "home-owner", password=SecretStr(CANARY), host_key=OTHER_KEY) as opened:
        assert failure(opened).code == "destination.host-key-changed"


def test_a_server_on_this_machine_is_refused(server: SftpServer, password: SecretStr) -> None:
    with reader(server, password=password, allow_loopback=False) as opened:
        error = failure(opened)
    assert isinstance(error, UserError)
    assert error.code == "destination.endpoint-refused"


def test_a_port_where_nobody_listens_is_transient(password: SecretStr) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with sftp_reader(
        SftpAccess("127.0.0.1", port, "u", password=password, host_key=OTHER_KEY, allow_loopback=True)
    ) as opened:
        error = failure(opened)
    assert isinstance(error, TransientError)
    assert (error.code, error.place) == ("storage.connection-failed", f"sftp://127.0.0.1:{port}")


def test_a_server_that_falls_silent_is_transient(server: SftpServer, password: SecretStr) -> None:
    login = SftpLogin(
        host=server.host,
        port=server.port,
        username="user",
        host_key=asyncssh.import_public_key(server.host_key),
        password=password,
        allow_loopback=True,
    )
    with SftpReader(login, patience=0.05) as opened:
        assert opened.stat("nothing") is None
        server.faults.delay = 10
        try:
            assert failure(opened).code == "storage.connection-failed"
        finally:
            server.faults.delay = 0


def test_a_server_without_sftp_is_the_users_to_mend(server: SftpServer) -> None:
    """Runs a bare SSH server, which lets everybody in."""

    class _Anybody(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return False

    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()
    acceptor = loop.run_until_complete(
        asyncssh.listen("127.0.0.1", 0, server_factory=_Anybody, server_host_keys=[key], config=None)
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        with sftp_reader(
            SftpAccess(
                "127.0.0.1",
                acceptor.get_port(),
                "u",
                password=SecretStr("p"),
                host_key=key.export_public_key().decode(),
                allow_loopback=True,
            )
        ) as opened:
            assert failure(opened).code == "destination.no-sftp"
    finally:
        asyncio.run_coroutine_threadsafe(_end(acceptor), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(acceptor: asyncssh.SSHAcceptor) -> None:
    acceptor.close()
    await acceptor.wait_closed()


def threads() -> int:
    return sum(thread.name == "sftp" for thread in threading.enumerate())


def test_a_reader_that_nobody_holds_closes_itself(server: SftpServer, password: SecretStr) -> None:
    before = threads()
    opened = sftp_reader(
        SftpAccess(server.host, server.port, "user", password=password, host_key=server.host_key, allow_loopback=True)
    )
    opened.stat("k")
    assert threads() == before + 1
    del opened
    gc.collect()
    assert threads() == before


def test_a_reader_may_be_closed_twice_and_unused(server: SftpServer, password: SecretStr) -> None:
    before = threads()
    opened = sftp_reader(SftpAccess(server.host, server.port, "user", password=password, host_key=server.host_key))
    opened.close()
    opened.close()
    assert threads() == before


def test_a_stream_outlives_its_reader_in_peace(server: SftpServer, password: SecretStr) -> None:
    (server.folder("user") / "large").write_bytes(bytes(20 << 20))
    with reader(server, password=password) as opened:
        found = opened.stat("large")
        assert found is not None
        chunks = opened.stream("large", etag=found.etag)
        next(chunks)
    del chunks
    gc.collect()


def test_several_threads_share_one_connection(
    server: SftpServer, password: SecretStr, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, connected = asyncssh.connect, []

    def counted(*args: Any, **kwargs: Any) -> Any:
        connected.append(args)
        return connect(*args, **kwargs)

    monkeypatch.setattr(asyncssh, "connect", counted)
    content = os.urandom(9 << 20)
    (server.folder("user") / "shared").write_bytes(content)
    with reader(server, password=password) as opened, ThreadPoolExecutor(4) as pool:
        etags = list(pool.map(lambda _: opened.stat("shared"), range(8)))
        assert len({found.etag for found in etags if found}) == 1
        assert etags[0] is not None
        etag = etags[0].etag
        assert len(connected) == 1
        server.faults.drop_after = 20 << 20
        streamed = list(pool.map(lambda _: b"".join(opened.stream("shared", etag=etag)), range(4)))
    assert streamed == [content] * 4
    assert len(connected) == 2


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    code = "import sys, aep_delivery.storage.sftp_client; sys.exit('asyncssh' in sys.modules)"
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], check=False, env=environment).returncode == 0  # noqa: S603


def test_the_secrets_are_in_no_repr_and_no_log(server: SftpServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asyncssh.set_debug_level(3)
    try:
        password = server.add_user("logged")
        pem = server.add_key_user("logged-key")
        encoded = as_adobe_takes_it(pem)
        shown = []
        for name, how in (
            ("logged", {"password": SecretStr(password)}),
            ("logged-key", {"ssh_key": SecretStr(encoded)}),
        ):
            with reader(server, name, **how) as opened:
                opened.stat("k")
                shown.append(repr(opened) + repr(opened._session.login) + repr(vars(opened)))
    finally:
        asyncssh.set_debug_level(1)
    everything = caplog.text + "".join(shown)
    assert "logged" in everything
    for secret in (password, encoded, *pem.splitlines()[1:-1]):
        assert secret not in everything


def test_the_cleaner_takes_the_same(server: SftpServer, password: SecretStr) -> None:
    (server.folder("user") / "gone").write_bytes(b"")
    with sftp_cleaner(
        SftpAccess(server.host, server.port, "user", password=password, host_key=server.host_key, allow_loopback=True)
    ) as cleaner:
        assert cleaner.delete_objects(["gone"]) == 1


@pytest.mark.parametrize("how", [{}, {"password": SecretStr(CANARY), "ssh_key": SecretStr(CANARY)}])
def test_exactly_one_credential_is_needed(how: dict[str, SecretStr]) -> None:
    with pytest.raises(UserError) as caught:
        sftp_reader(SftpAccess("h", 22, "u", host_key=OTHER_KEY, **how))  # type: ignore[arg-type]
    assert caught.value.code == "storage.credentials-missing"
