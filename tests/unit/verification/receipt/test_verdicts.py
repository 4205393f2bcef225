from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aep_delivery.verification.level import Level
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.receipt.verdicts import SENSES, Tone, sense_of, sense_of_word
from aep_delivery.verification.report import Verdict, VerificationReport


@pytest.mark.parametrize("verdict", [str(verdict) for verdict in SENSES])
def test_the_verdict_of_another_receipt_reads_as_its_own(verdict: str) -> None:
    assert sense_of_word(verdict) in SENSES.values()


def test_a_verdict_of_a_later_release_is_shown_as_it_is() -> None:
    sense = sense_of_word("SPLENDID")
    assert (sense.title, sense.tone) == ("SPLENDID", Tone.WARN)
    assert sense.advice


@pytest.mark.parametrize(
    ("changes", "in_part"),
    [({}, False), ({"level": Level.STRUCTURE}, True), ({"encrypted": True}, True), ({"level": Level.LISTING}, True)],
)
@pytest.mark.parametrize("verdict", [Verdict.VERIFIED, Verdict.CORRUPT, Verdict.EMPTY])
def test_what_was_not_read_to_its_end_does_not_look_as_good(
    make_receipt: Callable[..., Receipt],
    make_verification: Callable[..., VerificationReport],
    verdict: Verdict,
    changes: dict[str, Any],
    in_part: bool,
) -> None:
    report = make_verification([], verdict=verdict).model_copy(update=changes)

    sense = sense_of(make_receipt(verdict=verdict, report=report))

    if in_part and verdict is Verdict.VERIFIED:
        assert (sense.title, sense.tone) == (SENSES[verdict].title, Tone.CALM)
        assert sense.advice
        assert sense.advice != SENSES[verdict].advice
    else:
        assert sense == SENSES[verdict]


def test_without_a_report_the_verdict_is_all_there_is(make_receipt: Callable[..., Receipt]) -> None:
    assert sense_of(make_receipt()) == SENSES[Verdict.VERIFIED]
