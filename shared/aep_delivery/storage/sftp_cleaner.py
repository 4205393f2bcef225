"""Deleting from one SFTP server, below the login directory of one user."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Iterator
from itertools import islice

import asyncssh

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.sftp_access import SftpAccess
from aep_delivery.storage.sftp_errors import MISSING

_BATCH = 64
"""Files that are deleted at once."""


class SftpCleaner(SftpAccess):
    """A :class:`~aep_delivery.storage.cleaner.StorageCleaner` over the login directory of one user. Folders stay, also
    those that are left empty: nobody knows who else counts on them.

    See :func:`aep_delivery.storage.sftp_client.sftp_cleaner`.
    """

    def delete_objects(self, keys: Iterable[str]) -> int:
        """Delete these files and return how many; ends at the first batch of which some stay."""
        deleted = 0
        for batch in _batches(keys):
            paths = [self._path(key) for key in batch]

            async def delete(client: asyncssh.SFTPClient, paths: list[bytes] = paths) -> list[bool]:
                return await asyncio.gather(*(_is_gone(self._session.answer(client.remove(path))) for path in paths))

            gone = self._call(delete, "")
            deleted += sum(gone)
            if not all(gone):
                raise UserError(
                    f"The SFTP server did not delete {len(gone) - sum(gone):,} of {len(batch):,} files; "
                    f"{deleted:,} are deleted.",
                    code="storage.not-deleted",
                    hint="Let the user delete files below the destination's folder.",
                    place=self._place(batch[gone.index(False)]),
                )
        return deleted


async def _is_gone(removal: Awaitable[None]) -> bool:
    try:
        await removal
    except MISSING:
        return True
    except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure):
        return False
    return True


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(keys)
    while batch := list(islice(remaining, _BATCH)):
        yield batch
