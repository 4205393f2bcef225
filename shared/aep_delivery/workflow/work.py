"""What the steps that apply a plan share: config, plan, and the declared resources."""

from __future__ import annotations

from aep_delivery.applying.staleness import refuse_other_config
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.declared import Declaration
from aep_delivery.planning.plan import Plan
from aep_delivery.state.lock import Fence
from aep_delivery.state.records import Applied
from aep_delivery.workflow.announcing import Announcer
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.documents import read_document
from aep_delivery.workflow.messages import EnsuredResource, EnsureResource
from aep_delivery.workflow.services import Services


class Work:
    """One step's config and plan, read from the work bucket.

    Args:
        message: What the step was told.
        services: The collaborators.

    Raises:
        UserError: ``plan.stale``; the plan was made from another config.
        InternalError: A document is missing or damaged.
    """

    def __init__(self, message: EnsureResource, services: Services) -> None:
        self._message = message
        self._services = services
        self.config: DeliveryConfig = read_config(services.documents, message.delivery).delivery()
        self.plan = read_document(services.documents, message.plan.plan, Plan)
        refuse_other_config(self.plan, self.config)
        self.declaration = Declaration(
            self.config,
            owner=self.plan.owner,
            datasets=self.plan.datasets,
            schedule=self.plan.schedule,
            adopts={r.kind: r.id for r in self.plan.resources if r.takes_ownership and r.id is not None},
            flow_spec_id=self.plan.flow_spec_id,
        )

    @property
    def fence(self) -> Fence:
        """What this execution shows to be let into the journal."""
        message = self._message
        return self._services.fence(message.delivery.delivery_id, message.execution, message.lock.token)

    def record_applied(self, resources: list[EnsuredResource]) -> None:
        """Remember what was applied, against which drift is measured, and tell of it.

        Args:
            resources: All that were ensured.
        """
        message = self._message
        applied = Applied(
            config_key=message.delivery.config,
            plan_key=message.plan.plan,
            execution=message.execution,
            config_fingerprint=self.config.fingerprint,
            applied_at=self._services.clock.now(),
        )
        self._services.store.record_applied(self.fence, applied)
        announcer = Announcer(message.execution, self.plan.delivery_id, self._services)
        announcer.applied(self.plan, message.plan.plan, resources)
