"""The names of columns, whatever Adobe makes of dots."""

from __future__ import annotations


def plain(name: str) -> str:
    """A column's name to compare by: exported columns have underscores for the dots of a path, and some keep the dots.

    Adobe: "Activate audiences to file-based destinations", mapping; Data Prep escapes a dot in a name as ``//.``.
    """
    return name.replace("//.", ".").replace(".", "_").casefold()


def same_name(one: str, other: str) -> bool:
    """True where two names are of the same column."""
    return one == other or plain(one) == plain(other)


def covers(wanted: str, found: str) -> bool:
    """True where the column `found` is `wanted`, or a field inside of it."""
    return plain(found) == plain(wanted) or plain(found).startswith(plain(wanted) + "_")
