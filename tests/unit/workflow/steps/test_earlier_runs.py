from __future__ import annotations

import pytest

from aep_delivery.runtime.errors import TransientError
from aep_delivery.verification.receipt.history import MAX_EARLIER, this_run
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.workflow.steps import receipts
from aep_delivery.workflow.steps.earlier_runs import earlier_runs, remember_run
from tests.receipts.samples import failed_early, failed_in_adobe, verified

KEY = "deliveries/prod/nyc-flights/earlier-runs.json"


def of(execution: str, receipt: Receipt | None = None) -> Receipt:
    base = receipt or verified()
    return base.model_copy(update={"request": base.request.model_copy(update={"execution": execution})})


def kept(services, receipt: Receipt) -> Receipt:
    """The receipt as it lies in the work bucket."""
    uri, _ = receipts.keep(receipt, f"deliveries/prod/nyc-flights/{receipt.request.execution}", services)
    return Receipt.from_json(services.documents.get(uri.removeprefix("memory://")))


def test_each_receipt_tells_of_those_before_it(services):
    first, second = kept(services, of("e-1")), kept(services, of("e-2", failed_in_adobe()))
    third = kept(services, of("e-3"))
    assert first.earlier == []
    assert second.earlier == [this_run(first)]
    assert third.earlier == [this_run(second), this_run(first)]
    assert [run.verdict for run in third.earlier] == ["FAILED", "VERIFIED"]


def test_a_step_that_is_tried_again_is_not_compared_with_itself(services):
    kept(services, of("e-1"))
    once = kept(services, of("e-2"))
    again = kept(services, of("e-2"))
    assert again == once
    assert [run.execution for run in kept(services, of("e-3")).earlier] == ["e-2", "e-1"]


def test_they_are_bounded(services):
    for number in range(MAX_EARLIER + 5):
        receipt = of(f"e-{number}")
        remember_run(receipt.model_copy(update={"earlier": earlier_runs(receipt, services)}), services)
    told = earlier_runs(of("last"), services)
    assert [run.execution for run in told] == [f"e-{number}" for number in range(MAX_EARLIER + 4, 4, -1)]


@pytest.mark.parametrize("text", ["no JSON", "{}", '{"runs": [{"verdict": "VERIFIED"}]}'])
def test_what_cannot_be_read_is_no_reason_to_fail(services, text):
    services.documents.put(KEY, text)
    assert kept(services, of("e-1")).earlier == []
    assert [run.execution for run in kept(services, of("e-2")).earlier] == ["e-1"]


def test_a_storage_that_is_only_busy_is_asked_again(services, monkeypatch):
    def busy(key: str) -> str:
        raise TransientError("Slow down.", code="aws.busy")

    monkeypatch.setattr(services.documents, "get", busy)
    with pytest.raises(TransientError):
        earlier_runs(of("e-1"), services)


def test_a_config_that_could_not_be_read_has_no_earlier_ones(services):
    receipts.keep(failed_early(), "failures/d-07aa1f", services)
    assert [key for key in services.documents.kept if key.endswith("earlier-runs.json")] == []
