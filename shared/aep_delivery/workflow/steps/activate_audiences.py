"""Puts the audiences and attributes of the config on the dataflow, as planned."""

from __future__ import annotations

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.data_prep import DataPrep
from aep_delivery.applying.activate import Activator
from aep_delivery.applying.gateway import ResourceGateway
from aep_delivery.applying.mapping_sets import MappingSetKeeper
from aep_delivery.planning.activation import wanted_activation
from aep_delivery.planning.plan import PlannedActivation
from aep_delivery.runtime.errors import InternalError
from aep_delivery.state.records import ResourceKind
from aep_delivery.workflow.messages import ActivateAudiences, ActivatedAudiences
from aep_delivery.workflow.plan_making import uses_mapping_sets
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.work import Work


def activate_audiences(message: ActivateAudiences, services: Services) -> ActivatedAudiences:
    """Exactly the planned audiences and attributes on the dataflow, seen to be there; then it counts as applied.

    Raises:
        UserError: ``plan.stale``, ``attribute.unknown``, or Adobe refuses the change.
        InternalError: ``adobe.operation-failed``; Adobe took the change, but could not carry it out.
        TransientError: ``activation.unconfirmed``, or Adobe or the store asks to come back.
    """
    work = Work(message, services)
    outcome = _activator(work, services).activate(
        message.resource_id(ResourceKind.DATAFLOW),
        wanted_activation(work.config, work.plan.audiences),
        _planned(work),
    )
    work.record_applied(message.resources)
    return ActivatedAudiences(audiences=len(work.plan.audiences), **outcome.model_dump())


def _planned(work: Work) -> PlannedActivation:
    if work.plan.activation is None:
        raise InternalError("The plan of a delivery of audiences has no activation.", code="apply.no-activation")
    return work.plan.activation


def _activator(work: Work, services: Services) -> Activator:
    config, store = work.config, services.store
    data_prep = DataPrep(services.adobe(config.sandbox)) if uses_mapping_sets(config) else None
    keeper = None
    if data_prep is not None:
        row = load_catalogue().destination(config.destination.type)
        keeper = MappingSetKeeper(
            data_prep=data_prep,
            connection_spec_id=row.connection_spec.id,
            name=config.delivery_id,
            store=store,
            fence=work.fence,
        )
    gateway = ResourceGateway(ResourceKind.DATAFLOW, services.flow_service(config.sandbox), services.clock)
    return Activator(gateway=gateway, mapping_sets=data_prep, keeper=keeper, store=store, fence=work.fence)
