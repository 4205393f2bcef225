"""What is remembered of each delivery for the status page: one small record, changed by the rules here alone.

Every rule may be applied again, and in any order: events come at least once, and not always in the order of time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pydantic import ConfigDict, Field

from aep_delivery.state.instant import Instant
from aep_delivery.state.records import Record
from aep_delivery.status.rhythm import Rhythm

MOST_ENDINGS = 10
"""Receipts that the page links to, of one delivery."""
RECENT = timedelta(days=28)
"""What a forecast looks back at: four weeks, so that every day of the week counts alike."""
LATE = "delivery-late"
"""What the watch of freshness calls it."""
_MOST_MONTHS = 24
_LONGEST_TEXT = 400


class _Part(Record):
    # Unlike the journal, all of this can be had again from receipts: an older release may drop what a newer one adds.
    model_config = ConfigDict(extra="ignore")


class Ending(_Part):
    """How one execution of a delivery ended."""

    execution: str
    verdict: str
    """The receipt's."""
    good: bool
    reason: str
    finished_at: Instant
    slot: Instant | None = None
    """Of the run; None where there was none."""
    page: str | None = None
    """Key of the receipt's page in the work bucket."""
    rows: int | None = None
    files: int | None = None
    bytes: int | None = None
    run_ids: tuple[str, ...] = ()
    applied: bool = False
    """True where the execution has applied its config; False where it has only verified a run."""
    backfill: bool = False
    """True for a first full export, which says nothing of those to come."""


class Expected(_Part):
    """What the config says of when to expect files."""

    trigger: Literal["SCHEDULED", "NOW"]
    deadline_minutes: int = Field(gt=0)
    """After a slot."""
    rhythms: tuple[Rhythm, ...] = ()


class Finding(_Part):
    """What a watch has told of: drift holds until the config is applied anew, lateness until files are good."""

    code: str
    """``drift-found``, ``delivery-late``, ``dataflow-disabled``."""
    reason: str
    found_at: Instant


class Known(_Part):
    """What a receipt tells of a delivery, whatever its verdict."""

    description: str | None = None
    destination: str | None = None
    """``amazon-s3``."""
    exports: Literal["datasets", "audiences"] | None = None
    count: int = 0
    """How many datasets or audiences."""
    expected: Expected | None = None
    """None where the delivery ended before that was settled; what was known before then stays."""


class StatusRecord(_Part):
    """One delivery."""

    delivery_id: str
    """``sandbox/name``."""
    since: Instant
    """When it was first heard of: nothing was due before."""
    known: Known = Known()
    endings: tuple[Ending, ...] = ()
    """The latest, newest first."""
    latest_good: Ending | None = None
    """The latest good one, however long ago."""
    latest_slot: Instant | None = None
    """The latest slot that has a good verdict."""
    findings: tuple[Finding, ...] = ()
    """At most one of each code."""
    removed_at: Instant | None = None
    months: dict[str, int] = Field(default_factory=dict)
    """Bytes delivered, by month: ``2027-01``."""
    days: dict[str, int] = Field(default_factory=dict)
    """The same of the last days, by day, and without first full exports."""
    revision: int = 0
    """Counts the changes."""

    @property
    def is_removed(self) -> bool:
        """Whether it is gone from Adobe and was not delivered again since."""
        return self.removed_at is not None and not (self.endings and self.endings[0].finished_at > self.removed_at)

    def with_ending(self, ending: Ending, known: Known) -> StatusRecord:
        """This record with one more ending. The same execution counts once, and the same run is weighed once."""
        ending = ending.model_copy(update={"reason": ending.reason[:_LONGEST_TEXT]})
        earlier = next((one for one in self.endings if _same_run(one, ending)), None)
        endings = sorted(
            [ending, *(one for one in self.endings if one.execution != ending.execution)],
            key=lambda one: one.finished_at,
            reverse=True,
        )[:MOST_ENDINGS]
        good = max(
            filter(None, [self.latest_good, ending if ending.good else None]),
            key=lambda one: one.finished_at,
            default=None,
        )
        slots = [self.latest_slot, ending.slot if ending.good else None]
        months, days = self._weighed(ending, earlier)
        is_latest = endings[0] == ending
        return self._changed(
            since=min(self.since, ending.finished_at),
            known=self._known(known) if is_latest else self.known,
            endings=tuple(endings),
            latest_good=good,
            latest_slot=max(filter(None, slots), default=None),
            findings=tuple(one for one in self.findings if not _is_over(one, ending)),
            months=months,
            days=days,
        )

    def with_finding(self, finding: Finding) -> StatusRecord:
        """This record with what was found, unless it is over: an execution has applied the config since."""
        finding = finding.model_copy(update={"reason": finding.reason[:_LONGEST_TEXT]})
        same = next((one for one in self.findings if one.code == finding.code), finding)
        if same.found_at > finding.found_at or any(_is_over(finding, ending) for ending in self.endings):
            return self
        others = tuple(one for one in self.findings if one.code != finding.code)
        return self._changed(findings=(*others, finding))

    def without_finding(self, code: str, seen_at: datetime) -> StatusRecord:
        """This record once somebody has seen that it is not so any more."""
        kept = tuple(one for one in self.findings if one.code != code or one.found_at > seen_at)
        return self._changed(findings=kept)

    def with_removal(self, removed_at: datetime) -> StatusRecord:
        """This record of a delivery that is gone from Adobe. What it has delivered stays delivered."""
        return self._changed(removed_at=max(filter(None, [self.removed_at, removed_at])))

    def _known(self, known: Known) -> Known:
        said = known.model_dump(exclude_defaults=True)
        return self.known.model_copy(update={field: getattr(known, field) for field in said})

    def _weighed(self, ending: Ending, earlier: Ending | None) -> tuple[dict[str, int], dict[str, int]]:
        months, days = dict(self.months), dict(self.days)
        for one, sign in ((earlier, -1), (ending, 1)):
            if one is None or one.bytes is None or one.slot is None:
                continue
            month, day = f"{one.slot:%Y-%m}", f"{one.slot:%Y-%m-%d}"
            months[month] = months.get(month, 0) + sign * one.bytes
            if not one.backfill:
                days[day] = days.get(day, 0) + sign * one.bytes
        newest = max(days, default="")
        oldest = f"{datetime.fromisoformat(newest) - RECENT:%Y-%m-%d}" if newest else ""
        return (
            {month: months[month] for month in sorted(months)[-_MOST_MONTHS:]},
            {day: days[day] for day in sorted(days) if day > oldest},
        )

    def _changed(self, **changes: object) -> StatusRecord:
        return self.model_copy(update={**changes, "revision": self.revision + 1})


def _is_over(finding: Finding, ending: Ending) -> bool:
    """Whether an execution has seen to a finding: applied the config anew, or found good what was late."""
    seen_to = ending.good if finding.code == LATE else ending.applied
    return seen_to and ending.slot is not None and ending.finished_at > finding.found_at


def _same_run(one: Ending, other: Ending) -> bool:
    """Whether two endings tell of the same bytes: a step repeated, or files verified again."""
    return one.execution == other.execution or bool(set(one.run_ids) & set(other.run_ids))
