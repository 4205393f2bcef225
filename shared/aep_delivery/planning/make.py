"""Makes a plan. Nothing here writes to Adobe."""

from __future__ import annotations

from datetime import datetime

from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.decide import decide
from aep_delivery.planning.declared import DatasetToExport, Declaration, DeclaredResource
from aep_delivery.planning.live import LiveResources, find_live
from aep_delivery.planning.plan import Plan, PlannedResource
from aep_delivery.planning.schedule import resolve_schedule
from aep_delivery.planning.warnings import plan_warnings
from aep_delivery.state.records import ResourceKind
from aep_delivery.state.store import StateStore


def make_plan(
    config: DeliveryConfig,
    *,
    owner: str,
    flow_service: FlowService,
    store: StateStore,
    datasets: list[DatasetToExport],
    credential_version: str,
    now: datetime,
) -> Plan:
    """Compare a config with the journal and with Adobe.

    Args:
        config: What is wanted.
        owner: The installation.
        flow_service: Adobe, in the config's sandbox.
        store: For the journal and its serial.
        datasets: The config's datasets as Adobe lists them.
        credential_version: The version of the destination's secret.
        now: By Adobe's clock.

    Raises:
        UserError: The config cannot be followed: its schedule has passed, a marker was removed, a permission lacks.
        InternalError: ``ownership.ambiguous``.
        TransientError: Adobe or the store asks to come back.
    """
    serial = store.read_serial(config.delivery_id)
    journal = store.read_journal(config.delivery_id)

    def look(declared: DeclaredResource) -> tuple[LiveResources, PlannedResource]:
        entry = journal.get(declared.kind)
        live = find_live(flow_service, declared, declaration.marker(declared.kind), entry)
        version = credential_version if declared.kind is ResourceKind.BASE_CONNECTION else None
        return live, decide(declared, live, entry, version)

    # The dataflow comes first: what the config leaves open of the schedule stays as it is there.
    declaration = Declaration(config, owner=owner, datasets=datasets, schedule={})
    flow = find_live(
        flow_service,
        declaration.dataflow(None, None),
        declaration.marker(ResourceKind.DATAFLOW),
        journal.get(ResourceKind.DATAFLOW),
    )
    schedule = resolve_schedule(
        config.schedule_params,
        flow.current.body.get("scheduleParams") if flow.current else None,
        now,
        place="scheduleParams",
    )
    declaration = Declaration(config, owner=owner, datasets=datasets, schedule=schedule)
    _, base = look(declaration.base_connection())
    _, source = look(declaration.source_connection())
    _, target = look(declaration.target_connection(base.id))
    dataflow = decide(declaration.dataflow(source.id, target.id), flow, journal.get(ResourceKind.DATAFLOW))
    return Plan(
        delivery_id=config.delivery_id,
        owner=owner,
        serial=serial,
        datasets=sorted(datasets, key=lambda dataset: dataset.id),
        schedule=schedule,
        resources=[base, source, target, dataflow],
        warnings=list(plan_warnings(config, schedule, dataflow, now)),
    )
