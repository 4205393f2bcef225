"""Draws the status page anew, after what the queue tells of deliveries or of the time."""

from __future__ import annotations

from aws_lambda_powertools.utilities.data_classes import SQSEvent, event_source
from aws_lambda_powertools.utilities.typing import LambdaContext

from aep_delivery.runtime.invocation import invocation
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps.draw_status import draw_status


@invocation
@event_source(data_class=SQSEvent)
def handler(event: SQSEvent, context: LambdaContext) -> None:  # noqa: ARG001 - the signature is Lambda's
    """Note a batch and draw once; where it fails, the whole batch comes back, which changes nothing twice."""
    draw_status([record.body for record in event.records], services())
