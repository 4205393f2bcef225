from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.sftp_cleaner import SftpCleaner
from aep_delivery.storage.sftp_client import SftpAccess, sftp_cleaner
from emulator.storage.sftp import SftpServer, start_sftp


@pytest.fixture
def server() -> Iterator[SftpServer]:
    with start_sftp() as running:
        yield running


@pytest.fixture
def cleaner(server: SftpServer) -> Iterator[SftpCleaner]:
    password = SecretStr(server.add_user("user"))
    with sftp_cleaner(
        SftpAccess(server.host, server.port, "user", password=password, host_key=server.host_key, allow_loopback=True)
    ) as opened:
        yield opened


@pytest.fixture
def folder(server: SftpServer, cleaner: SftpCleaner) -> Path:
    return server.folder("user")


def fill(folder: Path, *keys: str) -> None:
    for key in keys:
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).write_bytes(b"")


def test_deletes_these_and_no_others(cleaner: SftpCleaner, folder: Path) -> None:
    fill(folder, "a", "f/b <&> c", "f/d")
    assert cleaner.delete_objects(iter(["a", "f/b <&> c", "gone already", "no/such/folder"])) == 4
    assert [path.name for path in folder.rglob("*")] == ["f", "d"]


def test_deletes_more_than_one_batch(cleaner: SftpCleaner, folder: Path) -> None:
    keys = [f"f/{number}" for number in range(150)]
    fill(folder, *keys)
    assert cleaner.delete_objects(keys) == 150
    assert list((folder / "f").iterdir()) == []


def test_no_keys_are_no_connection(server: SftpServer) -> None:
    with sftp_cleaner(
        SftpAccess("127.0.0.1", 1, "u", password=SecretStr("p"), host_key=server.host_key)
    ) as unreachable:
        assert unreachable.delete_objects([]) == 0


def test_files_that_stay_are_told(cleaner: SftpCleaner, folder: Path, server: SftpServer) -> None:
    fill(folder, "a", "b")
    (folder / "b").unlink()
    (folder / "b").mkdir()
    with pytest.raises(UserError) as caught:
        cleaner.delete_objects(["a", "b", "c"])
    assert caught.value.code == "storage.not-deleted"
    assert caught.value.message == "The SFTP server did not delete 1 of 3 files; 2 are deleted."
    assert caught.value.place == f"sftp://127.0.0.1:{server.port}/b"


def test_a_refusal_is_told(cleaner: SftpCleaner, folder: Path, server: SftpServer) -> None:
    fill(folder, "a")
    server.faults.refuse = frozenset({"remove"})
    with pytest.raises(UserError) as caught:
        cleaner.delete_objects(["a"])
    assert caught.value.code == "storage.not-deleted"
    assert (folder / "a").exists()


def test_nothing_outside_the_directory_is_deleted(cleaner: SftpCleaner, folder: Path) -> None:
    fill(folder, "a")
    with pytest.raises(UserError) as caught:
        cleaner.delete_objects(["a", "../other"])
    assert caught.value.code == "storage.path-refused"
    assert (folder / "a").exists()
