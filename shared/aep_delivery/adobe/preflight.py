"""Compares the catalogue with Adobe's own, before anything is created with it.

Ids, names and parameters of destinations are Adobe's to change, and its documentation disagrees with itself about some
of them. Sources: Adobe: Flow Service API reference, connection specs, flow specs; Export datasets by using the Flow
Service API (``attributes._workflow``); Connect to batch destinations and activate audiences by API.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, JsonValue

from aep_delivery.adobe.answers import JsonObject
from aep_delivery.adobe.catalogue import DestinationRow, Exports, FlowSpec
from aep_delivery.adobe.errors import EntityNotFoundError
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.models import Specification
from aep_delivery.runtime.errors import InternalError

_DATASETS = "DATASETS"
_WORKFLOW = "flowSpec.attributes._workflow"


class CheckedSpecs(BaseModel):
    """The specifications to use for a delivery."""

    model_config = ConfigDict(frozen=True)

    connection_spec_id: str
    flow_spec_id: str


def preflight(
    row: DestinationRow, flow_service: FlowService, *, exports: Exports, mode: str, auth_name: str | None = None
) -> CheckedSpecs:
    """See that Adobe's specifications of a destination are what the catalogue says.

    Args:
        row: The destination.
        flow_service: Adobe, in the delivery's sandbox.
        exports: What the delivery exports.
        mode: Adobe's ``mode`` of its target.
        auth_name: Adobe's name of its authentication; None where it sends none.

    Returns:
        The ids; that of a flow specification known by name alone has been looked up.

    Raises:
        InternalError: ``catalogue.moved``, with a line for each difference.
    """
    flow_spec_id, flow = _flow_specification(row, flow_service, exports)
    lines = [
        *_flow_findings(flow, flow_spec_id, exports),
        *_connection_findings(row, flow_service, exports, mode, auth_name),
    ]
    if lines or flow_spec_id is None:
        raise InternalError(
            f"Adobe's {row.title} is no longer what the destination catalogue says.",
            code="catalogue.moved",
            place="destination.type",
            details=lines,
            hint="Nothing was created. The catalogue has to be updated, or this credential does not see all of Adobe's"
            " specifications.",
        )
    return CheckedSpecs(connection_spec_id=row.connection_spec_id, flow_spec_id=flow_spec_id)


def _flow_specification(
    row: DestinationRow, flow_service: FlowService, exports: Exports
) -> tuple[str | None, Specification | str]:
    """The flow specification and its id, or what is in the way."""
    if exports == "datasets":
        return _by_id(flow_service, row.dataset_flow_spec_id)
    known: FlowSpec = row.flow_specs.audiences
    if known.id is not None:
        return _by_id(flow_service, known.id)
    named = list(flow_service.find_flow_specs(str(known.name)))
    if len(named) == 1:
        return named[0].id, named[0]
    return None, f"flow specifications of the name {known.name}: {len(named)}, where there should be one"


def _by_id(flow_service: FlowService, spec_id: str) -> tuple[str, Specification | str]:
    try:
        return spec_id, flow_service.flow_spec(spec_id)
    except EntityNotFoundError:
        return spec_id, f"flow specification {spec_id}: Adobe knows none"


def _flow_findings(flow: Specification | str, spec_id: str | None, exports: Exports) -> Iterator[str]:
    if isinstance(flow, str):
        yield flow
        return
    workflow = (flow.attributes or {}).get("_workflow") or []
    for_datasets = _DATASETS in workflow if isinstance(workflow, list | str) else False
    if for_datasets != (exports == "datasets"):
        said = "datasets" if for_datasets else "audiences"
        yield f"flow specification {spec_id} ({flow.name}): is for {said}, not for {exports}"


def _connection_findings(
    row: DestinationRow, flow_service: FlowService, exports: Exports, mode: str, auth_name: str | None
) -> Iterator[str]:
    try:
        spec = flow_service.connection_spec(row.connection_spec_id)
    except EntityNotFoundError:
        yield f"connection specification {row.connection_spec_id}: Adobe knows none"
        return
    if auth_name is not None:
        yield from _auth_findings(row, spec, auth_name)
    target = _at(spec.model_extra, "targetSpec", "spec")
    ours = {param.name: param.required for param in row.target_params_for(mode, exports)}
    yield from _differences(target, ours, f"target of {row.title}", exports)
    modes = _at(target, "properties", "mode").get("enum")
    if isinstance(modes, list) and mode not in modes:
        yield f"target of {row.title}: has no mode {mode} (there are: {', '.join(map(str, modes))})"


def _auth_findings(row: DestinationRow, spec: Specification, auth_name: str) -> Iterator[str]:
    listed = (spec.model_extra or {}).get("authSpec")
    there = {str(one.get("name")): one for one in listed if isinstance(one, dict)} if isinstance(listed, list) else {}
    if auth_name not in there:
        names = ", ".join(there) or "none"
        yield f"authentication {auth_name!r}: Adobe does not offer it (there are: {names})"
        return
    ours = {param.name: param.required for param in row.auth_spec(auth_name).params if not param.reading}
    yield from _differences(_at(there[auth_name], "spec"), ours, f"authentication {auth_name!r}", None)


def _differences(schema: JsonObject, ours: dict[str, bool], where: str, exports: Exports | None) -> Iterator[str]:
    """What one side requires and the other does not know. ``mode`` is in no specification of Adobe's samples."""
    properties, required = _at(schema, "properties"), schema.get("required")
    for name in required if isinstance(required, list) else []:
        if name not in ours and _applies(_at(properties, str(name)), exports):
            yield f"{where}: Adobe requires {name}, which the catalogue does not have"
    for name, needed in ours.items():
        if needed and properties and name not in properties and name != "mode":
            yield f"{where}: Adobe no longer has {name}"


def _applies(member: JsonObject, exports: Exports | None) -> bool:
    """Whether a conditional parameter is one for such an export."""
    condition = _at(member, "conditional")
    if condition.get("field") != _WORKFLOW or condition.get("value") != _DATASETS:
        return True
    return (condition.get("operator") == "CONTAINS") == (exports == "datasets")


def _at(value: JsonValue, *names: str) -> JsonObject:
    """What lies below these names; empty where nothing does."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
