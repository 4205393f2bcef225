"""Deleting from a storage: apart from reading, so that what only reads cannot delete."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class StorageCleaner(Protocol):
    """Write access to one bucket or container, for deleting alone."""

    def delete_objects(self, keys: Iterable[str]) -> int:
        """Delete these objects and return how many; one that is gone already counts too.

        Raises:
            UserError: ``storage.not-deleted`` where some stay, or access is denied.
            TransientError: The storage asks to come back.
        """
