"""What each verdict says to a reader: its name in words, its tone, and whether a consumer may go on."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

from aep_delivery.verification.level import Level
from aep_delivery.verification.receipt.models import FAILED, Receipt
from aep_delivery.verification.report import Verdict


class Tone(StrEnum):
    """How a page colours a verdict. The word and the icon say the same without colour."""

    GOOD = "good"
    CALM = "calm"
    WARN = "warn"
    BAD = "bad"


class Sense(NamedTuple):
    """A verdict in words."""

    title: str
    tone: Tone
    advice: str
    """What a consumer of the files should do."""


_VERIFIED = "Consumers may load these files."
_LOOK_FIRST = "Look at the findings before anything is loaded."
_HOLD = "Do not load these files."

SENSES: dict[Verdict | Literal["FAILED"], Sense] = {
    Verdict.VERIFIED: Sense("Verified", Tone.GOOD, _VERIFIED),
    Verdict.EMPTY: Sense("Empty", Tone.CALM, "There is nothing to load, and nothing is wrong."),
    Verdict.RUN_PARTIAL: Sense("Partly exported", Tone.WARN, "What arrived is whole, but it is not everything."),
    Verdict.NO_RUN: Sense("No run", Tone.WARN, "There is nothing to load yet. Check the dataflow's schedule in Adobe."),
    Verdict.UNSTABLE: Sense("Still changing", Tone.WARN, "Verify again once nothing writes to the folder."),
    Verdict.COUNT_MISMATCH: Sense("Counts differ", Tone.BAD, _LOOK_FIRST),
    Verdict.UNEXPECTED_FILES: Sense("Unexpected files", Tone.BAD, _LOOK_FIRST),
    Verdict.SIZE_MISMATCH: Sense("Sizes differ", Tone.BAD, _HOLD),
    Verdict.INCOMPLETE: Sense("Incomplete", Tone.BAD, _HOLD),
    Verdict.CORRUPT: Sense("Corrupt", Tone.BAD, _HOLD),
    Verdict.RUN_FAILED: Sense("Run failed", Tone.BAD, "Adobe did not finish the export. " + _HOLD),
    FAILED: Sense("Failed", Tone.BAD, "This delivery stopped before its files could be judged."),
}


def sense_of_word(verdict: str) -> Sense:
    """What the verdict of another receipt says; one that this release does not know is shown as it is."""
    known = FAILED if verdict == FAILED else Verdict(verdict) if verdict in Verdict.__members__ else None
    return SENSES[known] if known else Sense(verdict, Tone.WARN, _LOOK_FIRST)


_VERIFIED_IN_PART = "Consumers may load these files, if what was not proven need not be."


def sense_of(receipt: Receipt) -> Sense:
    """What a receipt says to a reader. Files that were not read to their end do not look as good as those that were."""
    sense = SENSES[receipt.verdict]
    report = receipt.verification
    if receipt.verdict is Verdict.VERIFIED and report and (report.encrypted or report.level is not Level.CONTENT):
        return sense._replace(tone=Tone.CALM, advice=_VERIFIED_IN_PART)
    return sense
