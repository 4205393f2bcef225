"""The sentence a receipt ends in."""

from __future__ import annotations

from collections.abc import Sequence

from aep_delivery.verification.codes import verdict_of
from aep_delivery.verification.report import Comparison, Finding, Verdict


def reason(
    verdict: Verdict, findings: Sequence[Finding], comparisons: Sequence[Comparison], *, rows: int, files: int
) -> str:
    """Why the verdict is what it is, in one sentence for a person.

    Args:
        verdict: The verdict.
        findings: All findings, those of single files included.
        comparisons: Adobe's figures beside ours.
        rows: Rows in all files.
        files: Data files.
    """
    if verdict is Verdict.VERIFIED:
        return f"{_count(rows, 'row')} in {_count(files, 'file')} {_are(rows)} all there, whole, {_beside(comparisons)}"
    if verdict is Verdict.EMPTY:
        return "The run had nothing to export, and no row arrived."
    deciding = [item for item in findings if verdict_of([item]) is verdict]
    first = deciding[0]
    told = f"{first.path}: {first.message}" if first.path and first.code != "set.no-files" else first.message
    more = len(deciding) - 1
    return f"{told[:-1]} ({_count(more, 'more finding')} of this kind)." if more else told


def _beside(comparisons: Sequence[Comparison]) -> str:
    differing = [item.figure for item in comparisons if item.agrees is False and item.figure != "bytes"]
    agreeing = [item.figure for item in comparisons if item.agrees and item.figure != "bytes"]
    if differing:
        return f"but differ from the {' and '.join(differing)} Adobe reports, which this config does not judge."
    if agreeing:
        return "and equal what Adobe reports."
    return "and Adobe reports no figure to compare."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
