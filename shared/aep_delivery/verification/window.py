"""Which folders and objects belong to one run.

Three clocks are involved: ours, Adobe's and the storage's. Folder names and run times are Adobe's, so they are compared
exactly; only where nothing of the run fits, a few minutes are allowed. Storage times are never compared with Adobe's:
where a template has no date, only the *duration* of the run crosses clocks, and the run's objects are the newest ones,
as far back as the run lasted, and none where Adobe says the run wrote nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aep_delivery.running.audience_slots import SlotKind
from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.key_pattern import KeyPattern, Place

CLOCK_SKEW = timedelta(minutes=5)
"""How far two well-kept clocks may be apart."""


def promises_nothing(outcome: RunOutcome) -> bool:
    """True where Adobe reports a run without any output; records say more than the status, and that more than files."""
    if outcome.records is not None:
        return outcome.records == 0
    return outcome.status is RunStatus.EMPTY or outcome.files == 0


@dataclass(frozen=True, slots=True)
class Located:
    """An object and where its key puts it."""

    stored: StoredObject
    place: Place


@dataclass(frozen=True, slots=True)
class RunWindow:
    """The time one run took, by Adobe's clock."""

    slot: datetime
    end: datetime
    duration: timedelta
    several_runs: bool
    wrote_nothing: bool
    run_ids: tuple[str, ...] = ()
    due: frozenset[str] = frozenset()
    """Ids of the audiences whose export it is; empty where that is all."""
    skew: timedelta = CLOCK_SKEW
    """What is allowed where nothing fits."""

    @classmethod
    def of(cls, outcome: RunOutcome, now: datetime) -> RunWindow:
        """The window of `outcome`; a run whose end is not reported is taken to have ended by `now`."""
        end = max(outcome.completed_at or now, outcome.slot)
        began = outcome.started_at or outcome.slot
        return cls(
            # A day has many runs' worth of time in it: what is named after a moment is named after one of the run's.
            slot=began if outcome.slot_kind is SlotKind.DAY else outcome.slot,
            end=end,
            duration=max(end - began, timedelta(0)),
            several_runs=len(outcome.run_ids) > 1,
            wrote_nothing=promises_nothing(outcome),
            run_ids=tuple(outcome.run_ids),
            due=frozenset(outcome.audiences),
        )

    @property
    def earliest(self) -> datetime:
        """The earliest time a folder of this run can name, skew included."""
        return self.slot - self.skew

    @property
    def latest(self) -> datetime:
        """The latest time a folder of this run can name, skew included."""
        return self.end + self.skew

    def agreeing(self, found: Iterable[tuple[KeyPattern, Iterable[Located]]]) -> RunWindow:
        """This window, without skew where something of the run fits exactly.

        Clocks that agree on one dataset agree on all: what lies minutes away is of the run before or after this one.

        Args:
            found: All that may be the run's, with the patterns it was found by.
        """
        fits = any(
            pattern.dated and pattern.moment(self.slot) <= item.place.moment <= pattern.moment(self.end)
            for pattern, items in found
            for item in items
        )
        return replace(self, skew=timedelta(0)) if fits else self

    def own(self, pattern: KeyPattern, located: Iterable[Located], *, several: bool = False) -> list[Located]:
        """Those objects that belong to this run, all of them found by `pattern`.

        Of several times in the window all belong where the outcome adds up several runs (one per merge policy);
        otherwise the earliest does: the run is the first after its slot, and a later folder or file is another run's.

        Args:
            pattern: What the objects were found by.
            located: The objects.
            several: True where one run writes several times by this pattern: audiences that it does not tell apart.
        """
        candidates = list(located)
        if not pattern.dated:
            return self._newest(candidates)
        chosen: list[Located] = []
        windows = [(self.slot, self.end)]
        if not self.wrote_nothing and self.skew:
            # A run without files has no folder to miss; the skew would only let in its neighbour's.
            windows.append((self.earliest, self.latest))
        for first, last in windows:
            lower, upper = pattern.moment(first), pattern.moment(last)
            chosen = [item for item in candidates if lower <= item.place.moment <= upper]
            if chosen:
                break
        if not chosen or self.several_runs or several:
            return chosen
        earliest = min(item.place.moment for item in chosen)
        return [item for item in chosen if item.place.moment == earliest]

    def _newest(self, candidates: list[Located]) -> list[Located]:
        if not candidates or self.wrote_nothing:
            return []
        newest = max(item.stored.last_modified for item in candidates)
        since = newest - self.duration - CLOCK_SKEW
        return [item for item in candidates if item.stored.last_modified >= since]
