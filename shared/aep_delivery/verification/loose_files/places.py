"""Where files are: what a path of the caller's stands for."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from aep_delivery.storage.reader import StorageReader


class Place(Protocol):
    """A file or folder in some storage. It is sent to other processes, so it holds no connection."""

    @property
    def key(self) -> str | None:
        """The key of the one file that is meant; None for a folder."""

    @property
    def prefix(self) -> str:
        """What the keys of a folder begin with: empty, or with a slash at the end."""

    @property
    def remote(self) -> bool:
        """True where it is asked over a network."""

    def open(self) -> AbstractContextManager[StorageReader]:
        """Connect. Each process does so for itself."""

    def path_of(self, key: str) -> str:
        """A key as the caller would write it."""

    def identity(self, key: str) -> str:
        """What two ways to one file have in common."""
