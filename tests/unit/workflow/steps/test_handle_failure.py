from __future__ import annotations

import json

import pytest

from aep_delivery.config.load import load_config
from aep_delivery.runtime.errors import UserError, boundary_error
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.workflow.config_document import ConfigDocument
from aep_delivery.workflow.documents import write_document
from aep_delivery.workflow.messages import AcquireLock, DeliveryRef, HandleFailure
from aep_delivery.workflow.steps.handle_failure import handle_failure
from aep_delivery.workflow.steps.lock import acquire_lock

ERROR = UserError("No such dataset.", code="dataset.not-exportable", place="crm.yaml:14:5", hint="Look at the list.")
REQUEST = {
    "bucket": "configs",
    "key": "deliveries/crm.yaml",
    "versionId": "v1",
    "trigger": "upload",
    "requestedAt": "2026-03-01T11:59:00Z",
}


def message(error=ERROR, delivery=None, request=REQUEST):
    cause = json.dumps({"errorType": error.family, "errorMessage": str(boundary_error(error))})
    return HandleFailure(
        execution="e-1",
        request=request,
        delivery=delivery,
        failed_step="plan_changes",
        error=error.family,
        cause=cause,
    )


def receipt_of(services, handled) -> Receipt:
    return Receipt.from_json(services.documents.get(handled.receipt.removeprefix("memory://")))


def test_a_failure_before_the_config_was_read_has_a_receipt_too(services):
    handled = handle_failure(message(), services)
    assert handled.error == "dataset.not-exportable"
    assert "crm.yaml:14:5: No such dataset." in handled.cause
    assert "hint: Look at the list." in handled.cause
    receipt = receipt_of(services, handled)
    assert receipt.verdict == "FAILED"
    assert receipt.delivery.sandbox is None
    assert receipt.failure == ERROR.document()
    assert handled.receipt == "memory://failures/e-1/receipt.json"
    assert [event.detail_type for event in services.publisher.events] == ["Delivery Failed"]


def test_a_failed_delivery_is_told_in_full_and_its_lock_released(services, config_text):
    config = load_config(config_text, "crm.yaml")
    key = "deliveries/prod/nyc-flights/e-1/config.json"
    write_document(services.documents, key, ConfigDocument(source="crm.yaml", positions={}, config=config.document()))
    delivery = DeliveryRef(delivery_id=config.delivery_id, config=key)
    acquire_lock(AcquireLock(execution="e-1", delivery=delivery), services)
    receipt = receipt_of(services, handle_failure(message(delivery=delivery), services))
    assert receipt.delivery.id == "prod/nyc-flights"
    assert receipt.asked.destination.bucket_name == "warehouse"
    assert services.store.latest_outcome("prod/nyc-flights").verdict == "FAILED"
    # Another execution gets the lock at once.
    acquire_lock(AcquireLock(execution="e-2", delivery=delivery), services)


def test_a_config_that_was_replaced_is_no_failure(services):
    delivery = DeliveryRef(delivery_id="prod/nyc-flights", config="deliveries/none.json")
    acquire_lock(AcquireLock(execution="e-1", delivery=delivery), services)
    replaced = UserError("Another version was dropped.", code="config.superseded")

    handled = handle_failure(message(replaced, delivery=delivery), services)

    assert (handled.superseded, handled.receipt, handled.error) == (True, None, "config.superseded")
    assert services.publisher.events == []
    assert services.store.latest_outcome("prod/nyc-flights") is None
    acquire_lock(AcquireLock(execution="e-2", delivery=delivery), services)


def test_the_lock_of_another_execution_stays(services):
    delivery = DeliveryRef(delivery_id="prod/nyc-flights", config="deliveries/none.json")
    acquire_lock(AcquireLock(execution="e-other", delivery=delivery), services)
    handled = handle_failure(message(delivery=delivery), services)
    assert receipt_of(services, handled).failure == ERROR.document()
    with pytest.raises(Exception, match="locked by e-other"):
        acquire_lock(AcquireLock(execution="e-2", delivery=delivery), services)


@pytest.mark.parametrize("request_", [{}, {"key": 7}, {"requestedAt": "yesterday"}], ids=["empty", "number", "time"])
def test_a_request_that_is_itself_wrong_does_not_hide_the_error(services, request_):
    handled = handle_failure(message(request=request_), services)
    assert receipt_of(services, handled).failure == ERROR.document()
