"""Whether the deduplication keys of an audience's rows are there once each: counted in constant memory.

Of each key only its hash is kept, in this process alone. Above a number of keys only every second hash is kept, then
every fourth, and so on: the same share of the keys is then looked at in all files, and what is found in it is certain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

Key = tuple[str, ...]

MAX_KEYS = 400_000
"""Hashes kept at once: about 30 MB."""


class KeysUnreadableError(Exception):
    """The file has no such columns, or is of a format whose values are not read here."""


class KeyCount(BaseModel):
    """What counting showed. Holds no key."""

    model_config = ConfigDict(frozen=True)

    rows: int = 0
    """Rows with a key."""
    duplicates: int = 0
    """Rows whose key an earlier row has, among those looked at."""
    share: float = 1.0
    """The share of all keys that was looked at to the end."""
    unread: int = 0
    """Files whose keys could not be read."""


class KeyCounter:
    """Counts keys that come one by one.

    Args:
        max_keys: Hashes kept at once.
    """

    def __init__(self, max_keys: int = MAX_KEYS) -> None:
        self._max_keys = max_keys
        self._seen: set[int] = set()
        self._mask = 0
        self._rows = 0
        self._duplicates = 0
        self.unread = 0

    def add(self, keys: Iterable[Sequence[str]]) -> None:
        """Count the keys of one file, each of one or two values. A key without any value is none."""
        for key in keys:
            if not any(key):
                continue
            self._rows += 1
            # Python's own hash of texts is keyed and of 64 bits: nobody can make two keys look the same.
            digest = hash(tuple(key))
            if digest & self._mask:
                continue
            if digest in self._seen:
                self._duplicates += 1
                continue
            self._seen.add(digest)
            while len(self._seen) > self._max_keys:
                self._mask = self._mask * 2 + 1
                self._seen = {kept for kept in self._seen if not kept & self._mask}

    def count(self) -> KeyCount:
        """What was counted so far."""
        return KeyCount(rows=self._rows, duplicates=self._duplicates, share=1 / (self._mask + 1), unread=self.unread)
