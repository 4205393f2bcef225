"""What to do about a delivery that is not good, in a sentence: the first steps of "How to read a mismatch"."""

from __future__ import annotations

from typing import NamedTuple

from aep_delivery.verification.codes import verdict_of
from aep_delivery.verification.reasons import leading
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.report import Verdict, VerificationReport

_WAYS: dict[Verdict, str] = {
    Verdict.RUN_FAILED: "Mend what Adobe's words name, then start the delivery again.",
    Verdict.NO_RUN: "In Adobe, look whether the dataflow is enabled and its schedule has not ended.",
    Verdict.UNSTABLE: "Verify again. If it comes back each time, find what works in this folder.",
    Verdict.CORRUPT: "Verify again. If it stays, find who wrote the file, then have everything exported once more.",
    Verdict.INCOMPLETE: "Verify again. If it stays, find what moves or deletes files there, as lifecycle rules do.",
    Verdict.SIZE_MISMATCH: "Somebody wrote a file of the same name: compare its time of change with the run's end.",
    Verdict.UNEXPECTED_FILES: "Find what else writes there, and give it a folder of its own.",
    Verdict.COUNT_MISMATCH: "Count in the source. If all runs differ alike, recordCount: report leaves it unjudged.",
    Verdict.RUN_PARTIAL: "Compare the rows of the next run: it need not bring the rest.",
}
_OF_COLUMNS = "Look whether consumers bear the columns, then say in verify.columns what shall be judged."
_AGAIN = "drop the config again: what was done in Adobe is found and kept."


class Way(NamedTuple):
    """How to go on."""

    told: str
    command: str | None
    """What tells more; None where no code stands for what is wrong."""


def way_on(receipt: Receipt) -> Way | None:
    """How to go on from a receipt; None where all is well."""
    if receipt.failure is not None:
        told = f"Mend it and {_AGAIN}" if receipt.failure.error == "UserError" else f"Later, {_AGAIN}"
        return Way(told, _explain(receipt.failure.code))
    if receipt.is_good:
        return None
    verdict = Verdict(receipt.verdict)
    code = _code(verdict, receipt.verification) if receipt.verification else None
    told = _OF_COLUMNS if code and code.startswith("schema.") else _WAYS[verdict]
    return Way(told, _explain(code) if code else None)


def _code(verdict: Verdict, report: VerificationReport) -> str | None:
    every = [*report.findings, *(item for export in report.exports for file in export.files for item in file.findings)]
    return leading(verdict, every)[0].code if any(verdict_of([item]) is verdict for item in every) else None


def _explain(code: str) -> str:
    return f"aep-delivery explain {code}"
