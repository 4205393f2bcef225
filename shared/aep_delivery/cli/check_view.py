"""A check of loose files on a terminal: one line with a sigil for each file, what was found, and the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from aep_delivery.verification.level import Level, least
from aep_delivery.verification.loose_files.report import CheckedPath, CheckReport, CheckVerdict, Found, Remark
from aep_delivery.verification.receipt.figures import plural, size, visible
from aep_delivery.verification.report import FileState

STYLES = {"!": "red", "-": "red", "*": "yellow", "+": "yellow", "=": ""}
"""The colour of a line by its sigil."""


def lines(report: CheckReport) -> Iterator[tuple[str, str]]:
    """The lines of a report, each with its style."""
    by_path = _by_path(report.findings)
    width = max((cell_len(visible(file.path)) for file in report.files), default=0)
    for file in report.files:
        style = STYLES[file.state.sigil]
        # A line break in a name must not look like the line of another file.
        path = visible(file.path)
        blanks = " " * (width - cell_len(path))
        yield f"{file.state.sigil} {path}{blanks}  {_rows(file):>14}  {size(file.size):>10}", style
        for found in by_path.pop(file.path, []):
            yield _told(found), style
        for remark in file.warnings:
            yield _told(remark), "dim"
    for of, rest in by_path.items():
        for found in rest:
            yield f"! {visible(of) + ': ' if of else ''}{_told(found).strip()}", "red"
    if report.files or report.findings:
        yield "", ""
    notes = sum(len(file.warnings) for file in report.files)
    told = _sentence(report) + (f" {plural(notes, 'note')}." if notes else "")
    yield f"{report.verdict}  {told}", "green" if report.verdict is CheckVerdict.VALID else "bold red"
    if report.verdict is CheckVerdict.VALID and report.unchecksummed:
        yield _unchecksummed(report), "dim"


def _by_path(findings: Sequence[Found]) -> dict[str | None, list[Found]]:
    sorted_in: dict[str | None, list[Found]] = {}
    for found in findings:
        sorted_in.setdefault(found.path, []).append(found)
    return sorted_in


def _told(found: Found | Remark) -> str:
    place = f" ({found.where})" if found.where else ""
    return visible(f"    {found.message}{place} [{found.code}]")


def _rows(file: CheckedPath) -> str:
    if file.state is FileState.MISSING:
        return ""
    return plural(file.rows, "row") if file.rows is not None else "rows unknown"


def _sentence(report: CheckReport) -> str:
    files = [file for file in report.files if file.state is not FileState.MISSING]
    bytes_ = size(sum(file.size for file in files))
    if report.verdict is CheckVerdict.VALID:
        return _valid(files, report.rows, bytes_)
    states = {state: sum(file.state is state for file in report.files) for state in FileState}
    told = [f"{number:,} {state}" for state, number in states.items() if number and state is not FileState.WHOLE]
    findings = plural(len(report.findings), "finding")
    return f"{findings} in {plural(len(report.files), 'file')}" + (f": {', '.join(told)}." if told else ".")


def _unchecksummed(report: CheckReport) -> str:
    if len(report.files) == 1:
        who = "The file carries"
    else:
        who = (
            f"{report.unchecksummed:,} of {len(report.files):,} files carr{'ies' if report.unchecksummed == 1 else 'y'}"
        )
    return f"{who} no checksums: a changed byte can stay unseen."


def _valid(files: Sequence[CheckedPath], rows: int, bytes_: str) -> str:
    if not files:
        return "There is nothing, as there should be."
    are = "is" if len(files) == 1 else "are"
    counted = all(file.rows is not None for file in files)
    told = f"{plural(len(files), 'file')} {are} whole, {bytes_}"
    match least([file.level or Level.LISTING for file in files]):
        case Level.CONTENT:
            return f"{plural(len(files), 'file')} {are} whole: {plural(rows, 'row')}, {bytes_}, every byte read."
        case Level.STRUCTURE:
            claims = f" that claims {plural(rows, 'row')}" if counted else ""
            each = "has" if len(files) == 1 else "have"
            return f"{plural(len(files), 'file')}, {bytes_}, {each} a sound frame{claims}: not all content was read."
        case _:
            return f"{told.replace(' whole', ' there by name and size')}: no file was opened."
