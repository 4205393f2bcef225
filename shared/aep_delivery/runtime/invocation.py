"""The frame around every handler: its lines in the log say whose they are, and its figures are written down."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.typing import LambdaContext

from aep_delivery.runtime.log import logger
from aep_delivery.runtime.metrics import collected, count, describe

Answer = TypeVar("Answer")
Handler = Callable[[dict[str, Any], LambdaContext], Answer]

_is_cold = True


def invocation(handler: Handler[Answer]) -> Handler[Answer]:
    """Put a Lambda handler into the frame.

    The log forgets what an earlier invocation of the process has told it, and never gets the event, whatever
    ``POWERTOOLS_LOGGER_LOG_EVENT`` says: an event is other people's text.
    """

    @functools.wraps(handler)
    def framed(event: dict[str, Any], context: LambdaContext) -> Answer:
        global _is_cold  # noqa: PLW0603 - that is what a cold start is
        with collected():
            describe(function=context.function_name)
            if _is_cold:
                _is_cold = False
                count(ColdStarts=1)
            return handler(event, context)

    injected: Handler[Answer] = logger.inject_lambda_context(framed, clear_state=True, log_event=False)
    return injected


def concerns(*, delivery: str | None = None, execution: str | None = None) -> None:
    """Say what the invocation is about, on each further line of the log and on the line of its figures.

    Args:
        delivery: ``sandbox/name``; None where it is not known yet, or was said already.
        execution: The execution's name; it is the correlation id, too.
    """
    keys = _keys(delivery, execution)
    logger.append_keys(**keys)
    describe(**keys)


@contextmanager
def concerning(*, delivery: str | None = None, execution: str | None = None) -> Iterator[None]:
    """A context whose lines of the log are about one of several things that an invocation has to do with.

    Args:
        delivery: As for :func:`concerns`.
        execution: As for :func:`concerns`.
    """
    with logger.append_context_keys(**_keys(delivery, execution)):
        yield


def _keys(delivery: str | None, execution: str | None) -> dict[str, str]:
    keys = {"delivery": delivery, "execution": execution, "correlation_id": execution}
    return {name: value for name, value in keys.items() if value is not None}
