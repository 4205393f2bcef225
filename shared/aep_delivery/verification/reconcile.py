"""What was promised, what Adobe reports and what lies in storage, brought together into one verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.verification.codes import verdict_of
from aep_delivery.verification.evidence import Evidence
from aep_delivery.verification.expectation import Expectation, Rules
from aep_delivery.verification.files import dataset_reports
from aep_delivery.verification.inventory import DatasetFiles
from aep_delivery.verification.manifest import ManifestComparison, compare
from aep_delivery.verification.reasons import reason
from aep_delivery.verification.report import Comparison, Finding, Severity, Verdict, VerificationReport
from aep_delivery.verification.window import promises_nothing


def reconcile(
    expectation: Expectation,
    outcome: RunOutcome,
    rules: Rules,
    evidence: Evidence,
    *,
    started_at: datetime,
    finished_at: datetime,
) -> VerificationReport:
    """Judge the evidence. Pure: the same input gives the same report.

    Args:
        expectation: What must be there.
        outcome: How the run ended, by Adobe.
        rules: Which of Adobe's figures decide.
        evidence: What was seen.
        started_at: When verification began.
        finished_at: When the last look was taken.
    """
    data = [stored for files in evidence.inventory for stored in files.data]
    listed = compare(evidence.manifests, data) if evidence.manifests else ManifestComparison()
    datasets = dataset_reports(evidence, listed)
    rows = sum(dataset.rows for dataset in datasets)
    size = sum(dataset.bytes for dataset in datasets)
    comparisons = [
        Comparison(figure="records", reported=outcome.records, found=rows, judged=rules.record_count == "require"),
        Comparison(figure="files", reported=outcome.files, found=len(data), judged=rules.file_count == "require"),
        # Adobe counts bytes before or after compression; nothing says which.
        Comparison(figure="bytes", reported=outcome.bytes, found=size, judged=False),
    ]
    findings = [
        *_of_run(outcome),
        *_of_stability(evidence, data_keys={stored.key for stored in data}),
        *_of_manifests(expectation, outcome, evidence, listed),
        *_of_absence(outcome, evidence.inventory, comparisons),
        *_of_figures(evidence, comparisons),
    ]
    every = [*findings, *(item for dataset in datasets for file in dataset.files for item in file.findings)]
    verdict = verdict_of(every) or (Verdict.VERIFIED if rows else Verdict.EMPTY)
    return VerificationReport(
        verdict=verdict,
        reason=reason(verdict, every, comparisons, rows=rows, files=len(data)),
        location=f"{expectation.location.rstrip('/')}/{expectation.path.strip('/')}",
        rows=rows,
        bytes=size,
        file_count=len(data),
        datasets=datasets,
        comparisons=comparisons,
        findings=findings,
        started_at=started_at,
        finished_at=finished_at,
    )


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
    for key in sorted(evidence.changed - data_keys):
        yield Finding(code="set.changed", message="The folder changed while it was verified.", path=key)


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


def _of_absence(
    outcome: RunOutcome, inventory: Sequence[DatasetFiles], comparisons: Sequence[Comparison]
) -> Iterator[Finding]:
    """Judge datasets without a file.

    Adobe reports figures per run and not per dataset, and an incremental run writes nothing for a dataset without new
    data. So where some datasets have files, the judged totals decide about the others: if they add up, nothing is
    missing. Without totals only a backfill, which carries all there is, must have every dataset.
    """
    if outcome.status in (RunStatus.FAILED, RunStatus.NO_RUN):
        return
    absent = [files for files in inventory if not files.data]
    if len(absent) == len(inventory):
        if not promises_nothing(outcome):
            for files in absent:
                yield Finding(
                    code="set.no-files", message=f"{files.name} has no data file in {files.folder}.", path=files.folder
                )
        return
    judged = [item.agrees for item in comparisons if item.judged and item.agrees is not None]
    for files in absent:
        if judged and all(judged):
            severity, why = Severity.WARNING, "the run's totals add up without it"
        elif not judged and not outcome.backfill:
            severity, why = Severity.WARNING, "an incremental run without new data writes none, and no figure says more"
        else:
            severity, why = Severity.ERROR, "and the others do not make up for it"
        code = "set.dataset-missing" if severity is Severity.ERROR else "set.dataset-empty"
        yield Finding(code=code, message=f"{files.name} has no data file; {why}.", severity=severity, path=files.folder)


def _of_figures(evidence: Evidence, comparisons: Sequence[Comparison]) -> Iterator[Finding]:
    unread = any(
        (check := evidence.checks.get(stored.key)) is None or check.rows is None
        for files in evidence.inventory
        for stored in files.data
    )
    for item in comparisons:
        if item.agrees is not False or item.reported is None:
            continue
        told = f"Adobe reports {item.reported:,} {item.figure}, storage has {item.found:,}."
        if item.figure == "records" and not unread:
            yield _figure("set.count-mismatch", told, item)
        elif item.figure == "files":
            yield _figure("set.files-missing" if item.found < item.reported else "set.too-many-files", told, item)


def _figure(code: str, message: str, item: Comparison) -> Finding:
    return Finding(code=code, message=message, severity=Severity.ERROR if item.judged else Severity.WARNING)
