"""The answers of all parts of a file as one, as if one reader had read it from front to back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from aep_delivery.runtime.errors import InternalError
from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.checkers.findings import TOO_MANY, more_findings
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.parts.models import PartCheck, Run
from aep_delivery.verification.report import Finding

_ROW = re.compile(r"(?<=^row )\d+")


def join(stored: StoredObject, parts: Sequence[PartCheck], limits: Limits, *, counts_findings: bool) -> FileCheck:
    """Bring the parts of a file together.

    Args:
        stored: The file.
        parts: What was found of all its parts, in order.
        limits: How many findings to list.
        counts_findings: True where those that are not listed are counted, as with rows; otherwise reading stops.

    Raises:
        InternalError: ``verification.parts-apart``; the parts are not those of one file.
    """
    return _joined(stored, parts, _true_runs(stored, parts), limits, counts_findings=counts_findings)


def join_legs(stored: StoredObject, legs: Sequence[PartCheck], limits: Limits) -> FileCheck:
    """Bring the legs of a gzip file together, each of which began where the one before ended."""
    runs = (run for leg in legs for run in leg.runs)
    return _joined(stored, legs, runs, limits, counts_findings=True)


def _joined(
    stored: StoredObject, parts: Sequence[PartCheck], runs: Iterable[Run], limits: Limits, *, counts_findings: bool
) -> FileCheck:
    joined = _Joined(stored.key, limits, counts_findings=counts_findings)
    for run in runs:
        joined.add(run)
        if joined.stopped:
            break
    return FileCheck(
        rows=joined.rows,
        sha256=None,
        parts=() if joined.stopped else tuple(part.digest for part in parts if part.digest),
        findings=joined.findings(),
        checksummed=None if joined.stopped else joined.checksummed,
        bytes_read=sum(part.bytes_read for part in parts),
        columns=parts[0].columns,
        ends_open=None if joined.stopped else joined.ends_open,
    )


def _true_runs(stored: StoredObject, parts: Sequence[PartCheck]) -> Iterator[Run]:
    """Of each part the run that begins where the one before ended."""
    at = 0
    for part in parts:
        if at >= part.part.end:
            continue
        first = next((run for run in part.runs if run.start == at), None)
        if first is None:
            raise _apart(stored, at)
        for run in filter(None, (first, part.common)):
            yield run
            at = run.end
    if at != stored.size:
        raise _apart(stored, at)


def _apart(stored: StoredObject, at: int) -> InternalError:
    return InternalError(
        "The parts of a file do not follow each other.",
        code="verification.parts-apart",
        place=stored.key,
        details=[f"byte {at}"],
    )


class _Joined:
    """What is known of a file, run after run."""

    def __init__(self, key: str, limits: Limits, *, counts_findings: bool) -> None:
        self._key = key
        self._limits = limits
        self._counts = counts_findings
        self._listed: list[Finding] = []
        self._unlisted = 0
        self._damage: Finding | None = None
        self._numbers = 0
        self.rows: int | None = 0
        self.checksummed = True
        self.ends_open: bool | None = None
        self.stopped = False

    def add(self, run: Run) -> None:
        room = self._limits.max_findings - len(self._listed)
        self._listed += [self._moved(finding) for finding in run.findings[:room]]
        self._unlisted += len(run.findings[room:]) + run.unlisted
        self._damage = self._moved(run.damage) if run.damage else None
        if self._counts and self._unlisted > self._limits.max_counted_findings:
            self._unlisted = self._limits.max_counted_findings + 1
            self._damage = TOO_MANY.finding(self._key)
        full = not self._counts and len(self._listed) >= self._limits.max_findings
        self.stopped = self._damage is not None or full
        self.rows = None if self.stopped or self.rows is None or run.rows is None else self.rows + run.rows
        self.checksummed = self.checksummed and run.checksummed
        self.ends_open = run.ends_open
        self._numbers += run.numbers

    def findings(self) -> tuple[Finding, ...]:
        more = [more_findings(self._unlisted, self._key)] if self._counts and self._unlisted else []
        return (*self._listed, *more, *([self._damage] if self._damage else []))

    def _moved(self, finding: Finding) -> Finding:
        """The same finding, with the number that the row has in the file."""
        if not finding.where or not self._numbers:
            return finding
        where = _ROW.sub(lambda number: str(int(number.group()) + self._numbers), finding.where)
        return finding.model_copy(update={"where": where})
