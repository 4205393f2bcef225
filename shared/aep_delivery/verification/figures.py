"""Adobe's figures of a run beside what was counted in storage."""

from __future__ import annotations

from dataclasses import dataclass

from aep_delivery.running.models import RunOutcome
from aep_delivery.verification.evidence import Evidence
from aep_delivery.verification.expectation import Rules
from aep_delivery.verification.inventory import FileSet
from aep_delivery.verification.report import Comparison


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one run, reported and found.

    Args:
        outcome: How the run ended, by Adobe.
        evidence: What was seen.
        rules: Which figures decide.
    """

    outcome: RunOutcome
    evidence: Evidence
    rules: Rules

    def comparisons(self) -> list[Comparison]:
        """Records, files and bytes of the whole run."""
        data = [stored for files in self.evidence.inventory for stored in files.data]
        counted = [check.rows or 0 for check in self.evidence.checks.values()]
        return [
            Comparison(
                figure="records",
                reported=self.outcome.records,
                found=None if data and self.evidence.uncounted == len(data) else sum(counted),
                judged=self.rules.record_count == "require",
            ),
            Comparison(
                figure="files",
                reported=self.outcome.files,
                found=len(data),
                judged=self.rules.file_count == "require",
            ),
            # Adobe counts bytes before or after compression; nothing says which.
            Comparison(
                figure="bytes",
                reported=self.outcome.bytes,
                found=sum(stored.size for stored in data),
                judged=False,
            ),
        ]

    def is_due(self, files: FileSet) -> bool:
        """False for an audience that has a schedule of its own and no export in this slot."""
        return not self.outcome.audiences or bool({*files.ids} & {*self.outcome.audiences})

    def records_of(self, files: FileSet) -> int | None:
        """The records that the run reports of one audience, or of all that share a pattern; None where it does not."""
        by_audience = self.outcome.audience_records
        known = [by_audience[item] for item in files.ids if item in by_audience]
        return sum(known) if len(known) == len(files.ids) else None

    def adds_up(self, files: FileSet) -> bool:
        """True where the rows of one dataset or audience are those reported; the run's total counts without an own
        figure.
        """
        return self._excess(files) == 0

    def too_many(self, files: FileSet) -> bool:
        """True where there are more rows than reported, and the figure decides."""
        excess = self._excess(files)
        return excess is not None and excess > 0 and self.rules.record_count == "require"

    def _excess(self, files: FileSet) -> int | None:
        """Rows more than reported; None where the two cannot be compared."""
        own = self.records_of(files)
        if own is not None:
            rows = self.evidence.rows_of(files)
            return None if rows is None else rows - own
        if self.evidence.uncounted or self.outcome.records is None:
            return None
        return sum(check.rows or 0 for check in self.evidence.checks.values()) - self.outcome.records
