"""Compares the config with Adobe and keeps the plan. Nothing is written to Adobe."""

from __future__ import annotations

from itertools import islice

from aep_delivery.adobe.data_prep import DataPrep
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.plan import Plan
from aep_delivery.planning.text import plan_text
from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.runtime.log import logger
from aep_delivery.workflow.announcing import Announcer
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.destination_storage import Place
from aep_delivery.workflow.documents import folder_of, write_document
from aep_delivery.workflow.messages import PlanChanges, PlanRef
from aep_delivery.workflow.plan_making import checked_flow_spec, credential_version, plan_of, uses_mapping_sets
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.superseded import refuse_superseded


def plan_changes(message: PlanChanges, services: Services) -> PlanRef:
    """Make the plan and keep it.

    Raises:
        UserError: ``config.superseded``, or whatever would stop the delivery later and can be known now: an unknown
            dataset, audience or attribute, a secret that is missing or refused at the destination, a schedule in the
            past, a missing permission.
        InternalError: ``catalogue.moved``; the destination is no longer what the catalogue says.
    """
    document = read_config(services.documents, message.delivery)
    if document.dropped is not None:
        refuse_superseded(document.dropped)
    try:
        plan = _plan(document.delivery(), services)
    except DeliveryError as error:
        document.locate(error)
        raise
    folder = folder_of(message.delivery.delivery_id, message.execution)
    logger.info("planned", extra={"plan": plan_text(plan).splitlines()})
    key = write_document(services.documents, f"{folder}/plan.json", plan)
    Announcer(message.execution, plan.delivery_id, services).planned(plan, key)
    return PlanRef(
        plan=key,
        changes=plan.changes,
        warnings=len(plan.warnings),
        audiences=len(plan.audiences),
    )


def _plan(config: DeliveryConfig, services: Services) -> Plan:
    access = services.destination(config)
    # The destination first: a wrong credential is found before anything is made in Adobe.
    for _ in islice(services.reader(config).list_objects(_folder(config)), 1):
        break
    flow_service = services.flow_service(config.sandbox)
    flow_spec_id = checked_flow_spec(config, flow_service)
    if uses_mapping_sets(config):
        sources = [attribute.source for attribute in config.audience_activation.attributes]
        DataPrep(services.adobe(config.sandbox)).check_sources(sources)
    return plan_of(
        config,
        services,
        flow_spec_id=flow_spec_id,
        credential_version=credential_version(config, access),
        now=flow_service.server_time(),
    )


def _folder(config: DeliveryConfig) -> str:
    """The folder that files are exported below, as a prefix of keys. A macro is known only once there is a file."""
    folder, macro, _ = Place.of(config).folder.partition("%")
    return folder if macro or not folder else f"{folder}/"
