"""Reading the members of a zip file with every proof the format offers."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from isal import isal_zlib

from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.checkers.byte_cursor import ByteCursor
from aep_delivery.verification.checkers.zip_directory import Member
from aep_delivery.verification.limits import Limits

_LOCAL = struct.Struct("<4s5H3L2H")
_SIZES_BEHIND = 0x0008
"""Flag: the checksum and the sizes stand behind the data, not in front of it."""
_DESCRIPTOR = b"PK\x07\x08"


def read_member(member: Member, cursor: ByteCursor, limits: Limits) -> Iterator[bytes]:
    """The content of a member, in pieces; `cursor` stands at its local header and ends behind its data.

    Raises:
        Damage: ``zip.local-header``, ``zip.checksum``, ``zip.size``, ``zip.invalid``, ``file.ratio-exceeded`` or
            ``file.truncated``.
    """
    _judge_local(member, cursor)
    crc = size = 0
    for piece in _content(member, cursor, limits):
        crc = isal_zlib.crc32(piece, crc)
        size += len(piece)
        if size > member.inflated:
            break
        yield piece
    if size != member.inflated:
        raise Damage(
            "zip.size", f"A member has another size than the {member.inflated:,} bytes it claims.", member.where
        )
    if crc != member.crc:
        raise Damage("zip.checksum", "The content is not what its checksum says.", member.where)
    _judge_descriptor(member, cursor)


def _judge_local(member: Member, cursor: ByteCursor) -> None:
    head = cursor.peek(_LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
        raise Damage("zip.local-header", "A member does not begin where the directory says.", member.where)
    _, _, flags, method, _, _, crc, stored, inflated, name_size, extra_size = _LOCAL.unpack(head)
    cursor.skip(_LOCAL.size)
    name = b"".join(cursor.pieces(name_size))
    extra = b"".join(cursor.pieces(extra_size))
    figures = [(crc, member.crc), (stored, member.stored), (inflated, member.inflated)]
    if flags & _SIZES_BEHIND:
        figures = [(claim, truth) for claim, truth in figures if claim]
    wide = {0xFFFFFFFF} if b"\x01\x00" in extra else set()
    agree = all(claim == truth or claim in wide for claim, truth in figures)
    if name != member.name or method != member.method or flags != member.flags or not agree:
        raise Damage("zip.local-header", "A member and its entry in the directory disagree.", member.where)


def _content(member: Member, cursor: ByteCursor, limits: Limits) -> Iterator[bytes]:
    pieces = cursor.pieces(member.stored)
    if member.method == 0:
        yield from pieces
        return
    inflater = isal_zlib.decompressobj(-15)
    produced = fed = 0
    for piece in pieces:
        fed += len(piece)
        data = piece
        while data or (fed == member.stored and not inflater.eof):
            if inflater.eof:
                raise Damage("zip.invalid", "Bytes follow the compressed data of a member.", member.where)
            try:
                content = inflater.decompress(data, limits.chunk_bytes)
            except isal_zlib.error as error:  # type: ignore[misc]  # the stub declares the class as an instance
                raise Damage("zip.invalid", "The compressed data cannot be inflated.", member.where) from error
            progress = len(content) + len(data) - len(inflater.unconsumed_tail)
            produced += len(content)
            if produced > limits.ratio_floor_bytes and produced > fed * limits.max_ratio:
                message = f"The content is more than {limits.max_ratio} times the member's size: this is no export."
                raise Damage("file.ratio-exceeded", message, member.where)
            if content:
                yield content
            data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            if not progress:
                break
    if not inflater.eof:
        raise Damage("zip.invalid", "The compressed data of a member has no end.", member.where)


def _judge_descriptor(member: Member, cursor: ByteCursor) -> None:
    """Behind the data, with or without a signature, in 32 or 64 bits: whichever of the four forms fits is taken."""
    if not member.flags & _SIZES_BEHIND:
        return
    look = cursor.peek(24)
    for signature in (_DESCRIPTOR, b""):
        for form in ("<L2Q", "<3L"):
            sizes = (member.stored, member.inflated)
            if form == "<3L" and max(sizes) > 0xFFFFFFFF:
                continue
            expected = signature + struct.pack(form, member.crc, *sizes)
            if look.startswith(expected):
                cursor.skip(len(expected))
                return
    raise Damage("zip.local-header", "What stands behind a member's data disagrees with the directory.", member.where)
