from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.state.dynamodb_errors import state_errors


def refusal(code: str, status: int = 400, reasons: list[str] | None = None) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "canary-4d1"},
        "ResponseMetadata": {"HTTPStatusCode": status},
        "CancellationReasons": [{"Code": reason} for reason in reasons or []],
    }
    return ClientError(response, "TransactWriteItems")


@pytest.mark.parametrize(
    ("error", "family", "code"),
    [
        (refusal("ProvisionedThroughputExceededException"), "TransientError", "state.throttled"),
        (refusal("ThrottlingException"), "TransientError", "state.throttled"),
        (refusal("RequestLimitExceeded"), "TransientError", "state.throttled"),
        (refusal("TransactionConflictException"), "TransientError", "state.conflict"),
        (refusal("TransactionInProgressException"), "TransientError", "state.conflict"),
        (refusal("InternalServerError", 500), "TransientError", "state.unavailable"),
        (refusal("503", 503), "TransientError", "state.unavailable"),
        (EndpointConnectionError(endpoint_url="https://x"), "TransientError", "state.unavailable"),
        (ConnectTimeoutError(endpoint_url="https://x"), "TransientError", "state.unavailable"),
        (ReadTimeoutError(endpoint_url="https://x"), "TransientError", "state.unavailable"),
        (refusal("ResourceNotFoundException"), "InternalError", "state.table-missing"),
        (refusal("AccessDeniedException"), "InternalError", "state.access-denied"),
        (refusal("UnrecognizedClientException"), "InternalError", "state.access-denied"),
        (refusal("ExpiredTokenException"), "InternalError", "state.access-denied"),
        (refusal("ValidationException"), "InternalError", "state.request-refused"),
        (NoCredentialsError(), "InternalError", "state.request-refused"),
    ],
)
def test_each_refusal_has_its_class(error: Exception, family: str, code: str) -> None:
    with pytest.raises(DeliveryError) as caught, state_errors("state"):
        raise error
    assert (caught.value.family, caught.value.code, caught.value.place) == (family, code, "state")
    assert "canary" not in caught.value.document().as_text()


@pytest.mark.parametrize(
    ("reasons", "code"),
    [
        (["None", "TransactionConflict", "None"], "state.conflict"),
        (["None", "None", "ThrottlingError"], "state.throttled"),
        (["ProvisionedThroughputExceeded", "None", "None"], "state.throttled"),
        (["None", "ValidationError", "None"], "state.request-refused"),
        (["None", "ItemCollectionSizeLimitExceeded", "None"], "state.request-refused"),
    ],
)
def test_a_cancelled_transaction_is_judged_by_its_reasons(reasons: list[str], code: str) -> None:
    with pytest.raises(DeliveryError) as caught, state_errors("state"):
        raise refusal("TransactionCanceledException", reasons=reasons)
    assert caught.value.code == code


def test_errors_of_our_own_pass() -> None:
    with pytest.raises(KeyError), state_errors("state"):
        raise KeyError
