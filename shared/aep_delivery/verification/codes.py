"""Which verdict each finding leads to. Codes are stable: receipts and users' alerts rest on them."""

from __future__ import annotations

from collections.abc import Iterable

from aep_delivery.verification.report import Finding, Severity, Verdict

_VERDICTS = {
    "run.failed": Verdict.RUN_FAILED,
    "run.missing": Verdict.NO_RUN,
    "run.not-finished": Verdict.INCOMPLETE,
    "run.partial": Verdict.RUN_PARTIAL,
    "file.changed": Verdict.UNSTABLE,
    "set.changed": Verdict.UNSTABLE,
    "set.no-files": Verdict.INCOMPLETE,
    "set.dataset-missing": Verdict.INCOMPLETE,
    "set.audience-missing": Verdict.INCOMPLETE,
    "set.split-gap": Verdict.INCOMPLETE,
    "set.split-not-full": Verdict.INCOMPLETE,
    "set.files-missing": Verdict.INCOMPLETE,
    "set.too-many-files": Verdict.UNEXPECTED_FILES,
    "set.wrong-type": Verdict.UNEXPECTED_FILES,
    "set.unexpected-file": Verdict.UNEXPECTED_FILES,
    "set.misplaced-file": Verdict.UNEXPECTED_FILES,
    "set.duplicate-file": Verdict.UNEXPECTED_FILES,
    "file.too-many-rows": Verdict.UNEXPECTED_FILES,
    "schema.files-differ": Verdict.UNEXPECTED_FILES,
    "schema.columns-differ": Verdict.UNEXPECTED_FILES,
    "schema.column-removed": Verdict.UNEXPECTED_FILES,
    "schema.column-retyped": Verdict.UNEXPECTED_FILES,
    "set.count-mismatch": Verdict.COUNT_MISMATCH,
    "set.duplicate-keys": Verdict.COUNT_MISMATCH,
    "manifest.missing": Verdict.INCOMPLETE,
    "manifest.file-missing": Verdict.INCOMPLETE,
    "manifest.unsafe-name": Verdict.INCOMPLETE,
    "manifest.size-mismatch": Verdict.SIZE_MISMATCH,
    "manifest.unlisted-file": Verdict.UNEXPECTED_FILES,
}
"""Every other code is about the content of one file: it cannot be read to its end."""

_ORDER = list(Verdict)


def verdict_of(findings: Iterable[Finding]) -> Verdict | None:
    """The first verdict of the list that a finding asks for; None where no finding decides."""
    asked = [_VERDICTS.get(item.code, Verdict.CORRUPT) for item in findings if item.severity is Severity.ERROR]
    return min(asked, key=_ORDER.index, default=None)
