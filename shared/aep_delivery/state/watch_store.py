"""What the watches need of a store."""

from __future__ import annotations

from typing import Protocol

from aep_delivery.state.watching import Announcements, Freshness, RunClaim, RunCursor


class WatchStore(Protocol):
    """What is remembered between two looks.

    A ``write_…`` replaces the record as it was read and says whether it did: False where somebody else has written it
    since, or has written it first. None of them needs the delivery's lock: a watch must not keep a delivery waiting.
    """

    def run_claim(self, delivery_id: str, run_id: str) -> RunClaim | None:
        """Who verifies a run; None where nobody does. Kept for fifteen days after its last change."""

    def write_run_claim(self, delivery_id: str, claim: RunClaim) -> bool:
        """Keep a claim."""

    def run_cursor(self, delivery_id: str) -> RunCursor | None:
        """Up to where runs are settled; None before the first look."""

    def write_run_cursor(self, delivery_id: str, cursor: RunCursor) -> bool:
        """Keep a cursor."""

    def freshness(self, delivery_id: str) -> Freshness | None:
        """How the delivery stood at the last look; None before the first."""

    def write_freshness(self, delivery_id: str, freshness: Freshness) -> bool:
        """Keep how it stands."""

    def announcements(self, subject: str) -> Announcements:
        """What was told of a delivery, or of a secret; an empty record where nothing was.

        Args:
            subject: A delivery's id, or any text with a ``~`` in front, which no delivery's has.
        """

    def write_announcements(self, subject: str, announcements: Announcements) -> bool:
        """Keep what was told."""
