"""The central directory of a zip file: what members it claims and where they lie.

PKWARE: APPNOTE.TXT, 4.3 and 4.5.3 (Zip64). Everything in it is a claim until the members have been read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.limits import Limits

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_TAIL_LOOK = _LOCATOR64.size + _END.size + 0xFFFF
"""Bytes from the end that hold the end record, whatever the length of its comment."""
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF
_ENCRYPTED = 0x0001 | 0x2000


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the archive. Sizes in bytes."""

    number: int
    """From 1, in the order of the directory."""
    name: bytes
    start: int
    """Where its local header begins."""
    flags: int
    method: int
    crc: int
    stored: int
    inflated: int

    @property
    def where(self) -> str:
        # The name is what somebody put into the file: it is not shown.
        return f"member {self.number}"

    @property
    def is_folder(self) -> bool:
        return self.name.endswith(b"/")


@dataclass(frozen=True, slots=True)
class Directory:
    """What the archive claims."""

    members: tuple[Member, ...]
    """In the order they lie in the file."""
    start: int
    """Where the directory begins: no member may reach behind that."""


def read_directory(stored: StoredObject, reader: StorageReader, limits: Limits) -> Directory:
    """Read the directory from the end of the file and judge it against itself.

    Raises:
        Damage: ``file.not-zip``, ``file.truncated``, ``zip.directory``, ``zip.trailing-garbage``, ``zip.encrypted``,
            ``zip.method``, ``zip.unsafe-name``, ``zip.size``, ``zip.duplicate-name``, ``zip.overlap`` or ``zip.empty``.
    """
    begin = max(0, stored.size - _TAIL_LOOK)
    tail = reader.read_range(stored.key, begin, stored.size - begin, etag=stored.etag)
    head = tail[:4] if begin == 0 else reader.read_range(stored.key, 0, 4, etag=stored.etag)
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06")) and not b"PK\x03\x04".startswith(head):
        raise Damage("file.not-zip", "The file does not begin as zip.", "byte 0")
    count, size, start = _end(tail, begin, stored, reader)
    if start + size > stored.size or size > limits.max_footer_bytes:
        raise _broken("it claims more bytes than there can be")
    data = reader.read_range(stored.key, start, size, etag=stored.etag)
    members = list(_members(data))
    if len(members) != count:
        raise _broken(f"it lists {len(members):,} members and claims {count:,}")
    if all(member.is_folder for member in members):
        raise Damage("zip.empty", "The archive has no file.", "directory")
    _judge_names(members)
    members.sort(key=lambda member: member.start)
    end = 0
    for member in members:
        if member.start < end or member.start + 30 + member.stored > start:
            raise Damage("zip.overlap", "A member overlaps another one or lies outside of the data.", member.where)
        end = member.start + 30 + member.stored
    return Directory(members=tuple(members), start=start)


def _end(tail: bytes, begin: int, stored: StoredObject, reader: StorageReader) -> tuple[int, int, int]:
    """Members, bytes and place of the directory, from the record at the end."""
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise Damage("file.truncated", "The file does not end as zip: no directory.", f"byte {stored.size}")
    _, disk, _, _, count, size, start, comment = _END.unpack_from(tail, at)
    if disk not in (0, _FULL_16):
        raise _broken("it is a part of several")
    end = begin + at + _END.size + comment
    if end > stored.size:
        raise Damage("file.truncated", "The file ends inside of its comment.", f"byte {stored.size}")
    if end < stored.size:
        raise Damage("zip.trailing-garbage", "Bytes follow the end of the archive.", f"byte {end}")
    directory_end = begin + at
    locator = tail[max(0, at - _LOCATOR64.size) : at]
    if locator.startswith(b"PK\x06\x07") and len(locator) == _LOCATOR64.size:
        place = _LOCATOR64.unpack(locator)[2]
        record = reader.read_range(stored.key, place, _END64.size, etag=stored.etag)
        if len(record) < _END64.size or not record.startswith(b"PK\x06\x06"):
            raise _broken("its Zip64 record is not where it should be")
        count, size, start = _END64.unpack(record)[7:]
        directory_end = place
    if start + size != directory_end:
        raise _broken("it does not end where the end record begins")
    return count, size, start


def _members(data: bytes) -> Iterator[Member]:
    position = number = 0
    while position < len(data):
        number += 1
        if position + _ENTRY.size > len(data) or not data.startswith(b"PK\x01\x02", position):
            raise _broken(f"entry {number} is none")
        fields = _ENTRY.unpack_from(data, position)
        flags, method, crc, stored, inflated, name_size, extra_size, comment_size = (*fields[3:5], *fields[7:13])
        start = fields[16]
        position += _ENTRY.size
        name = data[position : position + name_size]
        extra = data[position + name_size : position + name_size + extra_size]
        position += name_size + extra_size + comment_size
        if position > len(data):
            raise _broken(f"entry {number} is cut off")
        wide = _wide(extra, [value == _FULL_32 for value in (inflated, stored, start)])
        inflated, stored, start = (
            big if big is not None else value for big, value in zip(wide, (inflated, stored, start), strict=True)
        )
        yield Member(
            number=number,
            name=name,
            start=start,
            flags=flags,
            method=method,
            crc=crc,
            stored=stored,
            inflated=inflated,
        )


def _wide(extra: bytes, asked: list[bool]) -> list[int | None]:
    """The sizes and the place of a member that do not fit into 32 bits, from its extra field 1."""
    position = 0
    while any(asked) and position + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, position)
        position += 4
        if kind == 1:
            values = extra[position : position + size]
            if len(values) < 8 * sum(asked):
                break
            numbers = iter(struct.unpack_from(f"<{sum(asked)}Q", values))
            return [next(numbers) if want else None for want in asked]
        position += size
    if any(asked):
        raise _broken("an entry lacks its Zip64 sizes")
    return [None] * len(asked)


def _judge_names(members: list[Member]) -> None:
    seen: set[bytes] = set()
    for member in members:
        name = member.name
        parts = name.replace(b"\\", b"/").split(b"/")
        if not name or b".." in parts or name.startswith((b"/", b"\\")) or b":" in parts[0] or b"\0" in name:
            raise Damage("zip.unsafe-name", "The name of a member leads out of the folder.", member.where)
        if name.lower() in seen:
            raise Damage("zip.duplicate-name", "Two members have the same name.", member.where)
        seen.add(name.lower())
        if member.flags & _ENCRYPTED:
            raise Damage("zip.encrypted", "A member is encrypted and cannot be checked.", member.where)
        if member.method not in (0, 8):
            raise Damage("zip.method", "A member is compressed in a way no reader is here for.", member.where)
        if member.method == 0 and member.stored != member.inflated:
            raise Damage("zip.size", "A member's two sizes disagree.", member.where)


def _broken(why: str) -> Damage:
    return Damage("zip.directory", f"The directory cannot be read: {why}.", "directory")
