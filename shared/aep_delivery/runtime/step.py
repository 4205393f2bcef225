"""The frame around every workflow step: JSON in, model in; model out, JSON out; errors of four names only."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ValidationError

from aep_delivery.runtime.errors import DeliveryError, InternalError, boundary_error
from aep_delivery.runtime.invocation import concerns, invocation
from aep_delivery.runtime.log import logger, where_from
from aep_delivery.runtime.time_left import counting_down

Input = TypeVar("Input", bound=BaseModel)
Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

_MOST_FIELDS = 20
_LONGEST_FIELD = 100


def step(message: type[Input]) -> Callable[[Callable[[Input], BaseModel]], Handler]:
    """Make a Lambda handler of a function from model to model.

    Args:
        message: The model of the step's input.

    Returns:
        A decorator. The handler it makes answers the result as a JSON object with Adobe's and AWS's camel case, and
        raises only errors whose class is named like one of the four families, so that Retry and Catch can match them.
    """

    def decorate(function: Callable[[Input], BaseModel]) -> Handler:
        @invocation
        @functools.wraps(function)
        def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
            try:
                request = _parse(message, event)
                concerns(delivery=_delivery_of(request), execution=getattr(request, "execution", None))
                with counting_down(context.get_remaining_time_in_millis):
                    result = function(request)
            except DeliveryError as error:
                logger.warning("step ended with an error", extra={"error_document": error.document().model_dump()})
                raise boundary_error(error) from None
            except Exception as error:  # noqa: BLE001 - the boundary: Retry must know every name that leaves a step
                # Where it happened stays in the log of the function; the workflow sees the type alone.
                logger.error("step ended with a defect", extra={"stack": where_from(error)})
                raise boundary_error(error) from None
            return result.model_dump(mode="json", by_alias=True)

        return handler

    return decorate


def _delivery_of(request: BaseModel) -> str | None:
    """The delivery's id, wherever a step's input has it; None before it is known."""
    return getattr(getattr(request, "delivery", None) or request, "delivery_id", None)


def _parse(message: type[Input], event: dict[str, Any]) -> Input:
    try:
        return message.model_validate(event)
    except ValidationError as error:
        wrong = sorted({_spelled(".".join(map(str, e["loc"]))) for e in error.errors(include_input=False)})
        more = f" and {len(wrong) - _MOST_FIELDS} more" if len(wrong) > _MOST_FIELDS else ""
        raise InternalError(
            f"The workflow passed an input this step does not understand: {', '.join(wrong[:_MOST_FIELDS])}{more}.",
            code="workflow.input-invalid",
            hint="The state machine and the functions are from different versions: deploy the stack again.",
        ) from None


def _spelled(field: str) -> str:
    """A field's name, which may be any text where the step knows none of that name."""
    return (field if field.isprintable() else ascii(field))[:_LONGEST_FIELD]
