"""When an OpenPGP public key expires, as its owner has signed (RFC 4880, 5.2.3.6: key expiration time)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

_PUBLIC_KEY, _SIGNATURE = 6, 2
_CERTIFICATIONS = (0x10, 0x11, 0x12, 0x13, 0x1F)
"""Signatures on a user id, and directly on the key."""
_SIGNED_AT, _EXPIRES_AFTER = 2, 9
_VERSION_4 = 4


def key_expiry(public_key: str) -> datetime | None:
    """When a key expires.

    Args:
        public_key: In base64, with an armor in it or without.

    Returns:
        The moment; None where the key does not expire, or is of a form that is not known here: keys of version 4 are.
    """
    try:
        packets = list(_packets(_binary(public_key)))
        created = next(_number(body[1:5]) for tag, body in packets if tag == _PUBLIC_KEY and body[0] == _VERSION_4)
        signed = [_signed(body) for tag, body in packets if tag == _SIGNATURE]
    except (IndexError, StopIteration, binascii.Error):
        return None
    latest = max((one for one in signed if one is not None), default=None)
    if latest is None or not latest[1]:
        return None
    return datetime.fromtimestamp(created, UTC) + timedelta(seconds=latest[1])


def _binary(public_key: str) -> bytes:
    data = base64.b64decode(public_key)
    if not data.lstrip().startswith(b"-----BEGIN PGP"):
        return data
    lines = [line.strip() for line in data.strip().splitlines()]
    # Headers end with an empty line; the last line but one is the checksum.
    body = lines[lines.index(b"") + 1 : -1] if b"" in lines else lines[1:-1]
    return base64.b64decode(b"".join(line for line in body if not line.startswith(b"=")))


def _packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and body of each packet up to the first subkey: signatures behind that are of the subkey."""
    at = 0
    while at < len(data):
        first = data[at]
        if first & 0x40:
            tag = first & 0x3F
            size, width = _new_length(data, at + 1)
        else:
            tag = first >> 2 & 0x0F
            width = (1, 2, 4)[first & 3]
            size = _number(data[at + 1 : at + 1 + width])
        begin = at + 1 + width
        if tag == 14:
            return
        if begin + size > len(data):
            raise IndexError(begin)
        yield tag, data[begin : begin + size]
        at = begin + size


def _new_length(data: bytes, at: int) -> tuple[int, int]:
    """The length that stands at a place, and how many bytes it takes (4.2.1)."""
    first = data[at]
    if first < 192:
        return first, 1
    if first < 224:
        return (first - 192 << 8) + data[at + 1] + 192, 2
    return _number(data[at + 1 : at + 5]), 5


def _signed(body: bytes) -> tuple[int, int] | None:
    """When a certification was made, and how long after its creation the key expires, 0 for never; in seconds."""
    if body[0] != _VERSION_4 or body[1] not in _CERTIFICATIONS:
        return None
    hashed = body[6 : 6 + _number(body[4:6])]
    found = {_SIGNED_AT: 0, _EXPIRES_AFTER: 0}
    at = 0
    while at < len(hashed):
        size, width = _new_length(hashed, at)
        kind = hashed[at + width] & 0x7F
        if kind in found:
            found[kind] = _number(hashed[at + width + 1 : at + width + size])
        at += width + size
    return found[_SIGNED_AT], found[_EXPIRES_AFTER]


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
