"""How much of a file a check proves."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """What a check looks at, from the least to the most. A receipt never claims more than its level proves."""

    LISTING = "listing"
    """Names, sizes and stability: no byte of the file is read."""
    STRUCTURE = "structure"
    """The frame: Parquet footers, heads and trailers of gzip, zip directories, first and last lines of text."""
    CONTENT = "content"
    """Every byte: inflated, its checksums compared, every row or page counted."""

    @property
    def rank(self) -> int:
        """0 for the least; levels compare by it."""
        return list(Level).index(self)


def least(levels: list[Level]) -> Level:
    """The level that all of `levels` reach; ``listing`` where there are none."""
    return min(levels, key=lambda level: level.rank, default=Level.LISTING)
