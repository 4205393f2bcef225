"""ASCII armor around OpenPGP data: base64 with a checksum of 24 bits (RFC 4880, 6)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from aep_delivery.verification.checkers.base import Damage

ARMOR = b"-----BEGIN PGP MESSAGE-----"
_END = b"-----END PGP MESSAGE-----"
_MAX_LINE = 4096
_POLYNOMIAL = 0x1864CFB


def _table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 16
        for _ in range(8):
            value <<= 1
            if value & 0x1000000:
                value ^= _POLYNOMIAL
        table.append(value)
    return table


_TABLE = _table()


def dearmored(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The data inside of an armor.

    Raises:
        Damage: ``armor.invalid``, ``armor.checksum``, ``armor.trailing-garbage`` or ``file.truncated``.
    """
    lines = _lines(chunks)
    for _, line in lines:
        if line == ARMOR:
            break
        if line:
            raise Damage("armor.invalid", "Something stands in front of the armor.", "byte 0")
    for position, line in lines:
        if not line:
            break
        if b": " not in line:
            raise Damage("armor.invalid", "A header of the armor is none.", f"byte {position}")
    yield from _body(lines)
    for position, line in lines:
        if line:
            raise Damage("armor.trailing-garbage", "Something follows the armor.", f"byte {position}")


def _body(lines: Iterator[tuple[int, bytes]]) -> Iterator[bytes]:
    crc = 0xB704CE
    claimed: int | None = None
    padded = False
    for position, line in lines:
        if line == _END:
            if claimed is not None and crc != claimed:
                raise Damage("armor.checksum", "The content is not what the armor's checksum says.", f"byte {position}")
            return
        if claimed is not None or (padded and not line.startswith(b"=")):
            raise Damage("armor.invalid", "Lines follow the end of the armor's data.", f"byte {position}")
        if line.startswith(b"=") and len(line) == 5:
            claimed = int.from_bytes(_decoded(line[1:], position), "big")
            continue
        data = _decoded(line, position)
        padded = line.endswith(b"=")
        crc = _crc24(data, crc)
        yield data
    raise Damage("file.truncated", "The file ends inside of its armor.")


def _decoded(line: bytes, position: int) -> bytes:
    try:
        return base64.b64decode(line, validate=True)
    except binascii.Error as error:
        raise Damage("armor.invalid", "A line of the armor is not base64.", f"byte {position}") from error


def _crc24(data: bytes, crc: int) -> int:
    table = _TABLE
    for byte in data:
        crc = (crc << 8 & 0xFFFFFF) ^ table[crc >> 16 ^ byte]
    return crc


def _lines(chunks: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each line with the byte it begins at, without its end and the blanks in front of that."""
    rest = b""
    position = 0
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield position, line.rstrip(b" \t\r")
            position += len(line) + 1
        if len(rest) > _MAX_LINE:
            raise Damage("armor.invalid", "A line of the armor is too long.", f"byte {position}")
    last = rest.rstrip(b" \t\r")
    if last not in (b"", _END):
        raise Damage("file.truncated", "The file ends inside of a line of its armor.", f"byte {position + len(rest)}")
    yield position, last
