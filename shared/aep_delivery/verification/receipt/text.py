"""The receipt on a terminal: verdict, reason, and one line with a sigil for each file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aep_delivery.verification.receipt.figures import count, duration, plural, size, visible, within
from aep_delivery.verification.receipt.going_on import way_on
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.receipt.proof import proof_of, rows_of, trouble_first
from aep_delivery.verification.receipt.verdicts import sense_of
from aep_delivery.verification.report import (
    AudienceReport,
    Comparison,
    DatasetReport,
    ExportReport,
    FileReport,
    FileState,
    Finding,
    VerificationReport,
)

MAX_LINES = 20
"""File lines shown of one dataset; what is not whole goes first."""


def summary(receipt: Receipt) -> str:
    """The receipt in a few lines of plain text, without colours, ending in a line break.

    The sigils: ``=`` whole or equal, ``-`` missing, ``+`` unexpected, ``*`` differs, ``!`` damaged.
    """
    return "\n".join(_lines(receipt)) + "\n"


def _lines(receipt: Receipt) -> Iterator[str]:
    yield f"{receipt.verdict}  {visible(receipt.delivery.id)}"
    yield visible(receipt.reason)
    if receipt.failure is None:
        yield sense_of(receipt).advice
    else:
        yield ""
        yield from (visible(line) for line in receipt.failure.as_text().splitlines())
    if receipt.verification is not None:
        yield from _verification_lines(receipt.verification)
    if receipt.run is not None and receipt.run.errors:
        yield ""
        yield "Adobe's run reports"
        yield from (f"  ! {visible(error)}" for error in receipt.run.errors)
    yield from _way_lines(receipt)
    if receipt.warnings:
        yield ""
        yield from (f"warning: {visible(warning)}" for warning in receipt.warnings)
    yield ""
    yield f"{duration(receipt.finished_at - receipt.request.requested_at)} from request to receipt"


def _way_lines(receipt: Receipt) -> Iterator[str]:
    way = way_on(receipt)
    if way is None:
        return
    yield ""
    yield f"How to go on: {way.told}"
    if way.command:
        yield f"More: {visible(way.command)}"


def _verification_lines(report: VerificationReport) -> Iterator[str]:
    yield ""
    proof = proof_of(report)
    figures = (plural(report.file_count, "file"), rows_of(report), size(report.bytes))
    yield f"{', '.join(figures)} in {visible(report.location)}"
    if proof and proof.not_proven:
        yield f"{proof.labels[0]}: {proof.proven}"
        yield f"{proof.labels[1]}: {proof.not_proven}"
    for export in trouble_first(report):
        yield from _export_lines(export)
    if report.comparisons:
        yield ""
        yield from _comparison_lines(report.comparisons)
    if report.findings:
        yield ""
        yield from (_finding_line(finding, indent="") for finding in report.findings)


def _export_lines(export: ExportReport) -> Iterator[str]:
    yield ""
    yield f"{visible(export.name)} ({visible(export.id)})"
    if isinstance(export, AudienceReport) and export.reported_rows is not None:
        yield f"  Adobe reports {plural(export.reported_rows, 'record')}"
    ordered = sorted(export.files, key=lambda file: file.state is FileState.WHOLE)
    shown = ordered if len(ordered) <= MAX_LINES + 1 else ordered[:MAX_LINES]
    if not shown:
        yield "  no files" if isinstance(export, DatasetReport) or export.due else "  not due in this slot"
        return
    names = [visible(within(file.key, export.folder)) for file in shown]
    name_width = max(len(name) for name in names)
    rows = [_rows(file) for file in shown]
    rows_width = max(len(text) for text in rows)
    for file, name, counted in zip(shown, names, rows, strict=True):
        stored = "" if file.state is FileState.MISSING else size(file.size)
        yield f"  {file.state.sigil} {name:<{name_width}}  {counted:>{rows_width}}  {stored:>10}".rstrip()
        yield from (_finding_line(finding, indent="      ") for finding in file.findings)
    yield from _rest_line(ordered[len(shown) :])


def _rest_line(rest: Sequence[FileReport]) -> Iterator[str]:
    if not rest:
        return
    broken = sum(file.state is not FileState.WHOLE for file in rest)
    how = f"{count(broken)} of them not" if broken else "all"
    yield f"  … and {count(len(rest))} more, {how} whole"


def _rows(file: FileReport) -> str:
    if file.rows is not None:
        return plural(file.rows, "row")
    return "missing" if file.state is FileState.MISSING else "rows unknown"


def _comparison_lines(comparisons: Sequence[Comparison]) -> Iterator[str]:
    cells = [("", "", "Adobe", "storage", "")]
    for line in comparisons:
        sigil = {True: "=", False: "*", None: " "}[line.agrees]
        reported = "no figure" if line.reported is None else count(line.reported)
        found = "not counted" if line.found is None else count(line.found)
        note = "shown, not judged" if line.agrees is False and not line.judged else ""
        cells.append((sigil, visible(line.figure), reported, found, note))
    name, reported_width, found_width = (max(len(row[column]) for row in cells) for column in (1, 2, 3))
    for sigil, figure, reported, stored, note in cells:
        line_text = f"  {sigil:1} {figure:<{name}}  {reported:>{reported_width}}  {stored:>{found_width}}  {note}"
        yield line_text.rstrip()


def _finding_line(finding: Finding, *, indent: str) -> str:
    where = f" ({visible(finding.where)})" if finding.where else ""
    path = f"{visible(finding.path)}: " if finding.path and not indent else ""
    return f"{indent}{finding.severity}: {path}{visible(finding.message)}{where} [{visible(finding.code)}]"
