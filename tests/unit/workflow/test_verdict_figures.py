from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from aep_delivery.runtime.errors import TransientError
from aep_delivery.runtime.figures import FIGURES
from aep_delivery.runtime.metrics import collected
from aep_delivery.verification.report import Verdict
from aep_delivery.workflow.steps import record_outcome
from aep_delivery.workflow.verdict_figures import count_verdict, figure_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FOUND = SimpleNamespace(rows=340, file_count=4, bytes=9000, started_at=NOON, finished_at=NOON + timedelta(seconds=90))


def taken(capsys, verdict, found=FOUND):
    with collected():
        count_verdict(SimpleNamespace(verdict=verdict, verification=found))
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {name: line[name] for name in FIGURES if name in line}


def test_a_verdict_is_counted_with_what_was_verified(capsys):
    assert taken(capsys, Verdict.VERIFIED) == {
        "VerdictVerified": [1.0],
        "Mismatches": [0.0],
        "Rows": [340.0],
        "Files": [4.0],
        "Bytes": [9000.0],
        "VerificationSeconds": [90.0],
    }


def test_a_failure_has_verified_nothing(capsys):
    assert taken(capsys, "FAILED", None) == {"VerdictFailed": [1.0], "Mismatches": [0.0]}


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_counted_as_itself_and_mismatches_are_neither_good_nor_adobes(capsys, verdict):
    figures = taken(capsys, verdict)
    assert figures[figure_of(verdict)] == [1.0]
    expected = not verdict.is_good and verdict not in {Verdict.RUN_FAILED, Verdict.NO_RUN}
    assert figures["Mismatches"] == [float(expected)]


def test_a_step_that_is_repeated_has_counted_nothing_before(services, monkeypatch, capsys):
    receipt = SimpleNamespace(
        verdict=Verdict.VERIFIED,
        verification=FOUND,
        is_good=True,
        reason="All is well.",
        delivery=SimpleNamespace(id="prod/orders"),
    )
    monkeypatch.setattr(record_outcome, "receipt_of", lambda *_: receipt)
    monkeypatch.setattr(record_outcome.receipts, "keep", lambda *_: ("s3://work/r.json", "s3://work/r.html"))
    busy = iter([TransientError("The table is busy.", code="state.busy")])

    def settle(*_):
        for error in busy:
            raise error

    monkeypatch.setattr(record_outcome, "settle_runs", settle)
    message = SimpleNamespace(execution="e-1")
    with pytest.raises(TransientError), collected():
        record_outcome.record_outcome(message, services)
    assert capsys.readouterr().out == ""
    with collected():
        record_outcome.record_outcome(message, services)
    assert capsys.readouterr().out.count('"VerdictVerified":[1.0]') == 1
