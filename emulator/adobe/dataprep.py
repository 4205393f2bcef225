"""Data Prep as far as destinations use it: schemas and mapping sets.

Adobe: "Activate audiences to file-based destinations by using the Flow Service API", attribute and identity mapping.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from emulator.adobe import attributes, gateway, problems
from emulator.adobe.clock import EmulatedClock, epoch_millis
from emulator.adobe.entities import Sandbox
from emulator.adobe.http import Call, Json, Reply

BASE = "/data/foundation/conversion"
_MAPS = frozenset({attributes.IDENTITY_MAP, attributes.SEGMENT_MEMBERSHIP})
"""Maps whose keys a schema doesn't name: every namespace and every audience is one."""


@dataclass(frozen=True)
class Mapping:
    """One column: what it is called, and the attribute path that fills it."""

    destination: str
    source: str


class DataPrep:
    """Answers under ``/data/foundation/conversion``. Guarded by the world's lock."""

    def __init__(self, clock: EmulatedClock) -> None:
        self._clock = clock
        self._schemas: dict[tuple[str, str], Json] = {}
        self._sets: dict[tuple[str, str], Json] = {}

    def clear(self) -> None:
        self._schemas.clear()
        self._sets.clear()

    def handle(self, call: Call, sandbox: Sandbox, user: str) -> Reply:
        """Raises :class:`Problem`."""
        match call.method, call.path.removeprefix(BASE).strip("/").split("/"):
            case "POST", ["schemas"]:
                return Reply(200, self._create_schema(gateway.json_object(call), sandbox))
            case "GET", ["schemas", schema_id]:
                return Reply(200, _found(self._schemas, sandbox, schema_id, "schema"))
            case "POST", ["mappingSets"]:
                return Reply(200, self._create_set(gateway.json_object(call), sandbox, user))
            case "GET", ["mappingSets", set_id]:
                return Reply(200, _found(self._sets, sandbox, set_id, "mapping set"))
        raise problems.empty(404)

    def mappings(self, sandbox: Sandbox, profile_mapping: Json) -> list[Mapping] | None:
        """The columns of a flow's ``profileMapping``; None where there is no such mapping set."""
        found = self._sets.get((sandbox.name, str(profile_mapping.get("mappingId"))))
        if found is None or found["version"] != profile_mapping.get("mappingVersion"):
            return None
        return [Mapping(item["destination"], item["source"]) for item in found["mappings"]]

    def _create_schema(self, body: Json, sandbox: Sandbox) -> Json:
        if not isinstance(body.get("name"), str) or not isinstance(body.get("jsonSchema"), dict):
            raise problems.plain("A schema needs a name and a jsonSchema")
        schema = {"id": uuid.uuid4().hex, "version": 0, "name": body["name"], "jsonSchema": body["jsonSchema"]}
        self._schemas[sandbox.name, schema["id"]] = schema
        return {name: value for name, value in schema.items() if name != "name"}

    def _create_set(self, body: Json, sandbox: Sandbox, user: str) -> Json:
        schema = self._schema(body, "inputSchema", sandbox)
        self._schema(body, "outputSchema", sandbox)
        if not isinstance(body.get("mappings"), list) or not body["mappings"]:
            raise problems.plain("A mapping set needs mappings")
        for item in body["mappings"]:
            _check_mapping(item, schema["jsonSchema"])
        destinations = [item["destination"] for item in body["mappings"]]
        if len(set(destinations)) != len(destinations):
            raise problems.plain("Each destination may be mapped once")
        now = epoch_millis(self._clock.now())
        brief: Json = {"id": uuid.uuid4().hex, "version": 0, "createdDate": now, "modifiedDate": now}
        brief |= {"createdBy": user, "modifiedBy": user}
        self._sets[sandbox.name, brief["id"]] = {
            **brief,
            "inputSchema": body["inputSchema"],
            "outputSchema": body["outputSchema"],
            "mappings": [{**_stored(item), **_dates(brief)} for item in body["mappings"]],
            "xdmVersion": body.get("xdmVersion", "1.0"),
        }
        return brief

    def _schema(self, body: Json, name: str, sandbox: Sandbox) -> Json:
        wanted = body.get(name)
        schema_id = wanted.get("id") if isinstance(wanted, dict) else None
        schema = self._schemas.get((sandbox.name, str(schema_id)))
        if schema is None:
            raise problems.plain(f"{name} [{schema_id}] does not exist")
        return schema


def _check_mapping(item: object, schema: Json) -> None:
    if not isinstance(item, dict) or not all(isinstance(item.get(name), str) for name in ("destination", "source")):
        raise problems.plain("A mapping needs destination and source")
    if item.get("sourceType") != "ATTRIBUTE":
        raise problems.plain("sourceType must be ATTRIBUTE")
    if not item["destination"] or "." in item["destination"]:
        raise problems.plain(f"The destination {item['destination']} is not valid: it must not hold a dot")
    steps = attributes.split(item["source"])
    if steps[0] not in _MAPS and not _names(schema, steps):
        raise problems.plain(f"The source {item['source']} is not in the input schema")


def _names(schema: Any, steps: list[str]) -> bool:
    for step in steps:
        properties = schema.get("properties") if isinstance(schema, dict) else None
        if not isinstance(properties, dict) or step not in properties:
            return False
        schema = properties[step]
    return True


def _stored(item: Json) -> Json:
    return {
        "id": uuid.uuid4().hex,
        "version": 0,
        "sourceType": "ATTRIBUTE",
        "source": item["source"],
        "destination": item["destination"],
        "identity": False,
        "primaryIdentity": False,
        "functionVersion": 0,
        "copyModeMapping": False,
        "sourceAttribute": item["source"],
        "destinationXdmPath": item["destination"],
    }


def _dates(brief: Json) -> Json:
    return {name: brief[name] for name in ("createdDate", "modifiedDate", "createdBy", "modifiedBy")}


def _found(kept: dict[tuple[str, str], Json], sandbox: Sandbox, wanted: str, what: str) -> Json:
    try:
        return kept[sandbox.name, wanted]
    except KeyError:
        raise problems.plain(f"The {what} [{wanted}] does not exist", 404) from None
