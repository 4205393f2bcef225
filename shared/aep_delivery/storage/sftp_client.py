"""The reader and the cleaner of an SFTP destination, with the destination's own credential and pinned host key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from aep_delivery.runtime.errors import UserError

if TYPE_CHECKING:
    from aep_delivery.storage.sftp import SftpReader
    from aep_delivery.storage.sftp_cleaner import SftpCleaner
    from aep_delivery.storage.sftp_keys import SftpLogin


def sftp_reader(
    host: str,
    port: int,
    username: str,
    *,
    password: SecretStr | None = None,
    ssh_key: SecretStr | None = None,
    host_key: str | None,
    allow_loopback: bool = False,
    absolute: bool = False,
) -> SftpReader:
    """A reader that uses exactly what is given, whatever the machine's user has; it connects when it is first used.

    Args:
        host: The server's name or address.
        port: Its port.
        username: Whom to log in as.
        password: The user's password; or
        ssh_key: the user's private key: the file in base64, without a passphrase.
        host_key: The one public key the server may show: ``ssh-ed25519 AAAA…``.
        allow_loopback: Whether the server may be on this machine: for tests and demonstrations.
        absolute: Whether keys are relative to the server's root, as where Adobe's ``remotePath`` begins with a slash;
            else to the login directory.

    Raises:
        UserError: ``secret.host-key-missing``, ``secret.host-key-invalid``, ``secret.ssh-key-encrypted``,
            ``secret.ssh-key-invalid`` or ``storage.credentials-missing``.
    """
    # asyncssh takes about 250 ms to import: only a step that really reads SFTP pays for it.
    from aep_delivery.storage.sftp import SftpReader  # noqa: PLC0415

    login = _login(
        host,
        port,
        username,
        password=password,
        ssh_key=ssh_key,
        host_key=host_key,
        allow_loopback=allow_loopback,
        absolute=absolute,
    )
    return SftpReader(login)


def sftp_cleaner(
    host: str,
    port: int,
    username: str,
    *,
    password: SecretStr | None = None,
    ssh_key: SecretStr | None = None,
    host_key: str | None,
    allow_loopback: bool = False,
    absolute: bool = False,
) -> SftpCleaner:
    """A cleaner; arguments and errors are those of :func:`sftp_reader`."""
    from aep_delivery.storage.sftp_cleaner import SftpCleaner  # noqa: PLC0415 - as above

    login = _login(
        host,
        port,
        username,
        password=password,
        ssh_key=ssh_key,
        host_key=host_key,
        allow_loopback=allow_loopback,
        absolute=absolute,
    )
    return SftpCleaner(login)


def _login(
    host: str,
    port: int,
    username: str,
    *,
    password: SecretStr | None,
    ssh_key: SecretStr | None,
    host_key: str | None,
    allow_loopback: bool,
    absolute: bool,
) -> SftpLogin:
    from aep_delivery.storage.sftp_keys import SftpLogin, pinned_host_key, private_key  # noqa: PLC0415 - as above

    place = f"sftp://{host}:{port}"
    if (password is None) == (ssh_key is None):
        raise UserError(
            "An SFTP user logs in with a password or with an SSH key: exactly one of them is needed.",
            code="storage.credentials-missing",
            hint="Store password or sshKey in the secret the config names.",
            place=place,
        )
    return SftpLogin(
        host=host,
        port=port,
        username=username,
        host_key=pinned_host_key(host_key, host=host, port=port),
        password=password,
        private_key=private_key(ssh_key, place=place) if ssh_key is not None else None,
        allow_loopback=allow_loopback,
        absolute=absolute,
    )
