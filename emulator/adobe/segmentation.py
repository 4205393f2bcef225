"""Batch segmentation: once a day every profile is measured against every audience, and what changes is remembered.

Memberships are kept as a log of who entered and left which audience when, so that an export can ask for any moment and
for what changed between two. Adobe: "Segmentation Service overview", batch segmentation.
"""

from __future__ import annotations

import logging
import uuid
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from emulator.adobe.audiences import Audience, Audiences
from emulator.adobe.lake import LakeError
from emulator.adobe.profiles import ProfileStore

logger = logging.getLogger(__name__)

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Membership:
    """How a profile stands to an audience: ``realized``, ``existing`` or ``exited``, and since when."""

    status: str
    last_qualification: datetime

    @property
    def active(self) -> bool:
        return self.status != "exited"


@dataclass(frozen=True)
class SegmentJob:
    """One evaluation. `source` is ``scheduler`` for the daily job, ``api`` for one asked for."""

    source: str
    at: datetime
    audiences: tuple[Audience, ...]
    profiles: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    error: str | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def daily(self) -> bool:
        return self.source == "scheduler" and self.error is None


@dataclass(frozen=True)
class _Event:
    at: datetime
    profile: str
    entered: bool


class Segmentation:
    """All evaluations of one Adobe, and the memberships they found. Guarded by the world's lock."""

    def __init__(self, store: ProfileStore, audiences: Audiences, daily_at: time) -> None:
        self._store = store
        self._audiences = audiences
        self._daily_at = daily_at
        self._log: dict[str, list[_Event]] = {}
        self._members: dict[str, set[str]] = {}
        self.jobs: list[SegmentJob] = []

    def clear(self) -> None:
        self._log.clear()
        self._members.clear()
        self.jobs.clear()

    def settle(self, now: datetime) -> None:
        """Run every daily job that is due by `now`. The first stands for the one before the emulator began.

        That one waits until the files are there and whole, since somebody may be writing them.
        """
        if not self.jobs:
            first = self._latest_daily(min(self._store.started, now))
            try:
                if not self._audiences.all() or not self._store.at(first):
                    return
            except LakeError:
                return
            self.evaluate(first, "scheduler")
        while (due := self._next_daily()) <= now:
            self.evaluate(due, "scheduler")

    def evaluate(self, at: datetime, source: str, only: Collection[str] | None = None) -> SegmentJob:
        """Measure all profiles against all audiences, or those of `only`. A lake in disorder fails the job."""
        # A clock that was set back must not make the log run backwards.
        at = max([at, *(job.at for job in self.jobs[-1:])])
        try:
            audiences = tuple(item for item in self._audiences.all() if only is None or item.id in only)
            profiles = self._store.at(at)
        except LakeError as error:
            logger.warning("the segmentation job of %s failed: %s", at, error)
            job = SegmentJob(source, at, (), error=str(error))
        else:
            job = SegmentJob(source, at, audiences, len(profiles))
            for audience in audiences:
                found = {key for key, profile in profiles.items() if audience.takes(profile)}
                job.counts[audience.id] = self._note(audience.id, found, at)
        self.jobs.append(job)
        return job

    def _note(self, audience_id: str, found: set[str], at: datetime) -> dict[str, int]:
        before = self._members.get(audience_id, set())
        joined, left = found - before, before - found
        log = self._log.setdefault(audience_id, [])
        log += [_Event(at, key, entered=True) for key in sorted(joined)]
        log += [_Event(at, key, entered=False) for key in sorted(left)]
        self._members[audience_id] = found
        return {"realized": len(joined), "existing": len(found & before), "exited": len(left)}

    def members(self, audience_id: str, at: datetime) -> dict[str, Membership]:
        """Whoever is in the audience at `at`, or has left it, by profile."""
        return self._memberships(self._events(audience_id, at), at)

    def changes(self, audience_id: str, after: datetime, until: datetime) -> dict[str, Membership]:
        """Whose membership changed in (`after`, `until`], and how they stand at `until`."""
        recent = [event for event in self._events(audience_id, until) if event.at > after]
        return self._memberships(recent, until)

    def daily_moments(self) -> Sequence[datetime]:
        """When the daily jobs ended that have ended well."""
        return [job.at for job in self.jobs if job.daily]

    def _events(self, audience_id: str, until: datetime) -> list[_Event]:
        log = self._log.get(audience_id, [])
        return log[: bisect_right(log, until, key=lambda event: event.at)]

    def _memberships(self, events: Sequence[_Event], at: datetime) -> dict[str, Membership]:
        latest = max((job.at for job in self.jobs if job.at <= at), default=at)
        found: dict[str, Membership] = {}
        for event in events:
            status = "exited" if not event.entered else "realized" if event.at >= latest else "existing"
            found[event.profile] = Membership(status, event.at)
        return found

    def _latest_daily(self, moment: datetime) -> datetime:
        today = datetime.combine(moment.date(), self._daily_at, moment.tzinfo)
        return today if today <= moment else today - DAY

    def _next_daily(self) -> datetime:
        return self._latest_daily(self.jobs[-1].at) + DAY
