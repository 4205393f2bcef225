"""What one leg hands to the next, sealed: going on takes 32 KiB of the file's content, which is nobody's to read.

It is kept under a key that is used once and never lies beside it: the document is in the work bucket, the key in the
state of the execution.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import replace

from pydantic import BaseModel, ConfigDict

from aep_delivery.runtime.errors import InternalError
from aep_delivery.verification.parts.legs import Handover


class Sealed(BaseModel):
    """A handover that only who has the key can use."""

    model_config = ConfigDict(frozen=True)

    handover: Handover
    """Without content."""
    window: str
    sha256: str
    """Of the content that is sealed."""


def seal(handover: Handover) -> tuple[Sealed, str]:
    """Seal a handover; returns the key with it."""
    key = secrets.token_hex(32)
    window = handover.midst.window
    bare = handover.model_copy(update={"midst": replace(handover.midst, window=b"")})
    sealed = base64.b64encode(_mixed(window, key)).decode()
    return Sealed(handover=bare, window=sealed, sha256=hashlib.sha256(window).hexdigest()), key


def unseal(sealed: Sealed, key: str) -> Handover:
    """The handover.

    Raises:
        InternalError: ``verification.wrong-seal``; it was sealed with another key.
    """
    window = _mixed(base64.b64decode(sealed.window), key)
    if hashlib.sha256(window).hexdigest() != sealed.sha256:
        raise InternalError("What the last leg has handed over cannot be opened.", code="verification.wrong-seal")
    return sealed.handover.model_copy(update={"midst": replace(sealed.handover.midst, window=window)})


def _mixed(data: bytes, key: str) -> bytes:
    """The data with a stream of the key's own, of SHAKE-256; twice gives the data again."""
    stream = hashlib.shake_256(bytes.fromhex(key)).digest(len(data))
    return (int.from_bytes(data, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(data), "big")
