"""Reading from one folder of this machine."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.reader import ObjectChangedError, StoredObject

_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class LocalReader:
    r"""A :class:`~aep_delivery.storage.reader.StorageReader` over one folder and what is below it.

    Symbolic links are neither followed nor listed: whatever a link inside of the folder leads to is listed itself, and
    what it leads to elsewhere was not delivered here. Keys have forward slashes; bytes of a name that are not UTF-8
    stand in it as ``\xff``.

    Args:
        root: The folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.realpath(root))

    def list_objects(self, prefix: str) -> Iterator[StoredObject]:
        """All regular files whose key starts with `prefix`, in key order."""
        folder = prefix.rpartition("/")[0]
        for key, entry in self._walk(folder and f"{folder}/"):
            if key.startswith(prefix) and not entry.is_symlink() and entry.is_file(follow_symlinks=False):
                yield _stored(key, entry.stat(follow_symlinks=False))

    def links(self) -> Iterator[str]:
        """The keys of symbolic links that lead out of the folder, or nowhere."""
        for key, entry in self._walk(""):
            if entry.is_symlink():
                target = Path(os.path.realpath(entry.path))
                if not (target.exists() and target.is_relative_to(self._root)):
                    yield key

    def stat(self, key: str) -> StoredObject | None:
        """The file as it is now, or None where there is none, or something else than a file."""
        try:
            found = self._path(key).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _denied(key, error) from error
        return _stored(key, found) if stat.S_ISREG(found.st_mode) else None

    def read_range(self, key: str, start: int, length: int, *, etag: str) -> bytes:
        """`length` bytes from `start`; fewer only at the end of the file."""
        if length <= 0:
            return b""
        with self._open(key, etag) as file:
            file.seek(start)
            return file.read(length)

    def stream(self, key: str, *, etag: str, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        """The whole file from its first byte, in chunks of at most `chunk_size` bytes."""
        with self._open(key, etag) as file:
            while chunk := file.read(chunk_size):
                yield chunk

    @contextmanager
    def _open(self, key: str, etag: str) -> Iterator[BinaryIO]:
        """The file as it was listed, which it must still be at the end."""
        try:
            with open(os.open(self._path(key), _FLAGS), "rb", buffering=0) as file:  # noqa: PTH123 - of a descriptor
                _must_be(os.fstat(file.fileno()), key, etag)
                yield file
                _must_be(os.fstat(file.fileno()), key, etag)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise _changed(key) from error
        except OSError as error:
            raise _denied(key, error) from error

    def _walk(self, folder: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
        """Everything below a folder but folders, in key order: a folder sorts as its keys do."""
        try:
            with os.scandir(self._path(folder.rstrip("/")) if folder else self._root) as entries:
                found = [(_shown(entry.name) + "/" * _is_folder(entry), entry) for entry in entries]
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise _denied(folder, error) from error
        for name, entry in sorted(found, key=lambda item: item[0]):
            if name.endswith("/"):
                yield from self._walk(folder + name)
            else:
                yield folder + name, entry

    def _path(self, key: str) -> Path:
        path = self._root / key
        if not os.path.lexists(path):
            path = self._root / os.fsdecode(_ESCAPED.sub(lambda byte: bytes.fromhex(byte[1].decode()), key.encode()))
        if not Path(os.path.realpath(path.parent)).is_relative_to(self._root) or path.name == "..":
            raise UserError(
                "The path leads out of its folder.",
                code="storage.path-refused",
                hint="Name the folder that the file really lies in.",
                place=key,
            )
        return path


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return not entry.is_symlink() and entry.is_dir(follow_symlinks=False)


def _shown(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _stored(key: str, found: os.stat_result) -> StoredObject:
    return StoredObject(
        key=key,
        size=found.st_size,
        etag=_etag(found),
        last_modified=datetime.fromtimestamp(found.st_mtime_ns / 1e9, UTC),
    )


def _etag(found: os.stat_result) -> str:
    """What changes with each write. A write that keeps size and sets the time back is not seen."""
    return f'"{found.st_dev:x}-{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"'


def _must_be(found: os.stat_result, key: str, etag: str) -> None:
    if not stat.S_ISREG(found.st_mode) or _etag(found) != etag:
        raise _changed(key)


def _changed(key: str) -> ObjectChangedError:
    return ObjectChangedError(
        "The object was rewritten or removed while it was read.", code="storage.object-changed", place=key
    )


def _denied(key: str, error: OSError) -> UserError:
    return UserError(
        f"The file or folder cannot be read: {error.strerror}.",
        code="storage.access-denied",
        hint="Let your user read it.",
        place=key,
    )
