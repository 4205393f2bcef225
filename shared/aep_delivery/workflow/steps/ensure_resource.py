"""Makes sure of exactly one of each resource: what the ``ensure_*`` steps do, each for its kind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aep_delivery.applying.ensure import ResourceKeeper
from aep_delivery.applying.gateway import ResourceGateway
from aep_delivery.planning.declared import DeclaredResource
from aep_delivery.planning.plan import PlannedAction
from aep_delivery.runtime.errors import InternalError, UserError
from aep_delivery.state.records import ResourceKind
from aep_delivery.workflow.messages import EnsuredResource, EnsureResource
from aep_delivery.workflow.plan_making import credential_version
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.work import Work

_HINT = (
    "Check that the credentials are valid and may list and write the place; then put the right ones into the secret "
    "and drop the config again."
)
_HINTS = {
    "amazon-s3": "Check that the key is active and may list and write the bucket; then put the right one into the "
    "secret and drop the config again.",
    "data-landing-zone": "A landing zone needs no credentials of yours: ask Adobe whether the sandbox has one.",
}


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
            hint=_HINTS.get(work.config.destination.type, _HINT),
        )
    return resource


def ensure_source_connection(message: EnsureResource, services: Services) -> EnsuredResource:
    """Exactly one source connection for exactly these datasets, or for the profile store and what it hangs on."""
    work = _Work(message, services)
    return work.ensure(work.declaration.source_connection(work.profile_store_connection_id()))


def ensure_target_connection(message: EnsureResource, services: Services) -> EnsuredResource:
    """Exactly one target connection on the base connection."""
    work = _Work(message, services)
    base_connection_id = message.resource_id(ResourceKind.BASE_CONNECTION)
    return work.ensure(work.declaration.target_connection(base_connection_id))


def ensure_dataflow(message: EnsureResource, services: Services) -> EnsuredResource:
    """Exactly one dataflow between the two; then what it no longer refers to is removed."""
    work = _Work(message, services)
    declared = work.declaration.dataflow(
        message.resource_id(ResourceKind.SOURCE_CONNECTION), message.resource_id(ResourceKind.TARGET_CONNECTION)
    )
    resource = work.ensure(declared)
    for kind in reversed(ResourceKind):
        work.keeper(kind).remove_superseded()
    if not work.config.exports_audiences:
        # A dataflow of audiences is not as declared before they are on it.
        work.record_applied([*message.resources, resource])
    return resource


class _Work(Work):
    """One step's config, plan and keepers."""

    def __init__(self, message: EnsureResource, services: Services) -> None:
        super().__init__(message, services)
        self._services = services

    def base_connection(self) -> EnsuredResource:
        if (used := self._used(ResourceKind.BASE_CONNECTION)) is not None:
            return used
        access = self._services.destination(self.config)
        needed = self.declaration.needs_credentials
        if access is None and needed:
            raise InternalError("A base connection is planned without a secret.", code="apply.no-credentials")
        return self.ensure(
            self.declaration.base_connection(),
            auth=access.auth() if access is not None and needed else None,
            credential_version=credential_version(self.config, access) if needed else None,
        )

    def profile_store_connection_id(self) -> str | None:
        """The id of the second base connection, which only the first generation has."""
        if not self.declaration.needs_profile_store:
            return None
        used = self._used(ResourceKind.PROFILE_STORE_CONNECTION)
        return (used or self.ensure(self.declaration.profile_store_connection())).id

    def keeper(self, kind: ResourceKind, auth: dict[str, Any] | None = None) -> ResourceKeeper:
        services = self._services
        flow_service = services.flow_service(self.config.sandbox)
        return ResourceKeeper(
            gateway=ResourceGateway(kind, flow_service, services.clock, auth=auth),
            store=services.store,
            fence=self.fence,
            marker=self.declaration.marker(kind),
            clock=services.clock,
            settling=timedelta(seconds=services.settings.settling_seconds),
        )

    def ensure(
        self,
        declared: DeclaredResource,
        *,
        auth: dict[str, Any] | None = None,
        credential_version: str | None = None,
    ) -> EnsuredResource:
        planned = self.plan.resource(declared.kind)
        live, action = self.keeper(declared.kind, auth).ensure(declared, planned, credential_version)
        return EnsuredResource(kind=declared.kind, id=live.id, action=action)

    def _used(self, kind: ResourceKind) -> EnsuredResource | None:
        """Somebody else's entity that is used as it is, where the plan says so."""
        planned = self.plan.resource(kind)
        if planned.action is not PlannedAction.USE or planned.id is None:
            return None
        return EnsuredResource(kind=kind, id=planned.id, action=planned.action)
