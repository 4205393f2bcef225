"""Makes sure of exactly one of each of the four resources: what the ``ensure_*`` steps do, each for its kind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aep_delivery.applying.ensure import ResourceKeeper
from aep_delivery.applying.gateway import ResourceGateway
from aep_delivery.applying.staleness import refuse_other_config
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.declared import Declaration, DeclaredResource
from aep_delivery.planning.plan import Plan, PlannedAction
from aep_delivery.runtime.errors import InternalError, UserError
from aep_delivery.state.records import Applied, ResourceKind
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.documents import read_document
from aep_delivery.workflow.messages import EnsuredResource, EnsureResource
from aep_delivery.workflow.services import Services


def ensure_base_connection(message: EnsureResource, services: Services) -> EnsuredResource:
    """Exactly one base connection, and Adobe gets in with it.

    Raises:
        UserError: ``destination.connection-refused``; Adobe's own test of the connection failed.
    """
    work = _Work(message, services)
    resource = work.base_connection()
    if not services.flow_service(work.config.sandbox).test_connection(resource.id):
        raise UserError(
            "Adobe cannot get into the destination with these credentials.",
            code="destination.connection-refused",
            place="destination.auth.secret",
            hint="Check that the key is active and may list and write the bucket; then put the right one into the "
            "secret and drop the config again.",
        )
    return resource


def ensure_source_connection(message: EnsureResource, services: Services) -> EnsuredResource:
    """Exactly one source connection for exactly these datasets."""
    work = _Work(message, services)
    return work.ensure(ResourceKind.SOURCE_CONNECTION, work.declaration.source_connection())


def ensure_target_connection(message: EnsureResource, services: Services) -> EnsuredResource:
    """Exactly one target connection on the base connection."""
    work = _Work(message, services)
    base_connection_id = message.resource_id(ResourceKind.BASE_CONNECTION)
    return work.ensure(ResourceKind.TARGET_CONNECTION, work.declaration.target_connection(base_connection_id))


def ensure_dataflow(message: EnsureResource, services: Services) -> EnsuredResource:
    """Exactly one dataflow between the two; then what it no longer refers to is removed."""
    work = _Work(message, services)
    declared = work.declaration.dataflow(
        message.resource_id(ResourceKind.SOURCE_CONNECTION), message.resource_id(ResourceKind.TARGET_CONNECTION)
    )
    resource = work.ensure(ResourceKind.DATAFLOW, declared)
    for kind in reversed(ResourceKind):
        work.keeper(kind).remove_superseded()
    work.record_applied()
    return resource


class _Work:
    """One step's config, plan and keeper."""

    def __init__(self, message: EnsureResource, services: Services) -> None:
        self._message = message
        self._services = services
        self.config: DeliveryConfig = read_config(services.documents, message.delivery).delivery()
        self._plan = read_document(services.documents, message.plan.plan, Plan)
        refuse_other_config(self._plan, self.config)
        self.declaration = Declaration(
            self.config,
            owner=self._plan.owner,
            datasets=self._plan.datasets,
            schedule=self._plan.schedule,
            adopts={r.kind: r.id for r in self._plan.resources if r.takes_ownership and r.id is not None},
        )

    def base_connection(self) -> EnsuredResource:
        kind = ResourceKind.BASE_CONNECTION
        planned = self._plan.resource(kind)
        if planned.action is PlannedAction.USE and planned.id is not None:
            return EnsuredResource(kind=kind, id=planned.id, action=planned.action)
        access = self._services.destination(self.config)
        if access is None:
            raise InternalError("A base connection is planned without a secret.", code="apply.no-credentials")
        declared = self.declaration.base_connection()
        return self.ensure(kind, declared, auth=access.auth(), credential_version=access.version)

    def record_applied(self) -> None:
        """Remember what was applied: drift is measured against it."""
        message = self._message
        applied = Applied(
            config_key=message.delivery.config,
            plan_key=message.plan.plan,
            execution=message.execution,
            config_fingerprint=self.config.fingerprint,
            applied_at=self._services.clock.now(),
        )
        fence = self._services.fence(message.delivery.delivery_id, message.execution, message.lock.token)
        self._services.store.record_applied(fence, applied)

    def keeper(self, kind: ResourceKind, auth: dict[str, Any] | None = None) -> ResourceKeeper:
        message, services = self._message, self._services
        flow_service = services.flow_service(self.config.sandbox)
        return ResourceKeeper(
            gateway=ResourceGateway(kind, flow_service, services.clock, auth=auth),
            store=services.store,
            fence=services.fence(message.delivery.delivery_id, message.execution, message.lock.token),
            marker=self.declaration.marker(kind),
            clock=services.clock,
            settling=timedelta(seconds=services.settings.settling_seconds),
        )

    def ensure(
        self,
        kind: ResourceKind,
        declared: DeclaredResource,
        *,
        auth: dict[str, Any] | None = None,
        credential_version: str | None = None,
    ) -> EnsuredResource:
        planned = self._plan.resource(kind)
        live, action = self.keeper(kind, auth).ensure(declared, planned, credential_version)
        return EnsuredResource(kind=kind, id=live.id, action=action)
