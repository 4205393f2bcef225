"""Folders listed as if there were none: keys in their order, as an object store gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter

import asyncssh

from aep_delivery.runtime.errors import UserError

DEPTH = 32
"""Folders below one another."""
ENTRIES = 1_000_000
"""Names seen in one listing."""

Scan = Callable[[str], list[tuple[str, asyncssh.SFTPAttrs]]]
"""From a folder's prefix (with its slash; empty for the login directory) to its names and what is known of each; empty
where the folder does not exist."""


def walk(scan: Scan, prefix: str, *, place: str) -> Iterator[tuple[str, asyncssh.SFTPAttrs]]:
    """The regular files whose key starts with `prefix`, in key order; one folder is held in memory at a time and level.

    Symbolic links are not followed and not listed: what they lead to was not delivered here.

    Raises:
        UserError: ``storage.listing-too-large`` above :data:`ENTRIES` names or :data:`DEPTH` folders.
    """
    folder, slash, start = prefix.rpartition("/")
    seen = 0

    def below(folder: str, start: str, depth: int) -> Iterator[tuple[str, asyncssh.SFTPAttrs]]:
        nonlocal seen
        entries = scan(folder)
        seen += len(entries)
        if depth > DEPTH or seen > ENTRIES:
            raise UserError(
                f"There are more than {ENTRIES:,} names or {DEPTH} levels of folders below the destination's folder.",
                code="storage.listing-too-large",
                hint="Deliver into a folder of its own, or move old files away.",
                place=place,
            )
        keyed = ((_sorted_as(name, attributes), attributes) for name, attributes in entries)
        for name, attributes in sorted(keyed, key=itemgetter(0)):
            if not name.startswith(start):
                continue
            if name.endswith("/"):
                yield from below(folder + name, "", depth + 1)
            elif attributes.type == asyncssh.FILEXFER_TYPE_REGULAR:
                yield folder + name, attributes

    return below(folder + slash, start, 0)


def _sorted_as(name: str, attributes: asyncssh.SFTPAttrs) -> str:
    """A folder sorts as its keys do: ``a.csv`` comes before ``a/b``, since the dot comes before the slash."""
    return f"{name}/" if attributes.type == asyncssh.FILEXFER_TYPE_DIRECTORY else name
