from __future__ import annotations

import io
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from emulator.adobe.settings import Settings
from emulator.adobe.sinks import Sinks
from emulator.adobe.sinks.base import SinkError
from emulator.adobe.sinks.sftp import accepts, open_sink
from emulator.storage.sftp import SftpServer, as_adobe_takes_it, start_sftp

PASSWORD, KEY, BASIC = "SFTP with Password", "SFTP with SSH Key", "Basic Authentication for sftp"
SFTP_SPEC = "36965a81-b1c6-401b-99f8-22508f1e6a26"


@pytest.fixture(scope="module")
def server() -> Iterator[SftpServer]:
    with start_sftp() as running:
        running.add_user("taken")
        yield running


@pytest.fixture
def settings(server: SftpServer, tmp_path: Path) -> Settings:
    return Settings(lake=tmp_path, sftp_port=server.port)


@pytest.fixture(scope="module")
def logins(server: SftpServer) -> dict[str, dict[str, Any]]:
    password, key = server.add_user("by-password"), as_adobe_takes_it(server.add_key_user("by-key"))
    by_password, by_key = {"username": "by-password", "password": password}, {"username": "by-key", "sshKey": key}
    return {
        "password": {"domain": server.host, "port": server.port, **by_password},
        "password-first-generation": {"domain": server.host, "host": server.host, **by_password},
        "key": {"domain": server.host, "port": str(server.port), **by_key},
        "key-default-port": {"domain": server.host, **by_key},
        "basic": {"host": server.host, **by_password},
    }


def auth_name(form: str) -> str:
    return BASIC if form == "basic" else KEY if form.startswith("key") else PASSWORD


FORMS = ["password", "password-first-generation", "key", "key-default-port", "basic"]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_auth_writes(
    form: str, logins: dict[str, dict[str, Any]], settings: Settings, server: SftpServer
) -> None:
    auth = logins[form]
    assert accepts(auth_name(form), auth, settings)
    sink = open_sink(auth_name(form), auth, {"remotePath": "/ignored"}, settings)
    sink.put(f"{form}/new/folders/file.csv", b"one\n")
    sink.put(f"{form}/new/folders/file.csv", io.BytesIO(b"two\n" * 3_000_000))
    sink.put("root.csv", b"")
    folder = server.folder(auth["username"])
    assert (folder / form / "new/folders/file.csv").read_bytes() == b"two\n" * 3_000_000
    assert [path.name for path in (folder / form / "new/folders").iterdir()] == ["file.csv"]
    assert (folder / "root.csv").read_bytes() == b""


def test_a_file_is_read_from_where_it_stands_and_left_open(
    logins: dict[str, dict[str, Any]], settings: Settings, server: SftpServer
) -> None:
    body = io.BytesIO(b"header body")
    body.seek(7)
    open_sink(BASIC, logins["basic"], {}, settings).put("part", body)
    assert (server.folder("by-password") / "part").read_bytes() == b"body"
    assert not body.closed


class Watched(io.BytesIO):
    """Looks into the folder whenever it is read, which is while it is written there."""

    def __init__(self, data: bytes, folder: Path) -> None:
        super().__init__(data)
        self.folder = folder
        self.seen: list[set[str]] = []

    def read(self, size: int | None = -1) -> bytes:
        self.seen.append({path.name for path in self.folder.iterdir()})
        return super().read(size)


@pytest.mark.parametrize("in_place", [False, True])
def test_half_a_file_has_its_name_only_where_writers_are_careless(
    in_place: bool, logins: dict[str, dict[str, Any]], settings: Settings, server: SftpServer
) -> None:
    folder = server.folder("by-password") / f"watched-{in_place}"
    folder.mkdir()
    body = Watched(bytes(9 << 20), folder)
    open_sink(BASIC, logins["basic"], {}, settings, in_place=in_place).put(f"{folder.name}/file", body)
    assert len(body.seen) > 2
    assert all(("file" in names) is in_place for names in body.seen)
    assert {path.name for path in folder.iterdir()} == {"file"}


class Failing(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise OSError("disk")


def test_a_failed_upload_leaves_nothing(
    logins: dict[str, dict[str, Any]], settings: Settings, server: SftpServer
) -> None:
    with pytest.raises(SinkError):
        open_sink(BASIC, logins["basic"], {}, settings).put("failed/file", Failing())
    assert list((server.folder("by-password") / "failed").iterdir()) == []


def test_t38_a_wrong_credential_is_not_accepted(
    logins: dict[str, dict[str, Any]], settings: Settings, server: SftpServer
) -> None:
    other = as_adobe_takes_it(asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode())
    for form, wrong in [
        ("password", {"password": "canary"}),
        ("password", {"username": "canary"}),
        ("basic", {"password": "canary"}),
        ("key", {"sshKey": other}),
        ("key", {"sshKey": "canary"}),
        ("key", {"sshKey": "Y2FuYXJ5"}),
        ("password", {"port": 1}),
    ]:
        auth = logins[form] | wrong
        assert not accepts(auth_name(form), auth, settings)
        with pytest.raises(SinkError) as caught:
            open_sink(auth_name(form), auth, {}, settings).put("k", b"row content")
        assert caught.value.code
        shown = str(caught.value)
        assert "canary" not in shown
        assert "row content" not in shown
        assert other not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("auth", [{}, {"host": "h"}, {"host": "h", "username": "u"}])
def test_an_auth_without_its_parameters_is_refused(auth: dict[str, Any], settings: Settings) -> None:
    assert not accepts(BASIC, auth, settings)
    with pytest.raises(SinkError) as caught:
        open_sink(BASIC, auth, {}, settings)
    assert caught.value.code == "MissingParameter"


def test_an_auth_of_another_storage_is_refused(settings: Settings) -> None:
    auth = {"host": "h", "username": "u", "password": "p"}
    assert not accepts("Access Key", auth, settings)
    with pytest.raises(SinkError) as caught:
        open_sink("Access Key", auth, {}, settings)
    assert caught.value.code == "UnknownAuth"


def test_a_refusal_of_the_server_is_told(
    logins: dict[str, dict[str, Any]], settings: Settings, server: SftpServer
) -> None:
    server.faults.refuse = frozenset({"open"})
    try:
        with pytest.raises(SinkError) as caught:
            open_sink(BASIC, logins["basic"], {}, settings).put("k", b"")
    finally:
        server.faults.refuse = frozenset()
    assert caught.value.code == "SFTPPermissionDenied"
    assert str(caught.value) == "The SFTP server 127.0.0.1 refused to take a file: SFTPPermissionDenied"


def test_the_destination_finds_its_way_here(
    logins: dict[str, dict[str, Any]], settings: Settings, server: SftpServer
) -> None:
    auth = {"specName": PASSWORD, "params": logins["password"]}
    sinks = Sinks(settings)
    assert sinks.accepts(SFTP_SPEC, auth)
    sinks.open(SFTP_SPEC, auth, {"remotePath": "r"}).put("by-dispatch", b"1")
    assert (server.folder("by-password") / "by-dispatch").read_bytes() == b"1"


def test_files_may_be_put_from_several_threads(
    logins: dict[str, dict[str, Any]], settings: Settings, server: SftpServer
) -> None:
    sink = open_sink(BASIC, logins["basic"], {}, settings)
    threads = [threading.Thread(target=sink.put, args=(f"threads/{number}", b"1")) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list((server.folder("by-password") / "threads").iterdir())) == 4
