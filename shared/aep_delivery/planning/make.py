"""Makes a plan. Nothing here writes to Adobe."""

from __future__ import annotations

from datetime import datetime

from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.decide import decide
from aep_delivery.planning.declared import DatasetToExport, Declaration, DeclaredResource
from aep_delivery.planning.foreign import adopted_dataflow, connections_of, used_base_connection
from aep_delivery.planning.guardrails import refuse_shared_schedule_change
from aep_delivery.planning.live import LiveResources, find_live
from aep_delivery.planning.plan import LeftAlone, Plan, PlannedResource
from aep_delivery.planning.schedule import resolve_schedule
from aep_delivery.planning.traps import MAX_DESTINATIONS, counts_as_new_destination, plan_traps
from aep_delivery.planning.warnings import plan_warnings
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.records import ResourceKind
from aep_delivery.state.store import StateStore


def make_plan(
    config: DeliveryConfig,
    *,
    owner: str,
    flow_service: FlowService,
    store: StateStore,
    datasets: list[DatasetToExport],
    credential_version: str | None,
    now: datetime,
) -> Plan:
    """Compare a config with the journal and with Adobe.

    Args:
        config: What is wanted.
        owner: The installation.
        flow_service: Adobe, in the config's sandbox.
        store: For the journal and its serial.
        datasets: The config's datasets as Adobe lists them.
        credential_version: The version of the destination's secret; None leaves the credentials out of the comparison.
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
    adopts = adopted_dataflow(config)
    declaration = Declaration(config, owner=owner, datasets=datasets, schedule={}, adopts=adopts)
    flow = find_live(
        flow_service,
        declaration.dataflow(None, None),
        declaration.marker(ResourceKind.DATAFLOW),
        journal.get(ResourceKind.DATAFLOW),
    )
    live_schedule = flow.current.body.get("scheduleParams") if flow.current else None
    schedule = resolve_schedule(config.schedule_params, live_schedule, now, place="scheduleParams")
    marker = declaration.marker(ResourceKind.DATAFLOW)
    if adopts and flow.current is not None and not marker.marks(flow.current.body.get("description")):
        # Of one that has been taken over already, a connection that is not there any more is made anew.
        adopts = {**adopts, **connections_of(flow.current)}
    declaration = Declaration(config, owner=owner, datasets=datasets, schedule=schedule, adopts=adopts)
    existing = used_base_connection(config, flow_service)
    base_live, base = (LiveResources(current=None), existing) if existing else look(declaration.base_connection())
    source_live, source = look(declaration.source_connection())
    target_live, target = look(declaration.target_connection(base.id))
    dataflow = decide(declaration.dataflow(source.id, target.id), flow, journal.get(ResourceKind.DATAFLOW))
    refuse_shared_schedule_change(config, dataflow, datasets)
    return Plan(
        config_fingerprint=config.fingerprint,
        delivery_id=config.delivery_id,
        owner=owner,
        serial=serial,
        datasets=datasets,
        schedule=schedule,
        resources=[base, source, target, dataflow],
        left_alone=[
            LeftAlone(kind=kind, id=other.id, name=str(other.body.get("name")))
            for kind, live in (
                (ResourceKind.BASE_CONNECTION, base_live),
                (ResourceKind.SOURCE_CONNECTION, source_live),
                (ResourceKind.TARGET_CONNECTION, target_live),
                (ResourceKind.DATAFLOW, flow),
            )
            for other in live.lookalikes
        ],
        warnings=[
            *plan_warnings(config, schedule, dataflow, now),
            *plan_traps(config, dataflow, source, _destinations(flow_service, base)),
        ],
    )


def _destinations(flow_service: FlowService, base: PlannedResource) -> int | None:
    """How many destinations the sandbox has, where one is to be added.

    Raises:
        UserError: ``sandbox.full``.
    """
    if not counts_as_new_destination(base):
        return None
    count = sum(1 for _ in flow_service.find_connections())
    if count >= MAX_DESTINATIONS:
        raise UserError(
            f"The sandbox has {count} destinations, and Adobe allows {MAX_DESTINATIONS}.",
            code="sandbox.full",
            place="sandbox",
            hint="Remove a delivery that is not needed, or use an existing base connection: auth.type "
            "existing-connection.",
        )
    return count
