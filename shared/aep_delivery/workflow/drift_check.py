"""Compares one delivery in Adobe with what was last applied of it, and takes back what is not as applied."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from aep_delivery.config.audience_schedule import AudienceSchedule
from aep_delivery.config.changes import Allowance
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.events.base import EventError
from aep_delivery.events.details import DriftedEntity
from aep_delivery.planning.drift import drift_in
from aep_delivery.planning.plan import Plan
from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.state.lock import LockHeldError
from aep_delivery.state.records import ActivationKind, Applied, ResourceKind
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.documents import folder_of, read_document, write_document
from aep_delivery.workflow.drift_messages import DriftReport
from aep_delivery.workflow.in_process import apply_plan, locked
from aep_delivery.workflow.messages import DeliveryName, DeliveryRef, LockRef, PlanRef
from aep_delivery.workflow.plan_making import credential_version, names_its_flow_spec, plan_of
from aep_delivery.workflow.services import Services

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""A moment at which no schedule had begun or ended: what was applied once is compared without looking at the clock."""


def check_drift(
    delivery_id: str, execution: str, services: Services, repair_if: Callable[[DriftReport], bool]
) -> DriftReport:
    """Look at one delivery under its lock, so that nobody's work in progress is taken for drift.

    Args:
        delivery_id: ``sandbox/name``.
        execution: Who looks; holder of the lock, and part of the key of a repair's plan.
        services: The collaborators.
        repair_if: Gets a report with drift, and says whether what was applied is to be restored.

    Returns:
        What was found and done. A repair that did not come to its end is told in it, not raised: what was found is to
        be told in any case.

    Raises:
        UserError: The delivery cannot be compared: ``dataset.not-exportable`` (a dataset of the config is not there any
            more), ``ownership.marker-removed``, a missing permission.
        InternalError: ``ownership.ambiguous``; the documents of what was applied are damaged.
        TransientError: Adobe or the store asks to come back.
    """
    try:
        with locked(execution, DeliveryName(delivery_id=delivery_id), services) as lock:
            return _Check(delivery_id, execution, lock, services).run(repair_if)
    except LockHeldError as error:
        return DriftReport(delivery_id=delivery_id, skipped=str(error))


class _Check:
    """One look, while the lock is held."""

    def __init__(self, delivery_id: str, execution: str, lock: LockRef, services: Services) -> None:
        self._delivery_id = delivery_id
        self._execution = execution
        self._lock = lock
        self._services = services

    def run(self, repair_if: Callable[[DriftReport], bool]) -> DriftReport:
        applied = self._services.store.applied(self._delivery_id)
        if applied is None:
            return self._skipped("Nothing of it was applied yet, or it was removed.")
        if self._is_half_applied(applied):
            return self._skipped("A later apply has not come to its end: apply the config again.")
        delivery = DeliveryRef(delivery_id=self._delivery_id, config=applied.config_key)
        document = read_config(self._services.documents, delivery)
        config = document.delivery()
        try:
            plan = self._plan(config, applied, None, LONG_AGO)
        except DeliveryError as error:
            document.locate(error)
            raise
        found = tuple(DriftedEntity.model_validate(one.model_dump(mode="json")) for one in drift_in(plan))
        report = DriftReport(delivery_id=self._delivery_id, policy=config.drift, resources=found)
        if not found or not repair_if(report):
            return report
        try:
            self._restore(config, applied, delivery, plan)
        except DeliveryError as error:
            document.locate(error)
            self._stay_applied(applied)
            return report.model_copy(update={"error": EventError.of(error.document())})
        return report.model_copy(update={"repaired": True})

    def _skipped(self, why: str) -> DriftReport:
        return DriftReport(delivery_id=self._delivery_id, skipped=why)

    def _is_half_applied(self, applied: Applied) -> bool:
        """Whether we ourselves have changed Adobe since, on the way to another config.

        What this very lock has written is a repair of ours that was cut off.
        """
        journal = self._services.store.read_journal(self._delivery_id)
        keys = (*ResourceKind, ActivationKind.ACTIVATION)
        written = [one for key in keys if (entry := journal.get(key)) for one in (entry.done, entry.intent)]
        return any(
            one.written_at > applied.applied_at and one.fencing_token != self._lock.token for one in written if one
        )

    def _plan(self, config: DeliveryConfig, applied: Applied, version: str | None, now: datetime) -> Plan:
        """The plan that leads back to what was applied."""
        services = self._services
        # To restore a schedule is no change of mind, and what was adopted is ours by now.
        allow = tuple(dict.fromkeys((*config.allow, Allowance.SCHEDULE_CHANGE)))
        restoring = config.model_copy(update={"allow": allow, "adopt": None})
        spec_id = None
        if config.exports_audiences:
            planned = read_document(services.documents, applied.plan_key, Plan)
            restoring = _with_applied_schedules(restoring, planned)
            spec_id = planned.flow_spec_id if names_its_flow_spec(config) else None
        plan = plan_of(restoring, services, flow_spec_id=spec_id, credential_version=version, now=now)
        return plan.model_copy(update={"config_fingerprint": config.fingerprint})

    def _restore(self, config: DeliveryConfig, applied: Applied, delivery: DeliveryRef, found: Plan) -> None:
        services = self._services
        access = services.destination(config)
        # A new dataflow begins by Adobe's clock; one that is there gets its times back, however long they have passed,
        # and so do audiences, which have been exported since then.
        creates = found.resource(ResourceKind.DATAFLOW).id is None and not config.exports_audiences
        now = services.flow_service(config.sandbox).server_time() if creates else LONG_AGO
        plan = self._plan(config, applied, credential_version(config, access), now)
        key = write_document(services.documents, f"{folder_of(self._delivery_id, self._execution)}/plan.json", plan)
        reference = PlanRef(plan=key, changes=plan.changes, warnings=len(plan.warnings), audiences=len(plan.audiences))
        apply_plan(self._execution, delivery, reference, self._lock, services)

    def _stay_applied(self, applied: Applied) -> None:
        """After half a repair: what was applied is still what is wanted, and the next look must not take what the
        repair has written for half of somebody's apply.
        """
        fence = self._services.fence(self._delivery_id, self._execution, self._lock.token)
        still = applied.model_copy(update={"applied_at": self._services.clock.now()})
        self._services.store.record_applied(fence, still)


def _with_applied_schedules(config: DeliveryConfig, planned: Plan) -> DeliveryConfig:
    """What a config leaves open of its audiences' schedules was settled when it was applied, and is so again."""
    audiences = [
        audience.model_copy(update={"schedule": AudienceSchedule.model_validate(exported.schedule)})
        for audience, exported in zip(config.audiences, planned.audiences, strict=True)
    ]
    return config.model_copy(update={"audiences": tuple(audiences)})
