"""From a dataflow that somebody made to the config that describes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.errors import EntityNotFoundError
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.models import Dataflow, SourceConnection, TargetConnection
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.ownership import read_marker
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
    """The delivery's, unique among those found together; the config file is called after it."""
    config: dict[str, Any]
    """As it is written into the file."""


class NotAdoptable(BaseModel):
    """A dataflow that is left alone."""

    model_config = ConfigDict(frozen=True)

    flow_id: str
    flow_name: str
    reason: str


def find_adoptable(
    flow_service: FlowService, sandbox: str, *, matching: str = ""
) -> Iterator[Adoptable | NotAdoptable]:
    """Every dataset dataflow of a sandbox, as a config or with the reason why not. Changes nothing.

    Args:
        flow_service: Adobe, in this sandbox.
        sandbox: Its name.
        matching: Only dataflows whose name contains this, in any case.
    """
    taken: set[str] = set()
    flows = flow_service.find_dataflows(flow_spec_id=load_catalogue().destination(_DESTINATION).flow_specs.datasets.id)
    for flow in sorted(flows, key=lambda flow: (flow.name or "", flow.id)):
        if matching.lower() in (flow.name or "").lower():
            yield _describe(flow_service, sandbox, flow, taken)


def _describe(flow_service: FlowService, sandbox: str, flow: Dataflow, taken: set[str]) -> Adoptable | NotAdoptable:
    def refuse(reason: str) -> NotAdoptable:
        return NotAdoptable(flow_id=flow.id, flow_name=flow.name or "", reason=reason)

    if marker := read_marker(flow.description):
        return refuse(f"is managed already, as {marker.delivery_id} by {marker.owner}")
    if len(flow.source_connection_ids) != 1 or len(flow.target_connection_ids) != 1:
        return refuse("has not exactly one source and one target connection")
    try:
        source = flow_service.get_source_connection(flow.source_connection_ids[0])
        target = flow_service.get_target_connection(flow.target_connection_ids[0])
    except EntityNotFoundError as error:
        return refuse(f"refers to a connection that is not there: {error.place}")
    config = _config(sandbox, _unique(flow.name or "dataflow", taken), flow, source, target)
    try:
        DeliveryConfig.from_document(config)
    except DeliveryError as error:
        return refuse(f"has settings that a config cannot hold: {', '.join(error.details)}")
    taken.add(config["name"])
    return Adoptable(flow_id=flow.id, flow_name=flow.name or "", name=config["name"], config=config)


def _config(
    sandbox: str, name: str, flow: Dataflow, source: SourceConnection, target: TargetConnection
) -> dict[str, Any]:
    params: dict[str, Any] = dict(target.params or {})
    datasets: Any = (source.params or {}).get("datasets") or []
    names = {"sourceConnection": source.name, "targetConnection": target.name, "dataflow": flow.name}
    return {
        "version": 1,
        "name": name,
        "sandbox": sandbox,
        "adopt": {"dataflow": flow.id},
        "names": {kind: text for kind, text in names.items() if text},
        "destination": {
            "type": _DESTINATION,
            # Adobe shows no credentials, and other dataflows may use the same base connection.
            "auth": {"type": "existing-connection", "baseConnectionId": target.base_connection_id},
            "bucketName": params.get("bucketName"),
            "path": str(params.get("path", "")).rstrip("/"),
            "datasetFileType": params.get("datasetFileType"),
            "compression": params.get("compression"),
            **({"includeFileManifest": True} if params.get("includeFileManifest") else {}),
            **(
                {"allowUncompressedJson": True}
                if (params.get("datasetFileType"), params.get("compression")) == ("JSON", "NONE")
                else {}
            ),
        },
        "datasets": [{"id": dataset.get("dataSetId")} for dataset in datasets],
        "scheduleParams": _schedule(dict(flow.schedule_params or {})),
    }


def _schedule(live: dict[str, Any]) -> dict[str, Any]:
    # Without a mode Adobe exports incrementally after a first full export, as the first edition of its tutorial says.
    schedule: dict[str, Any] = {
        "exportMode": live.get("exportMode", "FIRST_FULL_THEN_INCREMENTAL"),
        "interval": live.get("interval"),
        "timeUnit": live.get("timeUnit"),
    }
    for field in ("startTime", "endTime"):
        if isinstance(moment := live.get(field), int):
            schedule[field] = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if live.get("foldernameTemplate"):
        schedule["foldernameTemplate"] = live["foldernameTemplate"]
    return schedule


def _unique(name: str, taken: set[str]) -> str:
    stem = _NOT_IN_NAME.sub("-", name.lower()).strip("-")[:_LONGEST_NAME].strip("-")
    if not stem[:1].isalpha():
        stem = f"dataflow-{stem}".strip("-")[:_LONGEST_NAME]
    candidate, number = stem, 2
    while candidate in taken:
        candidate, number = f"{stem[: _LONGEST_NAME - 4]}-{number}", number + 1
    return candidate
