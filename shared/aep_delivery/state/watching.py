"""What the watches remember: who verifies a run, up to where runs were settled, how fresh a delivery is, what was told.

Each record is replaced as a whole, and only as the one that was read: of two watches that look at the same moment one
is turned away.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from pydantic import Field

from aep_delivery.state.instant import Instant
from aep_delivery.state.records import Applied, Record

CLAIM_LIFETIME = timedelta(days=15)
"""How long a claim is kept after its last change. Longer than the watch looks back, so that no run is met again."""


class Versioned(Record):
    """A record that counts its changes."""

    version: int = Field(default=0, ge=0)
    """As it was read; 0 for one that was never written."""

    def written(self) -> Self:
        """This record as it lies in the store after the write."""
        return self.model_copy(update={"version": self.version + 1})


class RunClaim(Versioned):
    """Which execution verifies a run of Adobe's, and how that ended."""

    run_id: str = Field(min_length=1)
    execution: str
    attempt: int = Field(default=1, ge=1)
    """How many executions have claimed it, this one included."""
    claimed_at: Instant
    verdict: str | None = None
    """None while the execution is at it, or where it ended without one."""
    reason: str | None = None
    """The verdict in one sentence."""
    receipt_uri: str | None = None
    receipt_page: str | None = None
    expires_at: int
    """Epoch seconds, for the table's TTL."""


class RunCursor(Versioned):
    """Up to where the runs of a delivery are settled, and what was applied when those were made that are not."""

    since: Instant
    """By Adobe's clock; all runs created before are settled."""
    applied: tuple[Applied, ...] = Field(min_length=1)
    """What was applied one after another, the oldest first: a run is judged by what was applied when it was created."""


class FreshnessFinding(Record):
    """Something about a delivery that somebody should look at."""

    code: str
    """``delivery-late``, ``schedule-ending`` and so on, as in the events."""
    reason: str
    """What it is, in one sentence."""


class Freshness(Versioned):
    """How a delivery stood when it was last looked at."""

    checked_at: Instant
    flow_id: str
    config_fingerprint: str
    """Of the config that the schedule is from."""
    expected_since: Instant
    """When that config was first applied: no slot before it is missed."""
    served: dict[str, Instant] = Field(default_factory=dict)
    """When the newest run that ended well was created, by Adobe's clock; by audience, or under ``*`` for datasets."""
    last_run_at: Instant | None = None
    """The latest of these."""
    due_at: Instant | None = None
    """By when the next run must have ended well, tolerance included; None where none is to come."""
    ends_at: Instant | None = None
    """When the schedule ends; None where it has no end."""
    last_verified_at: Instant | None = None
    """When the last good delivery ended."""
    findings: tuple[FreshnessFinding, ...] = ()
    """What is wrong now; none where all is well."""


class Told(Record):
    """A finding that the event bus was told of."""

    event_id: str
    """The fact's own id: with another, it is another finding."""
    reason: str
    since: Instant
    """When this fact was told first."""
    told_at: Instant
    """When it was told last."""


class Announcements(Versioned):
    """What was told of a delivery or of a secret, by kind of finding; what has passed is in it no more."""

    told: dict[str, Told] = Field(default_factory=dict)
    telling_since: Instant | None = None
    """Since when somebody is telling more; None where nobody is."""
