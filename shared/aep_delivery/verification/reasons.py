"""The sentence a receipt ends in."""

from __future__ import annotations

from collections.abc import Sequence

from aep_delivery.verification.codes import verdict_of
from aep_delivery.verification.level import Level
from aep_delivery.verification.report import Comparison, Finding, Verdict

NOT_NAMED = " Adobe does not say which. With includeFileManifest: true the receipt names it."
"""What is said of missing files where no manifest was asked for. The finding says it; the reason is one sentence."""


def reason(
    verdict: Verdict,
    findings: Sequence[Finding],
    comparisons: Sequence[Comparison],
    *,
    rows: int,
    files: int,
    uncounted: int,
    level: Level,
    encrypted: bool,
) -> str:
    """Why the verdict is what it is, in one sentence for a person. It claims no more than the level proves.

    Args:
        verdict: The verdict.
        findings: All findings, those of single files included.
        comparisons: Adobe's figures beside ours.
        rows: Rows in all files.
        files: Data files.
        uncounted: Data files whose rows were not counted.
        level: What every file was looked at for.
        encrypted: True where the files are encrypted.
    """
    if verdict is Verdict.VERIFIED:
        return _verified(comparisons, rows=rows, files=files, uncounted=uncounted, level=level, encrypted=encrypted)
    if verdict is Verdict.EMPTY:
        return "The run had nothing to export, and no row arrived."
    first, more = leading(verdict, findings)
    message = first.message.removesuffix(NOT_NAMED)
    told = f"{first.path}: {message}" if first.path and first.code != "set.no-files" else message
    return f"{told[:-1]} ({_count(more, 'more finding')} of this kind)." if more else told


def leading(verdict: Verdict, findings: Sequence[Finding]) -> tuple[Finding, int]:
    """The finding to be told first of those that ask for a verdict, and how many more there are.

    Raises:
        IndexError: None asks for it.
    """
    deciding = [item for item in findings if verdict_of([item]) is verdict]
    # That files are missing says less than the name of one.
    named = [item for item in deciding if item.code != "set.files-missing"]
    return (named or deciding)[0], len(deciding) - 1


def _verified(
    comparisons: Sequence[Comparison], *, rows: int, files: int, uncounted: int, level: Level, encrypted: bool
) -> str:
    if level is Level.CONTENT and not uncounted and not encrypted:
        return f"{_count(rows, 'row')} in {_count(files, 'file')} {_are(rows)} all there, whole, {_beside(comparisons)}"
    seen = f"{_count(files, 'file')} {_are(files)} all there"
    if encrypted:
        told = f"{seen}, as far as encrypted files show: what is inside was not read"
    elif level is Level.LISTING:
        told = f"{seen} by name and size: no file was opened"
    elif uncounted:
        told = f"{seen} with a sound frame: not all content was read"
    else:
        told = f"{seen} with a sound frame that claims {_count(rows, 'row')}: not all content was read"
    return f"{told}, {_beside(comparisons)}"


def _beside(comparisons: Sequence[Comparison]) -> str:
    differing = [item.figure for item in comparisons if item.agrees is False and item.figure != "bytes"]
    agreeing = [item.figure for item in comparisons if item.agrees and item.figure != "bytes"]
    uncounted = any(item.found is None for item in comparisons)
    if differing:
        return f"but differ from the {' and '.join(differing)} Adobe reports, which this config does not judge."
    if agreeing and uncounted:
        return f"and the {' and '.join(agreeing)} equal what Adobe reports."
    if agreeing:
        return "and equal what Adobe reports."
    return "and Adobe reports no figure to compare."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
