"""The parts of an audience's export: ``name.csv``, ``name_2.csv``, ``name_3.csv``, of 5,000,000 rows each but the last.

Adobe: "Activate audiences to batch profile export destinations", file size; there is no ``_1``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.evidence import Evidence
from aep_delivery.verification.figures import Figures
from aep_delivery.verification.inventory import FileSet
from aep_delivery.verification.key_pattern import KeyPattern
from aep_delivery.verification.report import Finding, Severity

MAX_ROWS = 5_000_000
"""Rows of one file of an audience, at most."""


def findings(files: FileSet, pattern: KeyPattern, figures: Figures) -> Iterator[Finding]:
    """What is wrong with the numbers of an audience's files: gaps, and parts that are too long or too short.

    Args:
        files: The audience's files.
        pattern: What they were found by.
        figures: Of the run. Where the rows add up, a short part is strange, but nothing is missing; where
            not all are counted, nobody knows.
    """
    evidence = figures.evidence
    for stem, parts in _by_stem(files, pattern).items():
        numbers = sorted(parts)
        if numbers[0] != 1 and not _ends_open(pattern):
            yield _gap(stem, 1, parts[numbers[0]])
        for earlier, later in pairwise(numbers):
            for missing in range(earlier + 1, min(later, earlier + 4)):
                yield _gap(stem, missing, parts[later])
        for number in numbers:
            rows = _rows(evidence, parts[number])
            if rows is None:
                continue
            if rows > MAX_ROWS:
                yield Finding(
                    code="file.too-many-rows",
                    message=f"The file has {rows:,} rows; Adobe begins another file after {MAX_ROWS:,}.",
                    path=parts[number].key,
                )
            elif rows < MAX_ROWS and number + 1 in parts:
                yield Finding(
                    code="set.split-not-full",
                    message=f"The file has {rows:,} rows, and another one follows it, which Adobe begins after "
                    f"{MAX_ROWS:,}.",
                    severity=Severity.WARNING if figures.adds_up(files) or evidence.uncounted else Severity.ERROR,
                    path=parts[number].key,
                )


def _by_stem(files: FileSet, pattern: KeyPattern) -> dict[str, dict[int, StoredObject]]:
    stems: dict[str, dict[int, StoredObject]] = {}
    for stored in files.data:
        place = pattern.place(stored.key)
        if place is not None:
            stems.setdefault(f"{place.folder}/{place.stem}", {})[int(place.split or 1)] = stored
    return stems


def _ends_open(pattern: KeyPattern) -> bool:
    """True where the number may as well be the end of a name that is not known."""
    return not pattern.name or not pattern.name[-1].known


def _gap(stem: str, number: int, later: StoredObject) -> Finding:
    name = stem.rpartition("/")[2] + ("" if number == 1 else f"_{number}")
    return Finding(code="set.split-gap", message=f"The file comes after {name}, which is not there.", path=later.key)


def _rows(evidence: Evidence, stored: StoredObject) -> int | None:
    check = evidence.checks.get(stored.key)
    return check.rows if check else None
