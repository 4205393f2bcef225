"""What CloudWatch is told of a delivery that has ended."""

from __future__ import annotations

from typing import get_args

from aep_delivery.events.details import MismatchVerdict
from aep_delivery.runtime.metrics import count
from aep_delivery.verification.receipt.models import Receipt


def count_verdict(receipt: Receipt) -> None:
    """Take the figures of a receipt: to be called last, when nothing is left that could have the step repeated."""
    count(**{figure_of(str(receipt.verdict)): 1}, Mismatches=receipt.verdict in get_args(MismatchVerdict))
    found = receipt.verification
    if found is not None:
        count(
            Rows=found.rows,
            Files=found.file_count,
            Bytes=found.bytes,
            VerificationSeconds=(found.finished_at - found.started_at).total_seconds(),
        )


def figure_of(verdict: str) -> str:
    """``COUNT_MISMATCH`` -> ``VerdictCountMismatch``."""
    return "Verdict" + "".join(word.capitalize() for word in verdict.split("_"))
