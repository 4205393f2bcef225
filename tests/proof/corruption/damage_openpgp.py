"""Damage to encrypted files, as far as their frame shows it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from random import Random

from aep_delivery.verification.report import Verdict
from tests.corpus.openpgp_cases import armored
from tests.proof.corruption.deliveries import Delivery
from tests.proof.corruption.kinds import altered, damage, is_encrypted, patched

_CORRUPT = Verdict.CORRUPT
_GARBAGE = ("openpgp.trailing-garbage", "openpgp.packet", "file.truncated")


@damage("OpenPGP: not encrypted, though asked for", _CORRUPT, "file.not-encrypted", applies=is_encrypted)
def in_the_clear(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(
        delivery, lambda _: b"email,first_name\na@example.com,Ann\n", lambda _: b"\x1f\x8b\x08\0" + b"a" * 99
    )


@damage("OpenPGP: a signature in its place", _CORRUPT, "file.not-encrypted", applies=is_encrypted)
def signature(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: b"\xc2\x05abcde" + body)


@damage("OpenPGP: cut behind its keys", _CORRUPT, "file.truncated", applies=is_encrypted)
def keys_alone(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: body[: _data(body)])


@damage("OpenPGP: its keys lost, and more", _CORRUPT, "file.not-encrypted", *_GARBAGE, applies=is_encrypted)
def keys_lost(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: body[_data(body) // 2 :], lambda body: body[_data(body) + 1 :])


@damage("OpenPGP: the packet of its data of another kind", _CORRUPT, *_GARBAGE, applies=is_encrypted)
def other_packet(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(
        delivery, lambda body: patched(body, _data(body), b"\xcb"), lambda body: patched(body, _data(body), b"\0")
    )


@damage("OpenPGP: a packet's length changed", _CORRUPT, *_GARBAGE, applies=is_encrypted)
def length(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    def changed(step: int) -> Callable[[bytes], bytes]:
        return lambda body: patched(body, _data(body) + 2, bytes([body[_data(body) + 2] + step & 0x7F]))

    yield from altered(delivery, changed(1), changed(-1))


@damage("OpenPGP: two messages in one file", _CORRUPT, "openpgp.trailing-garbage", applies=is_encrypted)
def two_messages(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: body + body)


@damage("OpenPGP: armor cut", _CORRUPT, "file.truncated", "armor.invalid", applies=is_encrypted)
def armor_cut(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, *((lambda body, size=size: armored(body)[:-size]) for size in (20, 60, 400)))


@damage("OpenPGP: the checksum of armor changed", _CORRUPT, "armor.checksum", applies=is_encrypted)
def armor_checksum(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, lambda body: armored(body, 0))


@damage("OpenPGP: a character of armor changed", _CORRUPT, "armor.checksum", "armor.invalid", applies=is_encrypted)
def armor_character(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    def changed(to: bytes) -> Callable[[bytes], bytes]:
        def alter(body: bytes) -> bytes:
            text = armored(body)
            at = len(text) // 2
            at += text[at : at + 1] == b"\n"
            other = to if text[at : at + 1] != to else b"B"
            return patched(text, at, other)

        return alter

    yield from altered(delivery, changed(b"A"), changed(b"!"))


@damage("OpenPGP: base64 without armor", _CORRUPT, "file.not-encrypted", applies=is_encrypted)
def bare_base64(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from altered(delivery, base64.encodebytes)


def _data(body: bytes) -> int:
    """Where the packet with the data begins: behind the one with the session key, which has a short length."""
    first = body[1]
    return 2 + first if first < 192 else 3 + ((first - 192) << 8) + body[2] + 192
