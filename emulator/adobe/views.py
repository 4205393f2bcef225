"""Entities as Adobe's answers show them: with what the service adds, without credentials."""

from __future__ import annotations

import copy
from typing import Any

from emulator.adobe.clock import epoch_millis
from emulator.adobe.entities import Entity, Operation, Sandbox
from emulator.adobe.http import Json
from emulator.adobe.specs import Specs

MASK = "********"


def view(entity: Entity, sandbox: Sandbox, specs: Specs) -> Json:
    """The entity as GET answers it."""
    body: Json = {
        "id": entity.id,
        "createdAt": epoch_millis(entity.created_at),
        "updatedAt": epoch_millis(entity.updated_at),
        "createdBy": entity.created_by,
        "updatedBy": entity.updated_by,
        "createdClient": "exc_app",
        "updatedClient": "acp_foundation_connectors" if entity.updated_by != entity.created_by else "exc_app",
        "sandboxId": sandbox.id,
        "sandboxName": sandbox.name,
        "imsOrgId": sandbox.org,
        **copy.deepcopy(entity.document),
        "version": entity.etag,
        "etag": entity.etag,
    }
    body["state"] = entity.state
    if entity.kind == "targetConnections" and "data" in entity.document:
        # The tutorials send json and a schema here, whatever is exported; stored objects show this.
        body["data"] = {"format": "CSV", "schema": None}
    if "auth" in entity.document:
        body["auth"] = masked_auth(entity, specs)
    if entity.kind == "flows":
        body |= _flow_extras(entity, sandbox)
    return body


def masked_auth(entity: Entity, specs: Specs) -> Json:
    """Credentials as shown: secrets masked, key ids cut short, the day they were authorised added."""
    auth = entity.document["auth"]
    hidden = specs.secret_params(entity.document["connectionSpec"]["id"], auth["specName"])
    params: dict[str, Any] = {"authorizedDate": entity.created_at.date().isoformat()}
    for name, value in auth.get("params", {}).items():
        if name in hidden:
            params[name] = MASK
        else:
            params[name] = value[:4] + MASK if name.lower().endswith("key") and isinstance(value, str) else value
    return {"specName": auth["specName"], "params": params}


def _flow_extras(flow: Entity, sandbox: Sandbox) -> Json:
    extras: Json = {
        "inheritedAttributes": {
            "properties": {"isDestinationFlow": True},
            "sourceConnections": _connections(sandbox, "sourceConnections", flow.document["sourceConnectionIds"]),
            "targetConnections": _connections(sandbox, "targetConnections", flow.document["targetConnectionIds"]),
        },
        "runs": f"/runs?property=flowId=={flow.id}",
    }
    if flow.operation is not None:
        extras["lastOperation"] = operation_view(flow.operation)
    runs = [run for run in sandbox.runs.values() if run.flow_id == flow.id]
    if runs:
        extras["lastRunDetails"] = runs[-1].brief()
    return extras


def operation_view(operation: Operation) -> Json:
    value = "inProgress" if operation.running else "failed" if operation.errors else "completed"
    return {
        "started": epoch_millis(operation.started),
        "updated": epoch_millis(operation.updated),
        "percentCompleted": operation.percent,
        "status": {"value": value, "errors": [] if operation.running else list(operation.errors)},
        "operation": operation.name,
    }


def _connections(sandbox: Sandbox, kind: str, ids: list[str]) -> list[Json]:
    found = []
    for connection_id in ids:
        connection = sandbox.entities[kind].get(connection_id)
        if connection is None:
            continue
        item: Json = {"id": connection.id, "connectionSpec": copy.deepcopy(connection.document["connectionSpec"])}
        base = sandbox.entities["connections"].get(connection.document.get("baseConnectionId", ""))
        if base is not None:
            item["baseConnection"] = {"id": base.id, "connectionSpec": copy.deepcopy(base.document["connectionSpec"])}
        found.append(item)
    return found
