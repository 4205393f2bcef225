"""What was promised, what Adobe reports and what lies in storage, brought together into one verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.verification import columns, duplicates, open_ends, splits
from aep_delivery.verification.codes import verdict_of
from aep_delivery.verification.evidence import Evidence
from aep_delivery.verification.expectation import Expectation, Rules
from aep_delivery.verification.figures import Figures
from aep_delivery.verification.files import export_reports
from aep_delivery.verification.inventory import FileSet, patterns
from aep_delivery.verification.level import least
from aep_delivery.verification.manifest import ManifestComparison, compare
from aep_delivery.verification.reasons import NOT_NAMED, reason
from aep_delivery.verification.report import (
    AudienceReport,
    Comparison,
    DatasetReport,
    ExportReport,
    Finding,
    Severity,
    Verdict,
    VerificationReport,
)
from aep_delivery.verification.window import promises_nothing


def reconcile(
    expectation: Expectation,
    outcome: RunOutcome,
    rules: Rules,
    evidence: Evidence,
    *,
    started_at: datetime,
    finished_at: datetime,
    last: VerificationReport | None = None,
) -> VerificationReport:
    """Judge the evidence. Pure: the same input gives the same report.

    Args:
        expectation: What must be there.
        outcome: How the run ended, by Adobe.
        rules: Which differences decide.
        evidence: What was seen.
        started_at: When verification began.
        finished_at: When the last look was taken.
        last: What was found of the last delivery, for what its files looked like.
    """
    data = [stored for files in evidence.inventory for stored in files.data]
    keys = {stored.key for stored in data}
    figures = Figures(outcome, evidence, rules)
    comparisons = figures.comparisons()
    listed = compare(evidence.manifests, data) if evidence.manifests else ManifestComparison()
    of_set = list(_of_sets(expectation, rules, figures))
    of_files: dict[str, list[Finding]] = {}
    for item in of_set:
        of_files.setdefault(item.path or "", []).append(item)
    exports = _since_last(expectation, export_reports(expectation, figures, listed, of_files), last)
    findings = [
        *_of_run(outcome),
        *_of_stability(evidence, data_keys=keys),
        *_of_manifests(expectation, outcome, evidence, listed),
        *_of_absence(figures, comparisons, audiences=bool(expectation.audiences)),
        *_of_figures(figures, comparisons, named=expectation.manifest),
        *(item for item in of_set if item.path not in keys),
        *(stray.finding() for stray in evidence.strays),
        *_of_changes(expectation, rules, exports),
    ]
    every = [*findings, *(item for export in exports for file in export.files for item in file.findings)]
    rows = sum(export.rows for export in exports)
    verdict = verdict_of(every) or (Verdict.VERIFIED if rows or evidence.uncounted else Verdict.EMPTY)
    level = least([check.level for check in evidence.checks.values()]) if evidence.checks else expectation.level
    return VerificationReport(
        verdict=verdict,
        reason=reason(
            verdict,
            every,
            comparisons,
            rows=rows,
            files=len(data),
            uncounted=evidence.uncounted,
            level=level,
            encrypted=expectation.encrypted,
        ),
        location=expectation.root,
        level=level,
        encrypted=expectation.encrypted,
        file_type=expectation.file_type,
        rows=rows,
        uncounted_files=evidence.uncounted,
        bytes=sum(export.bytes for export in exports),
        file_count=len(data),
        datasets=[export for export in exports if isinstance(export, DatasetReport)],
        audiences=[export for export in exports if isinstance(export, AudienceReport)],
        comparisons=comparisons,
        findings=findings,
        started_at=started_at,
        finished_at=finished_at,
    )


def _of_sets(expectation: Expectation, rules: Rules, figures: Figures) -> Iterator[Finding]:
    """What is wrong with the files of each dataset or audience, looked at together."""
    for files, each in zip(figures.evidence.inventory, patterns(expectation), strict=True):
        yield from duplicates.findings(files, figures)
        yield from columns.findings(files, expectation, rules, figures.evidence)
        yield from open_ends.findings(files, expectation, figures.evidence)
        if expectation.audiences:
            yield from splits.findings(files, each.pattern, figures)
            yield from _of_keys(files, figures.evidence)
        for stored in files.leftover:
            yield Finding(
                code="set.leftover-file",
                message="The file is of an earlier run, but by its name it belongs to this one's.",
                severity=Severity.WARNING,
                path=stored.key,
            )


def _of_keys(files: FileSet, evidence: Evidence) -> Iterator[Finding]:
    count = evidence.keys.get(files.id)
    if count is None:
        return
    if count.duplicates:
        found = f"{'' if count.share == 1 else 'at least '}{count.duplicates:,}"
        yield Finding(
            code="set.duplicate-keys",
            message=f"{files.name} has rows with the deduplication key of an earlier row: {found}.",
        )
    elif count.unread or count.share < 1:
        told = (
            f"1 in {round(1 / count.share):,} deduplication keys" if not count.unread else "not all deduplication keys"
        )
        yield Finding(
            code="set.keys-not-checked",
            message=f"Of {files.name} {told} could be compared.",
            severity=Severity.INFO,
        )


def _since_last(
    expectation: Expectation, exports: Sequence[ExportReport], last: VerificationReport | None
) -> list[ExportReport]:
    if last is None or last.file_type != expectation.file_type:
        return list(exports)
    before = {export.id: export for export in last.exports}
    return [
        export.model_copy(update={"column_changes": columns.changes(before[export.id], export)})
        if export.id in before
        else export
        for export in exports
    ]


def _of_changes(expectation: Expectation, rules: Rules, exports: Sequence[ExportReport]) -> Iterator[Finding]:
    for export in exports:
        yield from columns.change_findings(export, sampled=expectation.file_type == "JSON", rules=rules)


def _of_run(outcome: RunOutcome) -> Iterator[Finding]:
    told = f" {outcome.errors[0]}" if outcome.errors else ""
    if outcome.status is RunStatus.FAILED:
        yield Finding(code="run.failed", message=f"Adobe reports the run as failed.{told}")
    elif outcome.status is RunStatus.NO_RUN:
        yield Finding(code="run.missing", message="There was no run before the deadline.")
    elif outcome.status is RunStatus.PARTIAL:
        yield Finding(code="run.partial", message=f"Adobe reports the run as partly failed.{told}")
    elif outcome.status in (RunStatus.RUNNING, RunStatus.UNKNOWN):
        yield Finding(code="run.not-finished", message="Adobe did not report the run as finished by its deadline.")


def _of_stability(evidence: Evidence, data_keys: set[str]) -> Iterator[Finding]:
    for key, change in sorted(evidence.changed.items()):
        if key not in data_keys:
            yield Finding(
                code="set.changed", message=f"The file {change.told} while its folder was verified.", path=key
            )


def _of_manifests(
    expectation: Expectation, outcome: RunOutcome, evidence: Evidence, listed: ManifestComparison
) -> Iterator[Finding]:
    if not expectation.manifest:
        return
    yield from evidence.manifest_findings
    if not evidence.manifests and not evidence.manifest_findings and not promises_nothing(outcome):
        yield Finding(code="manifest.missing", message="The manifest of this run is not there.")
    if listed.unsafe:
        yield Finding(
            code="manifest.unsafe-name",
            message=f"{listed.unsafe} names in the manifest lead out of its folder; these files were not looked up.",
        )


def _of_absence(figures: Figures, comparisons: Sequence[Comparison], *, audiences: bool) -> Iterator[Finding]:
    """Judge datasets and audiences without a file, unless the run reports that they had nothing to send."""
    outcome, inventory = figures.outcome, figures.evidence.inventory
    if outcome.status in (RunStatus.FAILED, RunStatus.NO_RUN):
        return
    absent = [
        files for files in inventory if not files.data and figures.is_due(files) and figures.records_of(files) != 0
    ]
    if all(not files.data for files in inventory):
        for files in absent if not promises_nothing(outcome) else ():
            told = f"{files.name} has no data file in {files.folder}."
            yield Finding(code="set.no-files", message=told, path=files.folder)
        return
    for files in absent:
        severity, why = _weight_of_absence(files, figures, comparisons)
        missing, empty = _ABSENCE_CODES[audiences]
        code = missing if severity is Severity.ERROR else empty
        yield Finding(code=code, message=f"{files.name} has no data file; {why}.", severity=severity, path=files.folder)


def _weight_of_absence(files: FileSet, figures: Figures, comparisons: Sequence[Comparison]) -> tuple[Severity, str]:
    """Whether a dataset or audience without a file is missing, and why it is thought so.

    An audience's own figure decides where the run reports one. Of datasets Adobe reports figures per run, and an
    incremental run writes nothing for a dataset without new data. So where some have files, the judged totals decide
    about the others: if they add up, nothing is missing. Without totals only a backfill, which carries all there is,
    must have every one.
    """
    own = figures.records_of(files)
    if own is not None:
        return _judged(figures), f"the run reports {_records(own)} of it"
    judged = [item.agrees for item in comparisons if item.judged and item.agrees is not None]
    if judged and all(judged):
        return Severity.WARNING, "the run's totals add up without it"
    if not judged and not figures.outcome.backfill:
        return Severity.WARNING, "an incremental run without new data writes none, and no figure says more"
    return Severity.ERROR, "and the others do not make up for it"


_ABSENCE_CODES = {
    False: ("set.dataset-missing", "set.dataset-empty"),
    True: ("set.audience-missing", "set.audience-empty"),
}
"""Codes of an error and of a warning, for datasets and for audiences."""


def _judged(figures: Figures) -> Severity:
    return Severity.ERROR if figures.rules.record_count == "require" else Severity.WARNING


def _of_figures(figures: Figures, comparisons: Sequence[Comparison], *, named: bool) -> Iterator[Finding]:
    for item in comparisons:
        if item.agrees is not False or item.reported is None or item.found is None:
            continue
        told = f"Adobe reports {item.reported:,} {item.figure}, storage has {item.found:,}."
        if item.figure == "records" and not figures.evidence.uncounted:
            yield _figure("set.count-mismatch", told, item)
        elif item.figure == "files" and item.found < item.reported:
            yield _figure("set.files-missing", told if named else told + NOT_NAMED, item)
        elif item.figure == "files":
            yield _figure("set.too-many-files", told, item)
    for files in figures.evidence.inventory:
        own, rows = figures.records_of(files), figures.evidence.rows_of(files)
        if files.data and own is not None and rows is not None and rows != own:
            yield Finding(
                code="set.count-mismatch",
                message=f"{files.name}: Adobe reports {_records(own)}, its files have {rows:,}.",
                severity=_judged(figures),
            )


def _figure(code: str, message: str, item: Comparison) -> Finding:
    return Finding(code=code, message=message, severity=Severity.ERROR if item.judged else Severity.WARNING)


def _records(number: int) -> str:
    return f"{number:,} record{'' if number == 1 else 's'}"
