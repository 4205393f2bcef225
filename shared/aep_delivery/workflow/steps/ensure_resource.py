"""Makes sure of exactly one of each of the four resources: what the ``ensure_*`` steps do, each for its kind."""

from __future__ import annotations

from typing import Any

from aep_delivery.applying.ensure import ResourceKeeper
from aep_delivery.applying.gateway import ResourceGateway
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.declared import Declaration, DeclaredResource
from aep_delivery.planning.plan import Plan
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.records import ResourceKind
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
    access = services.destination(work.config)
    kind = ResourceKind.BASE_CONNECTION
    declared = work.declaration.base_connection()
    resource = work.ensure(kind, declared, auth=access.auth(), credential_version=access.version)
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
    for kind in (ResourceKind.TARGET_CONNECTION, ResourceKind.SOURCE_CONNECTION, ResourceKind.BASE_CONNECTION):
        work.keeper(kind).remove_superseded()
    return resource


class _Work:
    """One step's config, plan and keeper."""

    def __init__(self, message: EnsureResource, services: Services) -> None:
        self._message = message
        self._services = services
        self.config: DeliveryConfig = read_config(services.documents, message.delivery).delivery()
        self._plan = read_document(services.documents, message.plan.plan, Plan)
        self.declaration = Declaration(
            self.config, owner=self._plan.owner, datasets=self._plan.datasets, schedule=self._plan.schedule
        )

    def keeper(self, kind: ResourceKind, auth: dict[str, Any] | None = None) -> ResourceKeeper:
        message, services = self._message, self._services
        flow_service = services.flow_service(self.config.sandbox)
        return ResourceKeeper(
            gateway=ResourceGateway(kind, flow_service, services.clock, auth=auth),
            store=services.store,
            fence=services.fence(message.delivery.delivery_id, message.execution, message.lock.token),
            marker=self.declaration.marker(kind),
            clock=services.clock,
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
