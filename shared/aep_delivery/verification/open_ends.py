"""CSV files whose last line has no line end: they may have been cut inside of their last value.

Nothing else tells such a cut: the row has all its fields, and plain CSV has no checksum. Whether a writer ends its last
line is its habit, so it is held against the other files of the delivery, which are of the same writer.
"""

from __future__ import annotations

from collections.abc import Iterator

from aep_delivery.verification.evidence import Evidence
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.inventory import FileSet
from aep_delivery.verification.report import Finding, Severity


def findings(files: FileSet, expectation: Expectation, evidence: Evidence) -> Iterator[Finding]:
    """Each file of a dataset or audience whose last line is open.

    It decides where another file of the delivery ends its last line; where none does, it is only shown.
    """
    if expectation.file_type != "CSV":
        return
    usual = any(check.ends_open is False for check in evidence.checks.values())
    for stored in files.data:
        check = evidence.checks.get(stored.key)
        if check is not None and check.ends_open:
            yield Finding(
                code="csv.last-line-open",
                message="The last line has no line end, as those of the other files have: the file was cut."
                if usual
                else "The last line has no line end: perhaps the file was cut.",
                severity=Severity.ERROR if usual else Severity.WARNING,
                path=stored.key,
            )
