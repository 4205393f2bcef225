"""Encrypted files: packets made by hand, as nobody can make the same real ones twice."""

from __future__ import annotations

import base64
import hashlib

from tests.corpus.case import Case

SECRET = hashlib.shake_256(b"content").digest(5000)
SESSION_KEY = bytes([0xC1, 94]) + hashlib.shake_256(b"key").digest(94)


def fixed(body: bytes = SECRET) -> bytes:
    return b"\xd2\xff" + len(body).to_bytes(4, "big") + body


def partial(body: bytes = SECRET) -> bytes:
    return b"\xd2\xeb" + body[:2048] + b"\xea" + body[2048:3072] + bytes([193, 0]) + body[3072:3520]


def old(body: bytes = SECRET) -> bytes:
    return bytes([0x80 | 9 << 2 | 1]) + len(body).to_bytes(2, "big") + body


def crc24(data: bytes) -> int:
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc = crc << 1 ^ (0x1864CFB if crc & 0x800000 else 0)
    return crc & 0xFFFFFF


def armored(data: bytes, checksum: int | None = None) -> bytes:
    text = base64.b64encode(data)
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    crc = crc24(data) if checksum is None else checksum
    check = b"=" + base64.b64encode(crc.to_bytes(3, "big"))
    return b"\n".join(
        [b"-----BEGIN PGP MESSAGE-----", b"Version: 1", b"", *lines, check, b"-----END PGP MESSAGE-----", b""]
    )


MESSAGE = SESSION_KEY + fixed()
ARMORED = armored(MESSAGE)


def case(name: str, data: bytes, code: str | None = None, where: str | None = None) -> Case:
    return Case(f"pgp-{name}", "CSV", "NONE", data, None, code, where, encrypted=True)


SOUND = [
    case("message", MESSAGE),
    case("two-keys", SESSION_KEY * 2 + fixed()),
    case("partial", SESSION_KEY + partial()),
    case("old-format", SESSION_KEY + old()),
    case("armored", ARMORED),
    case("armored-crlf", ARMORED.replace(b"\n", b"\r\n")),
]

DAMAGED = [
    case("empty-file", b"", "file.empty"),
    case("cut", MESSAGE[:-1], "file.truncated"),
    case("cut-partial", (SESSION_KEY + partial())[:-1], "file.truncated"),
    case("cut-behind-the-keys", SESSION_KEY, "file.truncated", f"byte {len(SESSION_KEY)}"),
    case("garbage-behind", MESSAGE + b"\0\0", "openpgp.trailing-garbage", f"byte {len(MESSAGE)}"),
    case("plain", b"id,name\n1,a\n", "file.not-encrypted", "byte 0"),
    case("a-signature", b"\xc2\x05abcde" + MESSAGE, "file.not-encrypted", "byte 0"),
    case("zeros", MESSAGE[:96] + b"\0" * 100, "openpgp.packet", "byte 96"),
    case("armored-cut", ARMORED[:-60], "file.truncated"),
    case("armored-checksum", armored(MESSAGE, 0), "armor.checksum"),
    case("armored-not-base64", ARMORED[:500] + b"!" + ARMORED[501:], "armor.invalid"),
    case("armored-garbage-behind", ARMORED + b"more\n", "armor.trailing-garbage", f"byte {len(ARMORED)}"),
]
