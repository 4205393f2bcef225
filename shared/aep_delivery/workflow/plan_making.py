"""Asks Adobe for what a config names, and makes the plan: the same for a delivery and for a look at drift."""

from __future__ import annotations

from datetime import datetime

from aep_delivery.adobe.audiences import resolve_audiences
from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.data_prep import DataPrep
from aep_delivery.adobe.datasets import exportable_datasets, resolve_datasets
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.preflight import preflight
from aep_delivery.config.destinations import AssumedRoleAuth, CloudFiles, ExistingConnectionAuth
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.audiences import ResolvedAudience
from aep_delivery.planning.declared import DatasetToExport
from aep_delivery.planning.declaring.connections import auth_spec_name
from aep_delivery.planning.declaring.targets import target_mode
from aep_delivery.planning.make import make_plan
from aep_delivery.planning.plan import Plan
from aep_delivery.workflow.destination_access import DestinationAccess
from aep_delivery.workflow.services import Services


def plan_of(
    config: DeliveryConfig,
    services: Services,
    *,
    flow_spec_id: str | None,
    credential_version: str | None,
    now: datetime,
) -> Plan:
    """The plan of a config.

    Args:
        config: What is wanted.
        services: The collaborators.
        flow_spec_id: Of the dataflow, where the catalogue has only its name.
        credential_version: As :func:`make_plan` takes it.
        now: By Adobe's clock.

    Raises:
        UserError: ``dataset.not-exportable`` and the like, ``audience.not-found`` and the like, or as
            :func:`make_plan`.
    """
    adobe = services.adobe(config.sandbox)
    if config.exports_audiences:
        datasets = []
        found = resolve_audiences(adobe, config.audiences)
        audiences = [ResolvedAudience(id=audience.id, name=audience.name) for audience in found]
    else:
        resolved = resolve_datasets(exportable_datasets(adobe), config.datasets)
        datasets = [DatasetToExport(id=dataset.id, name=dataset.name) for dataset in resolved]
        audiences = []
    return make_plan(
        config,
        owner=services.settings.owner,
        flow_service=services.flow_service(config.sandbox),
        store=services.store,
        datasets=datasets,
        audiences=audiences,
        flow_spec_id=flow_spec_id,
        mapping_sets=DataPrep(adobe) if uses_mapping_sets(config) else None,
        credential_version=credential_version,
        now=now,
    )


def checked_flow_spec(config: DeliveryConfig, flow_service: FlowService) -> str | None:
    """See that Adobe's destination is what the catalogue says, before anything relies on it.

    Returns:
        The id of the flow specification, where the catalogue has only its name.

    Raises:
        InternalError: ``catalogue.moved``.
    """
    row = load_catalogue().destination(config.destination.type)
    checked = preflight(
        row,
        flow_service,
        exports="audiences" if config.exports_audiences else "datasets",
        mode=target_mode(config, row),
        auth_name=auth_spec_name(config, row),
    )
    return checked.flow_spec_id if names_its_flow_spec(config) else None


def names_its_flow_spec(config: DeliveryConfig) -> bool:
    """Whether the catalogue has the flow specification's name alone."""
    row = load_catalogue().destination(config.destination.type)
    return config.exports_audiences and row.flow_specs.audiences.id is None


def uses_mapping_sets(config: DeliveryConfig) -> bool:
    """Whether the attributes are in a mapping set: those of audiences at destinations of the current generation."""
    return config.exports_audiences and isinstance(config.destination, CloudFiles)


def credential_version(config: DeliveryConfig, access: DestinationAccess | None) -> str | None:
    """What stands for the credentials that Adobe is given: the secret's version, or the role it assumes."""
    auth = config.destination.auth
    if isinstance(auth, AssumedRoleAuth):
        return auth.s3_role
    return None if access is None or isinstance(auth, ExistingConnectionAuth) else access.version
