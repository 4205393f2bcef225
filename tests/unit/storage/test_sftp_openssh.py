"""The reader against the server most destinations run."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest
from pydantic import SecretStr

from aep_delivery.storage.reader import ObjectChangedError
from aep_delivery.storage.sftp import SftpReader
from aep_delivery.storage.sftp_client import SftpAccess, sftp_cleaner, sftp_reader

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(SSHD is None, reason="OpenSSH's sshd is not installed (Debian: openssh-server)")

CONTENT = os.urandom(1 << 20) * 20


class OpenSsh:
    def __init__(self, folder: Path) -> None:
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.user_key = asyncssh.generate_private_key("ssh-ed25519")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.host_key.write_private_key(folder / "host")
        (folder / "host").chmod(0o600)
        self.user_key.write_public_key(folder / "authorized")
        self.files = folder / "files"
        self.files.mkdir()
        (folder / "config").write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {folder}/host\nPidFile none\nUsePAM no\n"
            f"AuthorizedKeysFile {folder}/authorized\nStrictModes no\nPermitRootLogin yes\n"
            f"Subsystem sftp internal-sftp -d {self.files}\n"
        )
        self.command = [str(SSHD), "-D", "-e", "-f", str(folder / "config")]

    def login(self) -> dict[str, object]:
        return {
            "ssh_key": SecretStr(self.user_key.export_private_key().decode()),
            "host_key": self.host_key.export_public_key().decode(),
            "allow_loopback": True,
        }

    def reader(self) -> SftpReader:
        return sftp_reader(SftpAccess("127.0.0.1", self.port, getpass.getuser(), **self.login()))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def openssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    server = OpenSsh(tmp_path_factory.mktemp("sshd"))
    with subprocess.Popen(server.command, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - our own sshd
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", server.port)) == 0:
                    break
            time.sleep(0.05)
        yield server
        process.terminate()


def test_lists_reads_streams_and_deletes(openssh: OpenSsh) -> None:
    (openssh.files / "a").mkdir()
    for key, data in {"a/k": CONTENT, "a/empty": b"", "a.csv": b"1"}.items():
        (openssh.files / key).write_bytes(data)
    (openssh.files / "a/link").symlink_to("k")
    with openssh.reader() as reader:
        listed = list(reader.list_objects("a"))
        assert [(item.key, item.size) for item in listed] == [("a.csv", 1), ("a/empty", 0), ("a/k", len(CONTENT))]
        etag = listed[2].etag
        assert reader.stat("a/k") == listed[2]
        assert reader.stat("a/missing") is None
        assert list(reader.list_objects("missing/")) == list(reader.list_objects("a.csv/")) == []
        assert b"".join(reader.stream("a/k", etag=etag)) == CONTENT
        assert reader.read_range("a/k", len(CONTENT) - 5, 100, etag=etag) == CONTENT[-5:]
        os.utime(openssh.files / "a/k", (1, 1))
        with pytest.raises(ObjectChangedError):
            reader.read_range("a/k", 0, 1, etag=etag)
    with sftp_cleaner(SftpAccess("127.0.0.1", openssh.port, getpass.getuser(), **openssh.login())) as cleaner:  # type: ignore[arg-type]
        assert cleaner.delete_objects(["a/k", "a/gone already"]) == 2
    assert not (openssh.files / "a/k").exists()
