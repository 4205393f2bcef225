"""Opens the delivered files and proves that they are all there and whole."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.messages import Verified, VerifyDelivery
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import verify_delivery


@step(VerifyDelivery)
def handler(message: VerifyDelivery) -> Verified:
    """The step ``verify_delivery`` of the ``deliver`` workflow."""
    return verify_delivery.verify_delivery(message, services())
