"""The keys of an SFTP destination: the one its user logs in with and the one its server must show."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

import asyncssh
from pydantic import SecretStr

from aep_delivery.runtime.errors import UserError


@dataclass(frozen=True)
class SftpLogin:
    """Everything a connection is made with; nothing else is looked up anywhere."""

    host: str
    port: int
    username: str
    host_key: asyncssh.SSHKey = field(repr=False)
    password: SecretStr | None = None
    private_key: asyncssh.SSHKey | None = field(default=None, repr=False)
    allow_loopback: bool = False
    absolute: bool = False
    """Whether keys are relative to the server's root instead of the login directory."""

    @property
    def place(self) -> str:
        """The server, as errors name it."""
        return f"sftp://{self.host}:{self.port}"


def pinned_host_key(text: str | None, *, host: str, port: int) -> asyncssh.SSHKey:
    """The only key the server may show.

    Args:
        text: A public key as OpenSSH writes it, ``ssh-ed25519 AAAA…``; also a line of ``ssh-keyscan``, which has the
            host in front.
        host: The server, for the hint.
        port: Its port, for the hint.

    Raises:
        UserError: ``secret.host-key-missing`` or ``secret.host-key-invalid``.
    """
    hint = (
        f"Run `ssh-keyscan -p {port} {host}`, compare the key with what the server's owner says, and store it "
        "(`ssh-ed25519 AAAA…`) as hostKey in the secret the config names."
    )
    if text is None or not text.strip():
        raise UserError(
            "The secret has no hostKey, without which nobody knows whether the files come from the right server.",
            code="secret.host-key-missing",
            hint=hint,
            place=f"sftp://{host}:{port}",
        )
    for candidate in (text.strip(), text.strip().partition(" ")[2]):
        try:
            if "\n" not in candidate:
                return asyncssh.import_public_key(candidate)
        except (asyncssh.KeyImportError, ValueError):
            continue
    raise UserError(
        "The secret's hostKey is not one public key in OpenSSH's form.",
        code="secret.host-key-invalid",
        hint=hint,
        place=f"sftp://{host}:{port}",
    )


def private_key(secret: SecretStr, *, place: str) -> asyncssh.SSHKey:
    """The user's private key.

    Args:
        secret: The key file in base64, as Adobe takes it, or as it is; OpenSSH's form or PKCS, without a passphrase.
        place: The server, for the error.

    Raises:
        UserError: ``secret.ssh-key-encrypted`` or ``secret.ssh-key-invalid``.
    """
    data = _decoded(secret.get_secret_value())
    try:
        return asyncssh.import_private_key(data)
    except (asyncssh.KeyEncryptionError, asyncssh.KeyImportError, ValueError) as error:
        encrypted = isinstance(error, asyncssh.KeyEncryptionError) or "passphrase" in str(error).lower()
    if encrypted:
        raise UserError(
            "The SSH key is protected by a passphrase, which neither Adobe nor verification can enter.",
            code="secret.ssh-key-encrypted",
            hint="Make a key without one (`ssh-keygen -t ed25519 -N ''`) and store it in base64 as sshKey.",
            place=place,
        )
    raise UserError(
        "The secret's sshKey is not a private key in OpenSSH's or PKCS form.",
        code="secret.ssh-key-invalid",
        hint="Store the private key file in base64 as sshKey (`base64 -w0 id_ed25519`).",
        place=place,
    )


def _decoded(text: str) -> bytes:
    if "-----BEGIN" in text:
        return text.strip().encode("utf-8") + b"\n"
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return b""
