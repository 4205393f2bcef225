"""The reader and the cleaner of an SFTP destination, with the destination's own credential and pinned host key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from aep_delivery.runtime.errors import UserError

if TYPE_CHECKING:
    from aep_delivery.storage.sftp import SftpReader
    from aep_delivery.storage.sftp_cleaner import SftpCleaner
    from aep_delivery.storage.sftp_keys import SftpLogin


@dataclass(frozen=True)
class SftpAccess:
    """Exactly what is used to get in, whatever the machine's user has.

    Attributes:
        host: The server's name or address.
        port: Its port.
        username: Whom to log in as.
        password: The user's password; or
        ssh_key: the user's private key: the file in base64, without a passphrase.
        host_key: The one public key the server may show: ``ssh-ed25519 AAAA…``.
        allow_loopback: Whether the server may be on this machine: for tests and demonstrations.
        absolute: Whether keys are relative to the server's root, as where Adobe's ``remotePath`` begins with a slash;
            else to the login directory.
    """

    host: str
    port: int
    username: str
    password: SecretStr | None = None
    ssh_key: SecretStr | None = None
    host_key: str | None = None
    allow_loopback: bool = False
    absolute: bool = False


def sftp_reader(access: SftpAccess) -> SftpReader:
    """A reader; it connects when it is first used.

    Raises:
        UserError: ``secret.host-key-missing``, ``secret.host-key-invalid``, ``secret.ssh-key-encrypted``,
            ``secret.ssh-key-invalid`` or ``storage.credentials-missing``.
    """
    # asyncssh takes about 250 ms to import: only a step that really reads SFTP pays for it.
    from aep_delivery.storage.sftp import SftpReader  # noqa: PLC0415

    return SftpReader(_login(access))


def sftp_cleaner(access: SftpAccess) -> SftpCleaner:
    """A cleaner; errors are those of :func:`sftp_reader`."""
    from aep_delivery.storage.sftp_cleaner import SftpCleaner  # noqa: PLC0415 - as above

    return SftpCleaner(_login(access))


def _login(access: SftpAccess) -> SftpLogin:
    from aep_delivery.storage.sftp_keys import SftpLogin, pinned_host_key, private_key  # noqa: PLC0415 - as above

    place = f"sftp://{access.host}:{access.port}"
    if (access.password is None) == (access.ssh_key is None):
        raise UserError(
            "An SFTP user logs in with a password or with an SSH key: exactly one of them is needed.",
            code="storage.credentials-missing",
            hint="Store password or sshKey in the secret the config names.",
            place=place,
        )
    return SftpLogin(
        host=access.host,
        port=access.port,
        username=access.username,
        host_key=pinned_host_key(access.host_key, host=access.host, port=access.port),
        password=access.password,
        private_key=private_key(access.ssh_key, place=place) if access.ssh_key is not None else None,
        allow_loopback=access.allow_loopback,
        absolute=access.absolute,
    )
