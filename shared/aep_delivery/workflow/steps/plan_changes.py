"""Compares the config with Adobe and keeps the plan. Nothing is written to Adobe."""

from __future__ import annotations

from itertools import islice

from aep_delivery.adobe.datasets import exportable_datasets, resolve_datasets
from aep_delivery.config.destinations import ExistingConnectionAuth
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.declared import DatasetToExport
from aep_delivery.planning.make import make_plan
from aep_delivery.planning.plan import Plan
from aep_delivery.planning.text import plan_text
from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.runtime.log import logger
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.documents import folder_of, write_document
from aep_delivery.workflow.messages import PlanChanges, PlanRef
from aep_delivery.workflow.services import Services


def plan_changes(message: PlanChanges, services: Services) -> PlanRef:
    """Make the plan and keep it.

    Raises:
        UserError: Whatever would stop the delivery later and can be known now: an unknown dataset, a secret that is
            missing or refused at the destination, a schedule in the past, a missing permission.
    """
    document = read_config(services.documents, message.delivery)
    try:
        plan = _plan(document.delivery(), services)
    except DeliveryError as error:
        document.locate(error)
        raise
    folder = folder_of(message.delivery.delivery_id, message.execution)
    logger.info("planned", extra={"plan": plan_text(plan).splitlines()})
    return PlanRef(
        plan=write_document(services.documents, f"{folder}/plan.json", plan),
        changes=plan.changes,
        warnings=len(plan.warnings),
    )


def _plan(config: DeliveryConfig, services: Services) -> Plan:
    access = services.destination(config)
    existing = isinstance(config.destination.auth, ExistingConnectionAuth)
    credential_version = None if access is None or existing else access.version
    # The destination first: a wrong credential is found before anything is made in Adobe.
    for _ in islice(services.reader(config).list_objects(f"{config.destination.path}/"), 1):
        break
    adobe = services.adobe(config.sandbox)
    datasets = resolve_datasets(exportable_datasets(adobe), config.datasets)
    flow_service = services.flow_service(config.sandbox)
    return make_plan(
        config,
        owner=services.settings.owner,
        flow_service=flow_service,
        store=services.store,
        datasets=[DatasetToExport(id=dataset.id, name=dataset.name) for dataset in datasets],
        credential_version=credential_version,
        now=flow_service.server_time(),
    )
