# ruff: noqa: T201 - a command
"""The steps of the ``deliver`` workflow, one after another in this process: ``... ours_in_process CONFIG``.

What AWS would do between them, it does itself: it waits between two looks at the run, and tries again what nobody is to
blame for. State, documents and secrets are those of the installed stack.

Exit code: 0 where the files are whole, 3 where they are not, 1 where the delivery failed.
"""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path

from aep_delivery.cli import connection
from aep_delivery.cli.config_file import read_config
from aep_delivery.cli.local import execution_name
from aep_delivery.events.inbound import DeliveryRequest
from aep_delivery.events.outbound import NoBus
from aep_delivery.runtime.clock import SystemClock
from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.workflow.documents import folder_of, write_document
from aep_delivery.workflow.in_process import apply_plan, locked, patiently
from aep_delivery.workflow.messages import (
    CheckRun,
    DeliveryRef,
    PlanChanges,
    Recorded,
    RecordOutcome,
    StartRun,
    VerifyDelivery,
)
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.steps.check_run import check_run
from aep_delivery.workflow.steps.plan_changes import plan_changes
from aep_delivery.workflow.steps.record_outcome import record_outcome
from aep_delivery.workflow.steps.start_run import start_run
from aep_delivery.workflow.steps.verify_delivery import verify_delivery


class FastClock(SystemClock):
    """Waits are as much shorter as Adobe's clock runs faster here; the time of day is what it is."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / self._speed)


def deliver(file: Path, services: Services) -> Recorded:
    """All steps of one delivery.

    Raises:
        DeliveryError: As the workflow would end.
    """
    execution = execution_name()
    document = read_config(file)
    delivery_id = document.delivery().delivery_id
    key = f"{folder_of(delivery_id, execution)}/config.json"
    delivery = DeliveryRef(delivery_id=delivery_id, config=write_document(services.documents, key, document))
    with locked(execution, delivery, services) as lock:
        planning = PlanChanges(execution=execution, delivery=delivery)
        plan = patiently(partial(plan_changes, planning, services), services.clock)
        resources = apply_plan(execution, delivery, plan, lock, services)
        starting = StartRun(execution=execution, delivery=delivery, lock=lock, plan=plan, resources=resources)
        run = patiently(partial(start_run, starting, services), services.clock)
    outcome, polls = None, 0
    while outcome is None:
        looking = CheckRun(execution=execution, delivery=delivery, run=run, polls=polls)
        progress = patiently(partial(check_run, looking, services), services.clock)
        outcome, polls = progress.outcome, polls + 1
        services.clock.sleep(progress.wait_seconds)
    verifying = VerifyDelivery(execution=execution, delivery=delivery, plan=plan, outcome=outcome)
    verified = patiently(partial(verify_delivery, verifying, services), services.clock)
    assert verified.report is not None, "so few files are judged at once"
    recording = RecordOutcome(
        execution=execution,
        request=DeliveryRequest(bucket="", key=file.name, trigger="cli", requested_at=services.clock.now()),
        delivery=delivery,
        plan=plan,
        resources=resources,
        outcome=outcome,
        report=verified.report,
        timeline=[],
    )
    return patiently(partial(record_outcome, recording, services), services.clock)


def main() -> int:
    """Deliver the config that is named."""
    installed = connection.connect("aep-delivery")
    services = Services(installed.settings, FastClock(float(os.environ["ADOBE_SPEED"])))
    services.keep_manners_here()
    services.publisher = NoBus()
    try:
        recorded = deliver(Path(sys.argv[1]), services)
    except DeliveryError as error:
        print(f"{error.code}: {error}")
        return 1
    print(f"{recorded.verdict}: {recorded.summary}")
    return 0 if recorded.good else 3


if __name__ == "__main__":
    sys.exit(main())
