"""What a verification has proven and what it has not, in words, and where a reader should look first."""

from __future__ import annotations

from typing import NamedTuple

from aep_delivery.verification.level import Level
from aep_delivery.verification.receipt.figures import count, plural
from aep_delivery.verification.report import ExportReport, FileState, Severity, Verdict, VerificationReport

_STILL = "that nothing changed meanwhile"
_NAMES = "names and sizes"
_FRAME = "the frame of each file"


class Proof(NamedTuple):
    """What was proven."""

    proven: str
    not_proven: str | None
    """None where every byte was read."""
    labels: tuple[str, str] = ("proven", "not proven")
    """What to call the two: of a delivery that is not good it is only said what was looked at."""


def proof_of(report: VerificationReport) -> Proof | None:
    """What the level of a verification proves, and what it leaves open; None where storage was not looked at."""
    if report.verdict in (Verdict.RUN_FAILED, Verdict.NO_RUN):
        return None
    proof = _of_level(report)
    return proof if report.verdict.is_good else proof._replace(labels=("looked at", "not looked at"))


def rows_of(report: VerificationReport) -> str:
    """Rows, as far as they could be counted: ``12 rows``, ``at least 5 rows``, ``rows not counted``."""
    if not report.uncounted_files:
        return plural(report.rows, "row")
    return f"at least {plural(report.rows, 'row')}" if report.rows else "rows not counted"


def _of_level(report: VerificationReport) -> Proof:
    if report.encrypted:
        frame = "" if report.level is Level.LISTING else ", the frame of the encryption"
        return Proof(f"{_NAMES}{frame} and {_STILL}", "content and rows, which only the private key opens")
    if report.level is Level.CONTENT:
        return Proof(f"{_NAMES}, every byte, rows and {_STILL}", None)
    if report.level is Level.LISTING:
        return Proof(f"{_NAMES} and {_STILL}", "anything inside of the files")
    read = sum(file.level is Level.CONTENT for export in report.exports for file in export.files)
    of_sample = f", every byte of {count(read)} of {plural(report.file_count, 'file')}" if read else ""
    claimed = "rows" if report.uncounted_files else "that the rows are those the frames claim"
    return Proof(f"{_NAMES}, {_FRAME}{of_sample} and {_STILL}", f"what lies between the frames, and {claimed}")


def trouble_first(report: VerificationReport) -> list[ExportReport]:
    """The datasets or audiences, those with something wrong before the others."""
    wrong = blamed(report)
    return sorted(report.exports, key=lambda export: (export.id, export.folder) not in wrong)


def blamed(report: VerificationReport) -> set[tuple[str, str]]:
    """Id and folder of each dataset or audience with something wrong."""
    paths = {item.path for item in report.findings if item.severity is Severity.ERROR}
    return {
        (export.id, export.folder)
        for export in report.exports
        if export.folder in paths or any(file.state is not FileState.WHOLE for file in export.files)
    }
