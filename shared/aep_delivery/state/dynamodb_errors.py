"""What DynamoDB's refusals mean, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError  # noqa: A004 - botocore's

from aep_delivery.runtime.errors import DeliveryError, InternalError, TransientError

CONDITION_FAILED = "ConditionalCheckFailed"
"""The reason of a cancelled transaction; the error of a single write bears the same name and ``Exception``."""

_BUSY = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "ThrottlingException",
        "ThrottlingError",
    }
)
_CONFLICT = frozenset({"TransactionConflictException", "TransactionConflict", "TransactionInProgressException"})
_DENIED = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    }
)


def cancellation_reasons(error: ClientError) -> list[str]:
    """Why a transaction was cancelled, action by action; ``None`` where an action is not to blame."""
    response: Any = error.response
    return [str(reason.get("Code")) for reason in response.get("CancellationReasons", [])]


@contextmanager
def state_errors(table: str) -> Iterator[None]:
    """Turn what boto3 raises inside into the product's errors.

    Raises:
        TransientError: ``state.throttled``, ``state.conflict``, ``state.unavailable``.
        InternalError: ``state.table-missing``, ``state.access-denied``, ``state.request-refused``.
    """
    try:
        yield
    except ClientError as error:
        raise _translate(error, table) from error
    except (ConnectionError, HTTPClientError) as error:
        raise TransientError("DynamoDB cannot be reached.", code="state.unavailable", place=table) from error
    except BotoCoreError as error:
        raise InternalError(
            f"DynamoDB cannot be asked: {type(error).__name__}.",
            code="state.request-refused",
            place=table,
            hint="Look at region, credentials and parameters.",
        ) from error


def conflict(place: str) -> TransientError:
    """The error for a write that came second."""
    return TransientError("Another writer changed the state at the same moment.", code="state.conflict", place=place)


def _translate(error: ClientError, table: str) -> DeliveryError:
    code = str(error.response["Error"].get("Code"))
    status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
    codes = {code, *cancellation_reasons(error)}
    if codes & _BUSY:
        return TransientError("DynamoDB asks for fewer requests.", code="state.throttled", place=table)
    if codes & _CONFLICT:
        return conflict(table)
    if status >= 500:
        return TransientError(f"DynamoDB answers {status}.", code="state.unavailable", place=table)
    if code == "ResourceNotFoundException":
        return InternalError(
            f"There is no DynamoDB table {table}.",
            code="state.table-missing",
            place=table,
            hint="Deploy the stack, or set the table's name to the one it made.",
        )
    if code in _DENIED:
        return InternalError(
            f"DynamoDB table {table} refuses access: {code}.",
            code="state.access-denied",
            place=table,
            hint="The role needs the actions that the template grants for this table.",
        )
    return InternalError(
        f"DynamoDB refuses a request: {', '.join(sorted(codes - {'None'}))}.", code="state.request-refused", place=table
    )
