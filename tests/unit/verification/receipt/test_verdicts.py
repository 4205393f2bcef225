from __future__ import annotations

import pytest

from aep_delivery.verification.receipt.verdicts import SENSES, Tone, sense_of_word


@pytest.mark.parametrize("verdict", [str(verdict) for verdict in SENSES])
def test_the_verdict_of_another_receipt_reads_as_its_own(verdict: str) -> None:
    assert sense_of_word(verdict) in SENSES.values()


def test_a_verdict_of_a_later_release_is_shown_as_it_is() -> None:
    sense = sense_of_word("SPLENDID")
    assert (sense.title, sense.tone) == ("SPLENDID", Tone.WARN)
