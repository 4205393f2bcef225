"""Turns an event that asks for a removal into exactly one execution."""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from aep_delivery.runtime.invocation import invocation
from aep_delivery.workflow.steps.receive_removal import receive_removal


@invocation
def handler(event: dict[str, Any], context: LambdaContext) -> str:
    """Start the removal; an error leaves the event to Lambda's retries and then to the dead letters."""
    del context
    return receive_removal(event, os.environ["REMOVE_STATE_MACHINE"])
