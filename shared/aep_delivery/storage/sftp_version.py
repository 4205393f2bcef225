"""Which version of a file this is, on a storage that has no ETags."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncssh

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.reader import StoredObject


def is_complete(attributes: asyncssh.SFTPAttrs) -> bool:
    """Whether the server has told the three things a listing needs; the protocol obliges it to none."""
    return (
        attributes.size is not None
        and attributes.mtime is not None
        and attributes.type != asyncssh.FILEXFER_TYPE_UNKNOWN
    )


def stored_object(key: str, attributes: asyncssh.SFTPAttrs, *, place: str) -> StoredObject:
    """The file as listings show it.

    Its ETag is its size and its time of modification. Where the server tells seconds only, as OpenSSH does, a file that
    is rewritten in its place within one second and with the same size keeps its ETag.

    Raises:
        UserError: ``storage.no-file-times`` where the server tells no size or no time.
    """
    if attributes.size is None or attributes.mtime is None:
        raise UserError(
            "The SFTP server does not tell the size and the time of its files, so that no version can be told apart.",
            code="storage.no-file-times",
            hint="Deliver to a server that does.",
            place=place,
        )
    time = datetime.fromtimestamp(attributes.mtime, UTC) + timedelta(microseconds=(attributes.mtime_ns or 0) // 1000)
    return StoredObject(key=key, size=attributes.size, etag=_etag(attributes), last_modified=time)


def is_version(attributes: asyncssh.SFTPAttrs, etag: str) -> bool:
    """Whether the file is still the one that had this ETag, which may have been made without nanoseconds."""
    return etag in (_etag(attributes), _etag(attributes, fine=False))


def _etag(attributes: asyncssh.SFTPAttrs, *, fine: bool = True) -> str:
    nanoseconds = f".{attributes.mtime_ns:09}" if fine and attributes.mtime_ns is not None else ""
    return f'"{attributes.size or 0:x}-{attributes.mtime or 0}{nanoseconds}"'
