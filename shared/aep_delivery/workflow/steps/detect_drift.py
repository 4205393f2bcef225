"""Looks for drift in one delivery, repairs it where the config says so, and tells the event bus."""

from __future__ import annotations

from aep_delivery.config.changes import DriftPolicy
from aep_delivery.events.base import within
from aep_delivery.events.details import DataflowDriftFound
from aep_delivery.events.outbound import OutboundEvent
from aep_delivery.runtime.log import logger
from aep_delivery.workflow.drift_check import check_drift
from aep_delivery.workflow.drift_messages import DetectDrift, DriftChecked, DriftReport
from aep_delivery.workflow.in_process import patiently
from aep_delivery.workflow.services import Services


def detect_drift(message: DetectDrift, services: Services) -> DriftChecked:
    """Compare with what was last applied; "Dataflow Drift Found" where that is not what is there.

    Raises:
        UserError: As :func:`check_drift`.
    """
    report = check_drift(message.delivery_id, message.execution, services, _is_to_be_repaired)
    if report.skipped:
        logger.info("not looked for drift", extra={"delivery": report.delivery_id, "why": report.skipped})
    if report.resources:
        _announce(report, message.execution, services)
    return DriftChecked(
        delivery_id=report.delivery_id,
        drifted=len(report.resources),
        repaired=report.repaired,
        skipped=report.skipped,
    )


def _is_to_be_repaired(report: DriftReport) -> bool:
    return report.policy is DriftPolicy.REPAIR


def _announce(report: DriftReport, execution: str, services: Services) -> None:
    sandbox, _, name = report.delivery_id.partition("/")
    detail = DataflowDriftFound(
        delivery_id=report.delivery_id,
        delivery=name,
        sandbox=sandbox,
        execution=execution,
        reason=within(_reason(report)),
        policy="repair" if _is_to_be_repaired(report) else "report",
        repaired=report.repaired,
        resources=[entity.within_bounds() for entity in report.resources],
        error=report.error,
        detected_at=services.clock.now(),
    )
    event = OutboundEvent(detail=detail)
    # Here and not by repeating the step: after a repair, another look would find nothing to tell of.
    patiently(lambda: services.publisher.publish(event), services.clock)


def _reason(report: DriftReport) -> str:
    what = ", ".join(f"{one.kind} {one.drift}" for one in report.resources)
    if report.error is not None:
        return f"{report.delivery_id} is not as applied ({what}), and could not be repaired: {report.error.message}"
    return f"{report.delivery_id} {'was' if report.repaired else 'is'} not as applied: {what}."
