from __future__ import annotations

from pathlib import Path

import asyncssh
import pytest

from aep_delivery.cli.exits import MisuseError
from aep_delivery.cli.known_hosts import known_host_key


def _key(algorithm: str) -> str:
    return asyncssh.generate_private_key(algorithm).export_public_key().decode().strip()


ED25519, RSA, OTHER = _key("ssh-ed25519"), _key("ssh-rsa"), _key("ssh-ed25519")


def _known(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "known_hosts"
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def test_the_key_that_openssh_asks_for_first(tmp_path: Path) -> None:
    file = _known(tmp_path, f"other {OTHER}", f"host {RSA}", f"host,alias {ED25519}")
    assert known_host_key("host", 22, file) == ED25519


def test_a_port_of_its_own(tmp_path: Path) -> None:
    file = _known(tmp_path, f"[host]:2022 {ED25519}", f"host {OTHER}")
    assert known_host_key("host", 2022, file) == ED25519
    assert known_host_key("host", 22, file) == OTHER


@pytest.mark.parametrize(
    "lines", [[], [f"other {ED25519}"], [f"host {ED25519}", f"@revoked host {ED25519}"], ["host nonsense"]]
)
def test_a_server_nobody_knows(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(MisuseError) as caught:
        known_host_key("host", 2022, _known(tmp_path, *lines))
    assert caught.value.code == "cli.host-key-unknown"
    assert "ssh-keyscan -p 2022 host" in str(caught.value.hint)


def test_no_file_at_all(tmp_path: Path) -> None:
    with pytest.raises(MisuseError):
        known_host_key("host", 22, tmp_path / "none")
