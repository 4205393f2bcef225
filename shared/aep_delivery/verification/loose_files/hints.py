"""What to try with a file that is no export but something alike: another delimiter, encoding or form of JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.loose_files.gathering import Asked, LooseFile
from aep_delivery.verification.report import Finding, Severity

_JSON = " Is the file one array? jq -c '.[]' makes lines of it."
_UTF8 = " Is it Latin-1? iconv -f latin1 -t utf-8 makes UTF-8 of it."
_DELIMITER = " Is it separated by ';'? --delimiter ';'"
_DELIMITERS = (";", "\t", "|", ",")
_FIRST_ROW = "row 1"


def hinted(findings: Iterable[Finding], asked: Asked) -> Iterator[tuple[Finding, str]]:
    """Each finding with its message, which ends in a hint where it is the first of its kind in a file.

    Args:
        findings: In the order in which they are told.
        asked: What the caller says of the files.
    """
    told: set[tuple[str | None, str]] = set()
    for finding in findings:
        hint = "" if (finding.path, finding.code) in told else _hint(finding, asked)
        told.add((finding.path, finding.code))
        yield finding, finding.message + hint


def notes(file: LooseFile, check: FileCheck, asked: Asked) -> Iterator[Finding]:
    """What is odd in a file that is whole: CSV of a single column may be CSV with another delimiter.

    Args:
        file: Which one.
        check: What reading it showed.
        asked: What the caller says of the files. A delimiter that was given is not doubted.
    """
    columns = check.columns or ()
    if asked.dialect is not None or file.kind.file_type != "CSV" or len(columns) != 1 or check.findings:
        return
    (column,) = columns
    delimiter = next((one for one in _DELIMITERS if one in column.name), None)
    if delimiter is not None:
        odd = f"There is one column, and its name holds {delimiter!r}."
        message = f"{odd} Does that separate columns? --delimiter {delimiter!r}"
        yield Finding(code="csv.one-column", message=message, severity=Severity.WARNING, where="header")


def _hint(finding: Finding, asked: Asked) -> str:
    match finding.code:
        case "csv.not-utf8" | "json.not-utf8":
            return _UTF8
        case "json.invalid" | "json.not-an-object" if finding.where == _FIRST_ROW:
            return _JSON
        # One column alone is what a header is read as whose delimiter is another one.
        case "csv.ragged-row" if asked.dialect is None and finding.message.endswith("the header has 1."):
            return _DELIMITER
        case _:
            return ""
