"""From dataflows that somebody made to the configs that describe them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from aep_delivery.adobe.catalogue import DestinationRow, load_catalogue
from aep_delivery.adobe.errors import EntityNotFoundError
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.models import Connection, Dataflow, SourceConnection, TargetConnection
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.columns import MappingSets, live_columns
from aep_delivery.planning.described import (
    CannotDescribeError,
    described_audiences,
    described_datasets,
    described_destination,
)
from aep_delivery.planning.ownership import read_marker
from aep_delivery.planning.schedule import resolve_schedule
from aep_delivery.planning.transformation import Transformation
from aep_delivery.runtime.errors import DeliveryError

_NOT_IN_NAME = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 60


class Adoptable(BaseModel):
    """A dataflow that a config can describe."""

    model_config = ConfigDict(frozen=True)

    flow_id: str
    flow_name: str
    name: str
    """The delivery's, unique in the sandbox; the config file is called after it."""
    config: dict[str, Any]
    """As it is written into the file. A plan for it changes nothing."""


class NotAdoptable(BaseModel):
    """A dataflow that is left alone."""

    model_config = ConfigDict(frozen=True)

    flow_id: str
    flow_name: str
    reason: str
    """Completes "the dataflow ...": ``is disabled``."""


def find_adoptable(
    flow_service: FlowService, sandbox: str, *, mapping_sets: MappingSets | None = None, matching: str = ""
) -> Iterator[Adoptable | NotAdoptable]:
    """Every dataflow of a sandbox to a destination of the catalogue, as a config or with the reason why not.

    Changes nothing.

    Args:
        flow_service: Adobe, in this sandbox.
        sandbox: Its name.
        mapping_sets: Data Prep, in this sandbox: it holds the attributes of audiences of the current generation.
        matching: Only dataflows whose name contains this, in any case. A delivery's name does not depend on it.
    """
    flows = sorted(flow_service.find_dataflows(), key=lambda flow: (flow.name or "", flow.id))
    markers = [marker for flow in flows if (marker := read_marker(flow.description))]
    # Whoever took the name of a delivery that is there already would change that one.
    taken = {marker.delivery_id.removeprefix(f"{sandbox}/") for marker in markers}
    for flow in flows:
        if not _is_of_the_catalogue(flow):
            continue
        marked = read_marker(flow.description) is not None
        name = "" if marked else _unique(flow.name or "", taken)
        taken.add(name)
        if matching.lower() not in (flow.name or "").lower():
            continue
        try:
            config = _describe(flow_service, flow, flows, mapping_sets=mapping_sets, sandbox=sandbox, name=name)
        except CannotDescribeError as refusal:
            yield NotAdoptable(flow_id=flow.id, flow_name=flow.name or "", reason=str(refusal))
        else:
            yield Adoptable(flow_id=flow.id, flow_name=flow.name or "", name=name, config=config)


def _is_of_the_catalogue(flow: Dataflow) -> bool:
    rows = load_catalogue().destinations
    specs = {row.flow_specs.audiences.id for row in rows}
    specs |= {row.flow_specs.datasets.id for row in rows if row.flow_specs.datasets is not None}
    if flow.flow_spec_id in specs - {None}:
        return True
    # Of some only the name of the flow specification is known: their target tells.
    inherited = (flow.model_extra or {}).get("inheritedAttributes")
    targets = inherited.get("targetConnections") if isinstance(inherited, dict) else None
    unnamed = {row.connection_spec.id for row in rows if row.flow_specs.audiences.id is None}
    return any(
        isinstance(target, dict) and (target.get("connectionSpec") or {}).get("id") in unnamed
        for target in (targets if isinstance(targets, list) else [])
    )


def _describe(
    flow_service: FlowService,
    flow: Dataflow,
    flows: list[Dataflow],
    *,
    mapping_sets: MappingSets | None,
    sandbox: str,
    name: str,
) -> dict[str, Any]:
    if marker := read_marker(flow.description):
        raise CannotDescribeError(f"is managed already, as {marker.delivery_id} by {marker.owner}")
    if (flow.state or "enabled") != "enabled":
        raise CannotDescribeError(f"is {flow.state}; applying a config would enable it")
    source, target, base = _connections(flow_service, flow, flows)
    row = _row(flow, target, base)
    exports_datasets = row.flow_specs.datasets is not None and flow.flow_spec_id == row.flow_specs.datasets.id
    live = Transformation.of(flow.model_dump(mode="json", by_alias=True), first_generation=row.generation == "first")
    exported = (
        described_datasets(flow, source)
        if exports_datasets
        else described_audiences(live, live_columns(live, mapping_sets))
    )
    config = {
        "version": 1,
        "name": name,
        "sandbox": sandbox,
        "adopt": {"dataflow": flow.id},
        "names": {"sourceConnection": source.name, "targetConnection": target.name, "dataflow": flow.name},
        "destination": described_destination(name, row, base, target),
        **exported,
    }
    parsed = _parse(config)
    if not parsed.exports_audiences:
        config["scheduleParams"] |= _checked_times(parsed, flow, flow_service)
    return config


def _checked_times(parsed: DeliveryConfig, flow: Dataflow, flow_service: FlowService) -> dict[str, str]:
    """Start and end as people write them, once it is certain that the schedule may be sent again."""
    schedule = parsed.dataset_schedule
    try:
        resolve_schedule(schedule, dict(flow.schedule_params or {}), flow_service.server_time(), place="scheduleParams")
    except DeliveryError as error:
        raise CannotDescribeError(f"has settings that a config cannot hold: {error.message}") from None
    times = {"startTime": schedule.start_time, "endTime": schedule.end_time}
    return {field: f"{moment:%Y-%m-%dT%H:%M:%SZ}" for field, moment in times.items() if moment is not None}


def _row(flow: Dataflow, target: TargetConnection, base: Connection) -> DestinationRow:
    """The destination of a dataflow: as its target's specification says, or else its base connection's or its own."""
    catalogue = load_catalogue()
    for spec in (target.connection_spec, base.connection_spec):
        if spec is not None and (row := catalogue.by_connection_spec(spec.id)) is not None:
            return row
    fitting = [
        row
        for row in catalogue.destinations
        if flow.flow_spec_id in (row.flow_specs.audiences.id, row.flow_specs.datasets and row.flow_specs.datasets.id)
    ]
    if len(fitting) != 1:
        raise CannotDescribeError("leads to a destination that is not in the catalogue")
    return fitting[0]


def _connections(
    flow_service: FlowService, flow: Dataflow, flows: list[Dataflow]
) -> tuple[SourceConnection, TargetConnection, Connection]:
    """What would be taken over with a dataflow: only what is there, and nobody else's."""
    if len(flow.source_connection_ids) != 1 or len(flow.target_connection_ids) != 1:
        raise CannotDescribeError("has not exactly one source and one target connection")
    try:
        source = flow_service.get_source_connection(flow.source_connection_ids[0])
        target = flow_service.get_target_connection(flow.target_connection_ids[0])
        if target.base_connection_id is None:
            raise CannotDescribeError("has a target connection without a base connection")
        base = flow_service.get_connection(target.base_connection_id)
    except EntityNotFoundError as error:
        raise CannotDescribeError(f"refers to a connection that is not there: {error.place}") from None
    for kind, connection in {"source": source, "target": target}.items():
        if marker := read_marker(connection.description):
            raise CannotDescribeError(
                f"has a {kind} connection that is managed already, as {marker.delivery_id} by {marker.owner}"
            )
        if not connection.name:
            raise CannotDescribeError(f"has a {kind} connection without a name")
        for other in flows:
            if other.id != flow.id and connection.id in {*other.source_connection_ids, *other.target_connection_ids}:
                raise CannotDescribeError(f"shares its {kind} connection with the dataflow {other.id}")
    return source, target, base


def _parse(config: dict[str, Any]) -> DeliveryConfig:
    try:
        return DeliveryConfig.model_validate(config)
    except ValidationError as error:
        destination = config["destination"]["type"]
        said = ", ".join(dict.fromkeys(line for found in error.errors() for line in _findings(found, destination)))
        raise CannotDescribeError(f"has settings that a config cannot hold: {said}") from None


def _findings(found: ErrorDetails, destination: str) -> Iterator[str]:
    """The fields that an error is about, or what it says where it is about several."""
    # Pydantic puts the kind of the destination among the names of the fields.
    place = [str(part) for part in found["loc"] if part not in (destination, "existing-connection")]
    violations = found.get("ctx", {}).get("violations", ())
    if not violations:
        yield ".".join(place)
    for violation in violations:
        yield ".".join([*place, *map(str, violation.field)]) or violation.message


def _unique(name: str, taken: set[str]) -> str:
    stem = _NOT_IN_NAME.sub("-", name.lower()).strip("-")[:_LONGEST_NAME].strip("-")
    if len(stem) < 2 or not stem[0].isalpha():
        stem = f"dataflow-{stem}".strip("-")[:_LONGEST_NAME].strip("-")
    candidate, number = stem, 2
    while candidate in taken:
        candidate, number = f"{stem[: _LONGEST_NAME - 4].strip('-')}-{number}", number + 1
    return candidate
