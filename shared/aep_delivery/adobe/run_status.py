"""What a run reports of itself, its several vocabularies brought into one.

Sources: Adobe: Flow Service API reference (runs), Monitor dataset exports; their schemas and examples disagree.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from aep_delivery.adobe.models import (
    CodedMessage,
    DurationSummary,
    EntitySummary,
    RecordSummary,
    Run,
    RunMetrics,
)
from aep_delivery.adobe.redaction import quotable
from aep_delivery.runtime.clock import from_epoch_millis


class ReportedStatus(StrEnum):
    """How Adobe says a run stands."""

    RUNNING = "RUNNING"
    SUCCESS = "SUCCESS"
    PARTIAL = "PARTIAL"
    """It ended, and not all of it worked: Adobe's "success" may list errors and failed records."""
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    """A word we do not know: keep looking until the deadline."""


_VOCABULARY = {
    **dict.fromkeys(("processing", "waiting", "inprogress", "queued", "scheduled", "pending"), ReportedStatus.RUNNING),
    **dict.fromkeys(("success", "completed"), ReportedStatus.SUCCESS),
    **dict.fromkeys(("partialsuccess", "partialfailure"), ReportedStatus.PARTIAL),
    "failed": ReportedStatus.FAILED,
}
_MOST_MESSAGES = 50
"""Different ones that are repeated, of one run."""
_SEPARATORS = re.compile(r"[\s_-]+")


class RunFigures(BaseModel):
    """The figures of one run; None where it does not report one."""

    model_config = ConfigDict(frozen=True)

    input_records: int | None = None
    records: int | None = None
    """Records written."""
    skipped: int | None = None
    """Records skipped."""
    failed: int | None = None
    """Records failed."""
    files: int | None = None
    bytes: int | None = None
    started: datetime | None = None
    completed: datetime | None = None
    errors: list[str] = []
    """``code: message``, of the run and of failed records."""
    skip_reasons: list[str] = []
    """``code: message``."""

    @property
    def balanced(self) -> bool | None:
        """Whether what went in is what came out, was skipped or failed; None where the run does not say."""
        if self.input_records is None or self.records is None:
            return None
        return self.input_records == self.records + (self.skipped or 0) + (self.failed or 0)


def normalise_status(word: str) -> ReportedStatus:
    """A status word of any of Adobe's vocabularies, whatever its case and separators."""
    return _VOCABULARY.get(_SEPARATORS.sub("", word).lower(), ReportedStatus.UNKNOWN)


def reported_status(run: Run) -> ReportedStatus:
    """How a run stands by its own account.

    Args:
        run: The run; without metrics, or without a status and an end, it is under way.

    Returns:
        The status; a success with errors or failed records is partial.
    """
    metrics = run.metrics or RunMetrics()
    summary = metrics.status_summary
    if summary is None or not summary.status:
        ended = (metrics.duration_summary or DurationSummary()).completed_at is not None
        return ReportedStatus.UNKNOWN if ended else ReportedStatus.RUNNING
    status = normalise_status(summary.status)
    records = metrics.record_summary or RecordSummary()
    if status is ReportedStatus.SUCCESS and (summary.errors or records.failed_record_count):
        return ReportedStatus.PARTIAL
    return status


def run_figures(run: Run) -> RunFigures:
    """The figures of a run, from wherever it reports them."""
    metrics = run.metrics or RunMetrics()
    records = metrics.record_summary or RecordSummary()
    duration = metrics.duration_summary or DurationSummary()
    written = records.output_record_count
    return RunFigures(
        input_records=records.input_record_count,
        records=records.created_record_count if written is None else written,
        skipped=records.skipped_record_count,
        failed=records.failed_record_count,
        files=metrics.file_summary.output_file_count if metrics.file_summary else None,
        bytes=metrics.size_summary.output_bytes if metrics.size_summary else None,
        started=_moment(duration.started_at),
        completed=_moment(duration.completed_at),
        errors=_texts(
            [*((metrics.status_summary and metrics.status_summary.errors) or []), *(records.failed_info or [])]
        ),
        skip_reasons=_texts(records.skipped_info or []),
    )


def audiences_of(run: Run) -> set[str]:
    """Ids of the audiences a run says it is of; empty while it does not say."""
    records = (run.metrics or RunMetrics()).record_summary or RecordSummary()
    return {
        audience_id
        for summary in (*(records.source_summaries or []), *(records.target_summaries or []))
        for entity in summary.entity_summaries or []
        if (audience_id := _audience(entity)) is not None
    }


def audience_records(run: Run) -> dict[str, int]:
    """Records written by audience, where the run reports them."""
    records = (run.metrics or RunMetrics()).record_summary or RecordSummary()
    found: dict[str, int] = {}
    for summary in records.target_summaries or []:
        for entity in summary.entity_summaries or []:
            written = entity.created_record_count if entity.output_record_count is None else entity.output_record_count
            if (audience_id := _audience(entity)) is not None and written is not None:
                found[audience_id] = found.get(audience_id, 0) + written
    return found


def concerns(run: Run, audiences: Collection[str]) -> bool:
    """Whether a run may be of any of these audiences: it says so, or it does not say."""
    said = audiences_of(run)
    return not said or not said.isdisjoint(audiences)


def _audience(entity: EntitySummary) -> str | None:
    kind, separator, audience_id = (entity.id or "").partition(":")
    return audience_id if kind == "segment" and separator and audience_id else None


def _moment(millis: int | None) -> datetime | None:
    return None if millis is None else from_epoch_millis(millis)


def _texts(messages: Iterable[CodedMessage]) -> list[str]:
    return list(dict.fromkeys(quotable(message.text) for message in messages))[:_MOST_MESSAGES]
