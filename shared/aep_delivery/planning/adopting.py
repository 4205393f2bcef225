"""From dataflows that somebody made to the configs that describe them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.errors import EntityNotFoundError
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.models import Dataflow, SourceConnection, TargetConnection
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.ownership import read_marker
from aep_delivery.planning.schedule import resolve_schedule
from aep_delivery.runtime.errors import DeliveryError

_DESTINATION = "amazon-s3"
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


class _RefusedError(Exception):
    """Why a dataflow is left alone."""


def find_adoptable(
    flow_service: FlowService, sandbox: str, *, matching: str = ""
) -> Iterator[Adoptable | NotAdoptable]:
    """Every dataset dataflow of a sandbox, as a config or with the reason why not. Changes nothing.

    Args:
        flow_service: Adobe, in this sandbox.
        sandbox: Its name.
        matching: Only dataflows whose name contains this, in any case. A delivery's name does not depend on it.
    """
    spec = load_catalogue().destination(_DESTINATION).flow_specs.datasets.id
    flows = sorted(flow_service.find_dataflows(), key=lambda flow: (flow.name or "", flow.id))
    markers = [marker for flow in flows if (marker := read_marker(flow.description))]
    # Whoever took the name of a delivery that is there already would change that one.
    taken = {marker.delivery_id.removeprefix(f"{sandbox}/") for marker in markers}
    for flow in flows:
        if flow.flow_spec_id != spec:
            continue
        marked = read_marker(flow.description) is not None
        name = "" if marked else _unique(flow.name or "", taken)
        taken.add(name)
        if matching.lower() not in (flow.name or "").lower():
            continue
        try:
            config = _describe(flow_service, sandbox, name, flow, flows)
        except _RefusedError as refusal:
            yield NotAdoptable(flow_id=flow.id, flow_name=flow.name or "", reason=str(refusal))
        else:
            yield Adoptable(flow_id=flow.id, flow_name=flow.name or "", name=name, config=config)


def _describe(
    flow_service: FlowService, sandbox: str, name: str, flow: Dataflow, flows: list[Dataflow]
) -> dict[str, Any]:
    if marker := read_marker(flow.description):
        raise _RefusedError(f"is managed already, as {marker.delivery_id} by {marker.owner}")
    if (flow.state or "enabled") != "enabled":
        raise _RefusedError(f"is {flow.state}; applying a config would enable it")
    source, target = _connections(flow_service, flow, flows)
    config = _config(sandbox, name, flow, source, target)
    try:
        parsed = DeliveryConfig.from_document(config)
        schedule = parsed.schedule_params
        resolve_schedule(schedule, dict(flow.schedule_params or {}), flow_service.server_time(), place="scheduleParams")
    except DeliveryError as error:
        said = ", ".join(error.details) or error.message
        raise _RefusedError(f"has settings that a config cannot hold: {said}") from None
    for field, moment in {"startTime": schedule.start_time, "endTime": schedule.end_time}.items():
        if moment is not None:
            config["scheduleParams"][field] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return config


def _connections(
    flow_service: FlowService, flow: Dataflow, flows: list[Dataflow]
) -> tuple[SourceConnection, TargetConnection]:
    """What would be taken over with a dataflow: only what is there, and nobody else's."""
    if len(flow.source_connection_ids) != 1 or len(flow.target_connection_ids) != 1:
        raise _RefusedError("has not exactly one source and one target connection")
    try:
        source = flow_service.get_source_connection(flow.source_connection_ids[0])
        target = flow_service.get_target_connection(flow.target_connection_ids[0])
        if target.base_connection_id is None:
            raise _RefusedError("has a target connection without a base connection")
        flow_service.get_connection(target.base_connection_id)
    except EntityNotFoundError as error:
        raise _RefusedError(f"refers to a connection that is not there: {error.place}") from None
    for kind, connection in {"source": source, "target": target}.items():
        if marker := read_marker(connection.description):
            raise _RefusedError(
                f"has a {kind} connection that is managed already, as {marker.delivery_id} by {marker.owner}"
            )
        if not connection.name:
            raise _RefusedError(f"has a {kind} connection without a name")
        for other in flows:
            if other.id != flow.id and connection.id in {*other.source_connection_ids, *other.target_connection_ids}:
                raise _RefusedError(f"shares its {kind} connection with the dataflow {other.id}")
    return source, target


def _config(
    sandbox: str, name: str, flow: Dataflow, source: SourceConnection, target: TargetConnection
) -> dict[str, Any]:
    params: dict[str, Any] = dict(target.params or {})
    datasets: Any = (source.params or {}).get("datasets") or []
    uncompressed = (params.get("datasetFileType"), params.get("compression")) == ("JSON", "NONE")
    return {
        "version": 1,
        "name": name,
        "sandbox": sandbox,
        "adopt": {"dataflow": flow.id},
        "names": {"sourceConnection": source.name, "targetConnection": target.name, "dataflow": flow.name},
        "destination": {
            "type": _DESTINATION,
            # Adobe shows no credentials, and other dataflows may use the same base connection.
            "auth": {"type": "existing-connection", "baseConnectionId": target.base_connection_id},
            "bucketName": params.get("bucketName"),
            "path": str(params.get("path", "")).rstrip("/"),
            "datasetFileType": params.get("datasetFileType"),
            "compression": params.get("compression"),
            **({"includeFileManifest": manifest} if (manifest := params.get("includeFileManifest")) else {}),
            **({"allowUncompressedJson": True} if uncompressed else {}),
        },
        "datasets": [{"id": dataset.get("dataSetId")} for dataset in datasets],
        "scheduleParams": _schedule(dict(flow.schedule_params or {})),
    }


def _schedule(live: dict[str, Any]) -> dict[str, Any]:
    fields = ("interval", "timeUnit", "startTime", "endTime", "foldernameTemplate")
    # Without a mode Adobe exports incrementally after a first full export, as the first edition of its tutorial says.
    mode = live.get("exportMode") or "FIRST_FULL_THEN_INCREMENTAL"
    return {"exportMode": mode, **{field: live[field] for field in fields if live.get(field) is not None}}


def _unique(name: str, taken: set[str]) -> str:
    stem = _NOT_IN_NAME.sub("-", name.lower()).strip("-")[:_LONGEST_NAME].strip("-")
    if len(stem) < 2 or not stem[0].isalpha():
        stem = f"dataflow-{stem}".strip("-")[:_LONGEST_NAME].strip("-")
    candidate, number = stem, 2
    while candidate in taken:
        candidate, number = f"{stem[: _LONGEST_NAME - 4].strip('-')}-{number}", number + 1
    return candidate
