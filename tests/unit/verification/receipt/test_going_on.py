from __future__ import annotations

from collections.abc import Callable

import pytest

from aep_delivery.cli.explanations import explanation
from aep_delivery.verification.receipt.going_on import way_on
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.report import Finding, Verdict, VerificationReport


def test_only_what_is_not_good_has_a_way_on(sample: Receipt) -> None:
    assert (way_on(sample) is None) == sample.is_good


def test_its_command_explains_a_code_that_is_known(sample: Receipt) -> None:
    way = way_on(sample)
    if way and way.command:
        assert explanation(way.command.removeprefix("aep-delivery explain "))


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if not verdict.is_good])
def test_every_other_verdict_has_words_of_its_own(verdict: Verdict, make_receipt: Callable[..., Receipt]) -> None:
    receipt = make_receipt(verdict=verdict, reason="r").model_copy(update={"verification": None})
    way = way_on(receipt)
    assert way
    assert way.told.endswith(".")
    assert way.command is None


def test_the_finding_that_leads_is_explained(
    make_receipt: Callable[..., Receipt], make_verification: Callable[..., VerificationReport]
) -> None:
    findings = [
        Finding(code="set.count-mismatch", message="Not of this verdict."),
        Finding(code="set.files-missing", message="A number alone."),
        Finding(code="manifest.file-missing", message="A name.", path="f/a"),
    ]
    report = make_verification([], verdict=Verdict.INCOMPLETE).model_copy(update={"findings": findings})
    way = way_on(make_receipt(verdict=Verdict.INCOMPLETE, reason="r", report=report))
    assert way
    assert way.command == "aep-delivery explain manifest.file-missing"


def test_changed_columns_have_a_way_of_their_own(
    make_receipt: Callable[..., Receipt], make_verification: Callable[..., VerificationReport]
) -> None:
    findings = [Finding(code="schema.column-removed", message="A column is gone.")]
    report = make_verification([], verdict=Verdict.UNEXPECTED_FILES).model_copy(update={"findings": findings})
    way = way_on(make_receipt(verdict=Verdict.UNEXPECTED_FILES, reason="r", report=report))
    assert way
    assert "verify.columns" in way.told


@pytest.mark.parametrize(
    ("error", "begin"),
    [("UserError", "Mend it and drop"), ("TransientError", "Later, drop"), ("InternalError", "Later, drop")],
)
def test_what_nobody_can_mend_is_not_to_be_mended(
    error: str, begin: str, samples: dict[str, Callable[[], Receipt]]
) -> None:
    failed = samples["failed-early"]()
    assert failed.failure
    way = way_on(failed.model_copy(update={"failure": failed.failure.model_copy(update={"error": error})}))
    assert way
    assert way.told.startswith(f"{begin} the config again: what was done in Adobe")
