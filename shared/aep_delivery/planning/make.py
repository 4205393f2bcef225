"""Makes a plan. Nothing here writes to Adobe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.activation_traps import activation_traps
from aep_delivery.planning.audience_schedule import live_schedules, schedule_warnings
from aep_delivery.planning.audiences import ResolvedAudience, audiences_to_export
from aep_delivery.planning.columns import MappingSets
from aep_delivery.planning.decide import decide
from aep_delivery.planning.declared import DatasetToExport, Declaration, DeclaredResource
from aep_delivery.planning.foreign import adopted_dataflow, connections_of, used_base_connection
from aep_delivery.planning.guardrails import refuse_shared_schedule_change
from aep_delivery.planning.live import LiveResources, find_live
from aep_delivery.planning.open_schedules import with_full_schedules
from aep_delivery.planning.plan import LeftAlone, Plan, PlannedActivation, PlannedResource
from aep_delivery.planning.plan_activation import activated, plan_activation
from aep_delivery.planning.profile_store import plan_profile_store
from aep_delivery.planning.schedule import resolve_schedule
from aep_delivery.planning.transformation import Transformation
from aep_delivery.planning.traps import MAX_DESTINATIONS, counts_as_new_destination, destination_traps, plan_traps
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
    datasets: Sequence[DatasetToExport] = (),
    audiences: Sequence[ResolvedAudience] = (),
    flow_spec_id: str | None = None,
    mapping_sets: MappingSets | None = None,
    credential_version: str | None,
    now: datetime,
) -> Plan:
    """Compare a config with the journal and with Adobe.

    Args:
        config: What is wanted.
        owner: The installation.
        flow_service: Adobe, in the config's sandbox.
        store: For the journal and its serial.
        datasets: The config's datasets as Adobe lists them; none where it exports audiences.
        audiences: The config's audiences as Adobe lists them, in its order; none where it exports datasets.
        flow_spec_id: Of the dataflow, where the catalogue has only its name.
        mapping_sets: Data Prep, to read what is mapped; needed for audiences of the current generation.
        credential_version: The version of the destination's secret, or the role that Adobe is to assume; None leaves
            the credentials out of the comparison.
        now: By Adobe's clock.

    Raises:
        UserError: The config cannot be followed: its schedule has passed, a marker was removed, a permission lacks.
        InternalError: ``ownership.ambiguous``.
        TransientError: Adobe or the store asks to come back.
    """
    serial = store.read_serial(config.delivery_id)
    journal = store.read_journal(config.delivery_id)
    found: list[tuple[ResourceKind, LiveResources]] = []

    def look(declared: DeclaredResource) -> PlannedResource:
        entry = journal.get(declared.kind)
        live = find_live(flow_service, declared, declaration.marker(declared.kind), entry)
        found.append((declared.kind, live))
        version = credential_version if declared.kind is ResourceKind.BASE_CONNECTION else None
        return decide(declared, live, entry, version)

    def declare(adopts: dict[ResourceKind, str]) -> Declaration:
        return Declaration(
            config, owner=owner, datasets=datasets, schedule=schedule, adopts=adopts, flow_spec_id=flow_spec_id
        )

    # The dataflow comes first: what the config leaves open of the schedule stays as it is there.
    adopts = adopted_dataflow(config)
    schedule: dict[str, Any] = {}
    declaration = declare(adopts)
    marker = declaration.marker(ResourceKind.DATAFLOW)
    flow = find_live(flow_service, declaration.dataflow(None, None), marker, journal.get(ResourceKind.DATAFLOW))
    if not config.exports_audiences:
        live_schedule = flow.current.body.get("scheduleParams") if flow.current else None
        schedule = resolve_schedule(config.dataset_schedule, live_schedule, now, place="scheduleParams")
    if adopts and flow.current is not None and not marker.marks(flow.current.body.get("description")):
        # Of one that has been taken over already, a connection that is not there any more is made anew.
        adopts = {**adopts, **connections_of(flow.current)}
    declaration = declare(adopts)
    base = used_base_connection(config, flow_service) or look(declaration.base_connection())
    resources = [base]
    if declaration.needs_profile_store:
        source_id = adopts.get(ResourceKind.SOURCE_CONNECTION)
        live_store, profile_store = plan_profile_store(declaration, flow_service, journal, source_id)
        found.append((ResourceKind.PROFILE_STORE_CONNECTION, live_store))
        source = look(declaration.source_connection(profile_store.id))
        resources.append(profile_store)
    else:
        source = look(declaration.source_connection())
    target = look(declaration.target_connection(base.id))
    dataflow = decide(declaration.dataflow(source.id, target.id), flow, journal.get(ResourceKind.DATAFLOW))
    found.append((ResourceKind.DATAFLOW, flow))
    refuse_shared_schedule_change(config, dataflow, datasets)
    scheduled = config
    if config.exports_audiences:
        there = Transformation.of(flow.current.body if flow.current else {}, first_generation=False)
        scheduled = with_full_schedules(config, audiences, live_schedules(there.audiences), now)
    exported = audiences_to_export(scheduled, audiences)
    activation: PlannedActivation | None = None
    if config.exports_audiences:
        activation = plan_activation(
            scheduled,
            exported,
            dataflow=flow.current,
            ours=activated(journal, flow.current.id) if flow.current else (),
            mapping_sets=mapping_sets,
            now=now,
        ).planned
    destinations = _destinations(flow_service, base)
    if activation is None:
        warnings = [*plan_warnings(config, schedule, dataflow, now), *plan_traps(config, dataflow, source)]
    else:
        warnings = [*schedule_warnings(scheduled, exported, now), *activation_traps(scheduled, exported, activation)]
    return Plan(
        config_fingerprint=config.fingerprint,
        delivery_id=config.delivery_id,
        owner=owner,
        serial=serial,
        datasets=[*datasets],
        schedule=schedule,
        audiences=exported,
        flow_spec_id=flow_spec_id,
        resources=[*resources, source, target, dataflow],
        activation=activation,
        left_alone=[
            LeftAlone(kind=kind, id=other.id, name=str(other.body.get("name")))
            for kind, live in found
            for other in live.lookalikes
        ],
        warnings=[*warnings, *destination_traps(config, destinations)],
    )


def _destinations(flow_service: FlowService, base: PlannedResource) -> int | None:
    """How many destinations the sandbox has, where one is to be added.

    Raises:
        UserError: ``sandbox.full``.
    """
    if not counts_as_new_destination(base):
        return None
    profile_store = load_catalogue().profile_store.connection_spec.id
    count = sum(
        one.connection_spec is None or one.connection_spec.id != profile_store
        for one in flow_service.find_connections()
    )
    if count >= MAX_DESTINATIONS:
        raise UserError(
            f"The sandbox has {count} destinations, and Adobe allows {MAX_DESTINATIONS}.",
            code="sandbox.full",
            place="sandbox",
            hint="Remove a delivery that is not needed, or use an existing base connection: auth.type "
            "existing-connection.",
        )
    return count
