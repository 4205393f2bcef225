"""The file encryption of a base connection: real OpenPGP, so that whoever holds the private key can read the files."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

from pysequoia import Cert, encrypt_file

from emulator.adobe.http import Json
from emulator.adobe.sinks.base import SinkError

SUFFIX = ".pgp"
"""What an encrypted file's name ends with. Adobe doesn't document a suffix; this is the one most tools look for."""


class EncryptionError(SinkError):
    """What the base connection holds is not a key that can be encrypted to, so nothing can be written."""


class Encryption:
    """Encrypts files for the holder of one key."""

    def __init__(self, public_key: str) -> None:
        """Args: public_key: base64 of an OpenPGP certificate, armored or binary. Raises :class:`EncryptionError`."""
        try:
            # A private key would be read as well, and nothing of it be used.
            self._recipient = Cert.from_bytes(base64.b64decode(public_key, validate=True))
        except (binascii.Error, RuntimeError):
            # Not chained: the library's message is a stack trace of its own.
            raise EncryptionError("The public key of the base connection is not an OpenPGP key") from None

    def encrypt(self, plain: Path, sealed: Path) -> None:
        """Write the binary OpenPGP message of the file `plain` to `sealed`. Raises :class:`EncryptionError`."""
        try:
            encrypt_file(plain, sealed, [self._recipient], armor=False)
        except RuntimeError:
            raise EncryptionError("The public key of the base connection has no valid key to encrypt with") from None


def of(base: Json) -> Encryption | None:
    """The encryption that a base connection's document asks for, if any. Raises :class:`EncryptionError`."""
    wanted = base.get("encryption")
    return Encryption(wanted["params"]["publicKey"]) if wanted else None
