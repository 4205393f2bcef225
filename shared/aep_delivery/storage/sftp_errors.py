"""What asyncssh raises, as one of our four classes of error.

A server's own words are never repeated: they may hold anything.
"""

from __future__ import annotations

import asyncssh

from aep_delivery.runtime.errors import DeliveryError, InternalError, TransientError, UserError
from aep_delivery.storage.reader import ObjectChangedError

MISSING = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory)
"""The path leads nowhere."""

BROKEN = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.DisconnectError, OSError)
"""The connection is gone, or does not answer; a new one may. A time-out is an ``OSError``."""


def connect_error(error: asyncssh.Error | OSError, *, place: str) -> DeliveryError:
    """The error to raise where no session came about.

    Args:
        error: What was raised.
        place: The server.
    """
    if isinstance(error, asyncssh.HostKeyNotVerifiable) or _no_such_host_key(error):
        return UserError(
            "The server shows another key than the one pinned for it. Nothing was sent to it.",
            code="destination.host-key-changed",
            hint="Ask the server's owner whether the key was changed; only then store the new one as hostKey.",
            place=place,
        )
    if isinstance(error, asyncssh.PermissionDenied | asyncssh.IllegalUserName):
        return UserError(
            "The server does not accept the user or the credential.",
            code="storage.credentials-rejected",
            hint="Check username and password or sshKey in the secret the config names.",
            place=place,
        )
    if isinstance(error, asyncssh.KeyExchangeFailed | asyncssh.ProtocolNotSupported):
        return UserError(
            "The server offers no method of encryption that is considered safe.",
            code="destination.encryption-refused",
            hint="The server needs current SSH algorithms, such as curve25519-sha256 and aes128-gcm.",
            place=place,
        )
    if isinstance(error, asyncssh.ChannelOpenError):
        return UserError(
            "The server lets the user in but offers no SFTP.",
            code="destination.no-sftp",
            hint="Ask the server's owner to allow the user SFTP.",
            place=place,
        )
    if isinstance(error, BROKEN):
        return TransientError(
            f"The connection to the SFTP server failed: {type(error).__name__}.",
            code="storage.connection-failed",
            place=place,
        )
    return _refused(error, place)


def sftp_error(error: asyncssh.Error | OSError, *, place: str, about_object: bool) -> DeliveryError:
    """The error to raise instead of one that an operation on files ended with.

    Args:
        error: What was raised.
        place: The file or the folder.
        about_object: Whether it was about a file that is known to have been there.
    """
    if about_object and isinstance(error, MISSING):
        return object_changed(place)
    if isinstance(error, asyncssh.SFTPPermissionDenied):
        return UserError(
            "The user may not do this on the server.",
            code="storage.access-denied",
            hint="Let the user list, read and, where files are to be deleted, delete below the destination's folder.",
            place=place,
        )
    if isinstance(error, BROKEN):
        return TransientError(
            f"The connection to the SFTP server broke: {type(error).__name__}.",
            code="storage.connection-failed",
            place=place,
        )
    if isinstance(error, asyncssh.SFTPFailure):
        # Version 3 of the protocol has this one code for whatever else goes wrong on the server's side.
        return TransientError("The SFTP server failed at it.", code="storage.busy", place=place)
    return _refused(error, place)


def object_changed(place: str) -> ObjectChangedError:
    """The error of a file that is no longer the one that was listed."""
    return ObjectChangedError(
        "The object was rewritten or removed while it was read.", code="storage.object-changed", place=place
    )


def _no_such_host_key(error: Exception) -> bool:
    """True where the server has no key of the pinned key's kind: asyncssh asks for no other."""
    return isinstance(error, asyncssh.KeyExchangeFailed) and "host key" in error.reason


def _refused(error: Exception, place: str) -> InternalError:
    return InternalError(
        f"The SFTP server refused the call: {type(error).__name__}.", code="storage.call-refused", place=place
    )
