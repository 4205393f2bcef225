"""The list of figures, and the code that takes them, are the same."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

import pytest

from aep_delivery.events.details import MismatchVerdict
from aep_delivery.runtime.figures import FIGURES
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.report import Verdict
from aep_delivery.workflow.verdict_figures import figure_of

SOURCE = Path(__file__).parents[3] / "shared" / "aep_delivery"
CALLS = [
    call
    for path in SOURCE.rglob("*.py")
    if "runtime.metrics import" in (text := path.read_text("utf-8"))
    for call in ast.walk(ast.parse(text))
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "count"
]
OF_VERDICTS = {figure_of(str(verdict)) for verdict in Verdict} | {figure_of("FAILED")}


def test_every_figure_is_taken_somewhere_and_no_other():
    named = {keyword.arg for call in CALLS for keyword in call.keywords if keyword.arg is not None}
    assert named | OF_VERDICTS == set(FIGURES)


def test_a_receipt_knows_no_other_verdicts():
    allowed = Receipt.model_fields["verdict"].annotation
    words = {str(word) for part in get_args(allowed) for word in (Verdict if part is Verdict else get_args(part))}
    assert {figure_of(word) for word in words} == OF_VERDICTS


@pytest.mark.parametrize("verdict", get_args(MismatchVerdict))
def test_every_mismatch_is_a_verdict(verdict):
    assert verdict in set(Verdict)


def test_names_are_as_cloudwatch_and_embedded_lines_take_them():
    assert all(name.isalnum() and name[0].isupper() for name in FIGURES)
    assert all(figure.meaning.endswith(".") for figure in FIGURES.values())
