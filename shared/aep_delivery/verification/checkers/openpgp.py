"""Encrypted files: OpenPGP messages (RFC 9580, RFC 4880), binary or in ASCII armor.

Without the private key nobody can read what is inside. What can be proven without it: the packets follow each other
without a gap to the last byte of the file, and they are those of an encrypted message. So a cut or a file that is
something else is found; a changed byte inside the encrypted data is not, only decryption finds that.
"""

from __future__ import annotations

from collections.abc import Iterator

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.checkers.armor import ARMOR, dearmored
from aep_delivery.verification.checkers.base import EMPTY_FILE, Damage, FileCheck
from aep_delivery.verification.checkers.byte_cursor import ByteCursor
from aep_delivery.verification.checkers.digest import Digested
from aep_delivery.verification.checkers.findings import Findings
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.report import Severity

_SESSION_KEYS = {1: "public-key encrypted session key", 3: "symmetric-key encrypted session key"}
_DATA = {9: "symmetrically encrypted data", 18: "encrypted and integrity protected data", 20: "AEAD encrypted data"}
_IGNORED = {10: "marker", 21: "padding"}
_KINDS = {**_SESSION_KEYS, **_DATA, **_IGNORED}
_MAY_BE_PARTIAL = _DATA
_LARGEST_SMALL = 1 << 16
"""Session keys, markers and paddings longer than this are no export's."""
_MAX_PACKETS = 10_000


class OpenPgpChecker:
    """Checks the frame of an encrypted file, whatever format is inside. Rows stay unknown.

    Args:
        level: ``structure`` stops behind the header of the encrypted data.
    """

    def __init__(self, level: Level = Level.CONTENT) -> None:
        self._level = level

    def check(self, stored: StoredObject, reader: StorageReader, limits: Limits) -> FileCheck:
        """Walk the packets; see :class:`~aep_delivery.verification.checkers.base.Checker`."""
        findings = Findings(stored.key, limits)
        chunks = Digested(reader.stream(stored.key, etag=stored.etag, chunk_size=limits.chunk_bytes))
        whole = self._level is Level.CONTENT
        # Every byte is read, and still nothing is known of the content.
        proven = Level.STRUCTURE
        if stored.size == 0:
            return FileCheck(rows=None, sha256=None, findings=findings.all(EMPTY_FILE), level=proven)
        try:
            kinds = _walk(chunks, whole=whole)
        except Damage as damage:
            return FileCheck(
                rows=None, sha256=None, findings=findings.all(damage), bytes_read=chunks.size, level=proven
            )
        findings.add(
            "file.encrypted",
            f"The frame is sound ({', '.join(kinds)}). What is inside cannot be proven without the private key.",
            None,
            Severity.WARNING,
        )
        return FileCheck(
            rows=None,
            sha256=chunks.hexdigest() if whole else None,
            findings=findings.all(),
            checksummed=False if whole else None,
            bytes_read=chunks.size,
            level=proven,
        )


def _walk(chunks: Digested, *, whole: bool) -> list[str]:
    """Name the packets of a message in their order."""
    stream = iter(chunks)
    first = b""
    while len(first) < len(ARMOR) and (chunk := next(stream, b"")):
        first += chunk
    plain = _from(first, stream)
    cursor = ByteCursor(dearmored(plain) if first.lstrip().startswith(ARMOR) else plain)
    kinds: list[str] = []
    encrypted = False
    while head := cursor.peek(1):
        begin = cursor.position
        if encrypted:
            raise Damage("openpgp.trailing-garbage", "Bytes follow the encrypted data.", f"byte {begin}")
        kind = _kind(head[0], begin)
        kinds.append(_KINDS[kind])
        if len(kinds) > _MAX_PACKETS:
            raise Damage("openpgp.packet", "There are more packets than any export has.", f"byte {begin}")
        encrypted = kind in _DATA
        if encrypted and not whole:
            return kinds
        _skip_packet(cursor, kind)
    if not encrypted:
        raise Damage("file.truncated", "The message ends before its encrypted data.", f"byte {cursor.position}")
    return kinds


def _from(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _kind(head: int, begin: int) -> int:
    """The kind of a packet from its first byte (RFC 9580, 4.2)."""
    kind = head & 0x3F if head & 0x40 else head >> 2 & 0x0F
    if head & 0x80 and kind in _KINDS:
        return kind
    if begin == 0:
        raise Damage("file.not-encrypted", "The file does not begin as an encrypted OpenPGP message.", "byte 0")
    raise Damage("openpgp.packet", "A packet is none of an encrypted message.", f"byte {begin}")


def _skip_packet(cursor: ByteCursor, kind: int) -> None:
    begin = cursor.position
    head = _take(cursor, 1)[0]
    length: int | None
    if head & 0x40:
        total = 0
        while (length := _new_length(cursor)) < 0:
            if kind not in _MAY_BE_PARTIAL or (not total and -length < 512):
                raise Damage("openpgp.packet", "A packet has a part of impossible length.", f"byte {begin}")
            cursor.skip(-length)
            total -= length
    else:
        size = (1, 2, 4, 0)[head & 3]
        length = int.from_bytes(_take(cursor, size), "big") if size else None
    if kind not in _DATA and (length is None or length > _LARGEST_SMALL):
        raise Damage("openpgp.packet", "A packet is longer than it can be.", f"byte {begin}")
    if length is None:
        # Old form without a length: the rest of the file. Where it should end is said nowhere.
        cursor.drain()
    else:
        cursor.skip(length)


def _new_length(cursor: ByteCursor) -> int:
    """The length of a packet or, negative, of a part of it (RFC 9580, 4.2.1)."""
    first = _take(cursor, 1)[0]
    if first < 192:
        return first
    if first < 224:
        return ((first - 192) << 8) + _take(cursor, 1)[0] + 192
    if first < 255:
        return -(1 << (first & 0x1F))
    return int.from_bytes(_take(cursor, 4), "big")


def _take(cursor: ByteCursor, size: int) -> bytes:
    return b"".join(cursor.pieces(size))
