"""The key of an SFTP server, as the user's own OpenSSH knows it."""

from __future__ import annotations

from pathlib import Path

import asyncssh

from aep_delivery.cli.exits import MisuseError

_PREFERRED = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa")


def known_host_key(host: str, port: int, file: Path | None = None) -> str:
    """The server's key, ``ssh-ed25519 AAAA…``; of several the one that OpenSSH would ask for first.

    Args:
        host: The server's name or address.
        port: Its port.
        file: Another file than ``~/.ssh/known_hosts``.

    Raises:
        MisuseError: The file does not know the server.
    """
    known = file or Path.home() / ".ssh" / "known_hosts"
    try:
        keys, _, revoked, *_ = asyncssh.match_known_hosts(asyncssh.read_known_hosts(str(known)), host, "", port)
    except (OSError, ValueError, asyncssh.Error):
        keys, revoked = [], []
    trusted = [key for key in keys if key not in revoked]
    ranks = {name: rank for rank, name in enumerate(_PREFERRED)}
    best = min(trusted, key=lambda key: ranks.get(key.get_algorithm(), len(ranks)), default=None)
    if best is None:
        raise MisuseError(
            "Nobody has said which key the SFTP server has: neither --host-key nor your known_hosts.",
            code="cli.host-key-unknown",
            place=f"sftp://{host}:{port}",
            hint=f"Run `ssh-keyscan -p {port} {host}`, compare the key with what the owner says, and give it as "
            "--host-key 'ssh-ed25519 AAAA…'.",
        )
    return best.export_public_key().decode("ascii").strip()
