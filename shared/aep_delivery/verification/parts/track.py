"""One reading of rows, from where one of them begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.checkers.findings import Findings
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.parts.models import Run


class SplitRows(Protocol):
    """Counts and judges rows, from the beginning of any of them."""

    rows: int
    """Rows so far."""
    ends_open: bool
    """Whether the last line has no line end, once it is known to be the last."""

    @property
    def numbers(self) -> int:
        """The number of the last row so far."""

    @property
    def open(self) -> bytes:
        """The row that has not ended, as far as it came."""

    def feed(self, piece: bytes) -> None:
        """Take the next piece. Raises ``Damage``."""

    def finish(self) -> None:
        """Take the last row of the file. Raises ``Damage``."""

    def last_row(self) -> int:
        """Where in :attr:`open` its last row begins: rows before it may wait to be judged."""

    def end_of_row(self, data: bytes) -> int | None:
        """Where the row ends that `data` begins with; None where it goes on behind."""


class Track:
    """One reading.

    Args:
        start: The byte at which a row begins.
        make: Makes the judge of the rows.
        key: Of the file.
        limits: Bounds of reading.
    """

    def __init__(self, start: int, make: Callable[[Findings], SplitRows], key: str, limits: Limits) -> None:
        self.start = self.fed = start
        self._key = key
        self._findings = Findings(key, limits)
        self.rows = make(self._findings)
        self._damage: Damage | None = None

    @property
    def has_ended(self) -> bool:
        """True where nothing more can be read."""
        return self._damage is not None

    @property
    def row_at(self) -> int:
        """Where the row begins that has not ended."""
        return self.fed - len(self.rows.open)

    def meets(self, other: Track) -> bool:
        """True where both have come to the same row: from there on they cannot differ."""
        return self._damage is None and other._damage is None and self.row_at == other.row_at

    def feed(self, piece: bytes) -> None:
        """Take the next piece. Behind a damage nothing is looked at."""
        self._try(self.rows.feed, piece)
        self.fed += len(piece)

    def finish(self, beyond: Iterator[bytes] | None) -> None:
        """Read the row that has not ended to its end.

        Args:
            beyond: What follows what was fed; None where that is the end of the file.
        """
        for piece in beyond or ():
            row = self.rows.open[self.rows.last_row() :]
            end = self.rows.end_of_row(row + piece) if row else 0
            self.feed(piece if end is None else piece[: max(end - len(row), 0)])
            if end is not None or self._damage:
                break
        self._try(self.rows.finish)

    def run(self, end: int | None = None) -> Run:
        """What this reading showed.

        Args:
            end: Where somebody else goes on, if not behind all that was fed.
        """
        return Run(
            start=self.start,
            end=self.fed if end is None else end,
            rows=None if self._damage else self.rows.rows,
            numbers=self.rows.numbers,
            findings=self._findings.listed,
            unlisted=self._findings.unlisted,
            ends_open=self.rows.ends_open,
            damage=self._damage.finding(self._key) if self._damage else None,
        )

    def _try(self, take: Callable[..., None], *pieces: bytes) -> None:
        if self._damage is None:
            try:
                take(*pieces)
            except Damage as damage:
                self._damage = damage
