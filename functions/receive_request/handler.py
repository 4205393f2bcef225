"""Turns a dropped config, a schedule or an event, as they come out of the intake queue, into exactly one execution."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from aep_delivery.runtime.invocation import invocation
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps.receive_request import receive_request

# A batch in which every message fails is no failure of the function: each goes its own way to the dead letters.
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@invocation
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Start what a batch of messages asks for; messages that could not be handled come back, and only those."""
    answer = process_partial_response(event=event, record_handler=_receive, processor=processor, context=context)
    return dict(answer)


def _receive(record: SQSRecord) -> None:
    receive_request(record.body, int(record.attributes.sent_timestamp or 0), services())
