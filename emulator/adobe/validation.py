"""What a body must look like to be stored, checked against the specs and against the sandbox's other entities."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

from emulator.adobe import problems, schedule, specs, transformations
from emulator.adobe.audiences import Audiences
from emulator.adobe.dataprep import DataPrep, Mapping
from emulator.adobe.entities import Entity, Sandbox
from emulator.adobe.http import Json
from emulator.adobe.lake import Lake
from emulator.adobe.specs import Specs

_COMMON = frozenset({"name", "description", "labels", "policy"})
FIELDS = {
    "connections": _COMMON | {"connectionSpec", "auth", "encryption"},
    "sourceConnections": _COMMON | {"connectionSpec", "baseConnectionId", "data", "params"},
    "targetConnections": _COMMON | {"connectionSpec", "baseConnectionId", "data", "params"},
    "flows": _COMMON
    | {"flowSpec", "sourceConnectionIds", "targetConnectionIds", "transformations", "scheduleParams", "options"},
}
_FILE_TYPES = ("fileType", "datasetFileType")


class Validator:
    """Checks documents on create and after a patch; each check raises :class:`Problem`."""

    def __init__(self, catalogue: Specs, lake: Lake, audiences: Audiences, dataprep: DataPrep) -> None:
        self._specs = catalogue
        self._lake = lake
        self._audiences = audiences
        self._dataprep = dataprep

    def check(self, kind: str, document: Json, sandbox: Sandbox, before: Json | None = None) -> None:
        """Raise :class:`Problem` unless `document` may be stored as one of `kind` in `sandbox`.

        Args:
            kind: a collection, such as ``flows``.
            document: as it would be stored.
            sandbox: where.
            before: the document that it would replace.
        """
        if "state" in document:
            raise problems.flow("1410-400", "Invalid request", "The property state is not allowed", kind=kind)
        if unknown := sorted(set(document) - FIELDS[kind]):
            raise problems.plain(f"Unknown properties: {', '.join(unknown)}")
        if not isinstance(document.get("name"), str) or not document["name"].strip():
            raise problems.plain("The property name is required")
        match kind:
            case "connections":
                self._connection(document)
            case "sourceConnections":
                self._source(document, sandbox)
            case "targetConnections":
                self._target(document, sandbox)
            case _:
                self._flow(document, sandbox, before or {})

    def check_change(self, entity: Entity, patched: Json, sandbox: Sandbox) -> None:
        """As :meth:`check`, and nothing that is fixed at creation may differ."""
        before = entity.document
        if entity.kind != "flows" and patched.get("connectionSpec") != before["connectionSpec"]:
            raise problems.flow(
                "1414-400",
                "Immutable property",
                "connectionSpec cannot be changed",
                entity_id=entity.id,
                kind=entity.kind,
            )
        if entity.kind == "flows" and patched.get("flowSpec") != before["flowSpec"]:
            raise problems.flow("1414-400", "Immutable property", "flowSpec cannot be changed", entity_id=entity.id)
        if entity.kind == "sourceConnections" and patched.get("params") != before.get("params"):
            raise problems.flow(
                "1455-400", "Patch validation failed", "The datasets of a source connection cannot be changed"
            )
        self.check(entity.kind, patched, sandbox, before)

    def _connection(self, document: Json) -> None:
        spec = self._connection_spec(document)
        auth = document.get("auth")
        if spec["authSpec"] or auth is not None:
            self._auth(spec, auth)
        encryption = document.get("encryption")
        if encryption is not None:
            offered = {item["name"]: item["spec"] for item in spec.get("encryptionSpecs", [])}
            if not isinstance(encryption, dict) or encryption.get("specName") not in offered:
                raise problems.plain("Please provide a valid encryption spec name")
            _fits(offered[encryption["specName"]], encryption.get("params"), "encryption.params")

    def _auth(self, spec: Json, auth: object) -> None:
        name = auth.get("specName") if isinstance(auth, dict) else None
        offered = self._specs.auth(spec["id"], name) if isinstance(name, str) else None
        if offered is None or not isinstance(auth, dict):
            raise problems.flow(
                "1415-400", "Auth spec not found", f"Auth spec [{name}] is not offered by {spec['name']}"
            )
        _fits(_closed(offered["spec"]), auth.get("params"), "auth.params")

    def _source(self, document: Json, sandbox: Sandbox) -> None:
        spec = self._connection_spec(document)
        if "sourceSpec" not in spec:
            raise problems.plain(f"{spec['name']} is not a source")
        if document.get("baseConnectionId") is not None:
            self._base(document, sandbox)
        if spec["id"] != specs.DATA_LAKE:
            return
        _fits(spec["sourceSpec"]["spec"], document.get("params"), "params")
        known = {dataset.id for dataset in self._lake.exportable(sandbox.name)}
        for wanted in document["params"]["datasets"]:
            if wanted["dataSetId"] not in known:
                raise problems.plain(f"Dataset [{wanted['dataSetId']}] does not exist or is not eligible for export")

    def _target(self, document: Json, sandbox: Sandbox) -> None:
        spec = self._connection_spec(document)
        if "targetSpec" not in spec:
            raise problems.plain(f"{spec['name']} is not a destination")
        base = self._base(document, sandbox)
        if base.document["connectionSpec"]["id"] != spec["id"]:
            raise problems.plain("The base connection is of another connection spec than the target connection")
        schema = _closed(spec["targetSpec"]["spec"])
        params = document.get("params")
        modern = spec["attributes"]["generation"] == "V2"
        if modern:
            # Each file type is required on its own workflow only, which the later flow decides; here it is one of them.
            schema["required"] = [name for name in schema["required"] if name not in _FILE_TYPES]
        _fits(schema, params, "params")
        if modern and isinstance(params, dict):
            if sum(name in params for name in _FILE_TYPES) != 1:
                raise problems.plain("params needs exactly one of fileType and datasetFileType")
            if "csvOptions" in params and params.get("fileType") != "CSV":
                raise problems.plain("params.csvOptions is allowed with fileType CSV only")

    def _flow(self, document: Json, sandbox: Sandbox, before: Json) -> None:
        wanted = document.get("flowSpec")
        flow_spec = (
            self._specs.flows.get(wanted["id"]) if isinstance(wanted, dict) and _is_text(wanted.get("id")) else None
        )
        if flow_spec is None or not isinstance(wanted, dict):
            raise problems.flow("1413-400", "Invalid spec id", "Please provide a valid flow spec id", kind="flowSpecs")
        _require_version(wanted, "flowSpec")
        source = _only(document, "sourceConnectionIds", "sourceConnections", sandbox)
        target = _only(document, "targetConnectionIds", "targetConnections", sandbox)
        for connection, allowed in ((source, "sourceConnectionSpecIds"), (target, "targetConnectionSpecIds")):
            if connection.document["connectionSpec"]["id"] not in flow_spec[allowed]:
                raise problems.plain(f"The connection {connection.id} does not fit the flow spec {flow_spec['name']}")
        if not isinstance(document.setdefault("transformations", []), list):
            raise problems.plain("transformations must be an array")
        exports_datasets = self._specs.exports_datasets(flow_spec["id"])
        modern = self._specs.is_current(target.document["connectionSpec"]["id"])
        if modern and ("datasetFileType" in target.document["params"]) != exports_datasets:
            raise problems.plain(f"The target connection's file type is not one for {flow_spec['name']}")
        if exports_datasets:
            if document["transformations"]:
                raise problems.plain("transformations must be empty for dataset flows")
            schedule.check(document.get("scheduleParams"))
        else:
            self._activation(document, target.document["connectionSpec"]["id"], sandbox, before)

    def _activation(self, document: Json, destination: str, sandbox: Sandbox, before: Json) -> None:
        transformations.check(
            document,
            current=self._specs.is_current(destination),
            rare=destination not in specs.NOT_WEEKLY,
            mappings=self._mappings(document, sandbox),
        )
        known = {audience.id for audience in self._audiences.of(sandbox.name)}
        # What was activated once stays, even where the audience has been deleted since.
        known |= {value["id"] for value in transformations.selected(before)}
        for value in transformations.selected(document):
            if value["id"] not in known:
                raise problems.plain(f"Segment [{value['id']}] does not exist")

    def _mappings(self, document: Json, sandbox: Sandbox) -> list[Mapping] | None:
        profile_mapping = _mapping_of(document)
        if not profile_mapping:
            return None
        mappings = self._dataprep.mappings(sandbox, profile_mapping)
        if mappings is None:
            detail = f"The mapping set [{profile_mapping.get('mappingId')}] does not exist in this version"
            raise problems.flow("1412-400", "Invalid mapping", detail, kind="flows")
        return mappings

    def _connection_spec(self, document: Json) -> Json:
        wanted = document.get("connectionSpec")
        spec = (
            self._specs.connections.get(wanted["id"])
            if isinstance(wanted, dict) and _is_text(wanted.get("id"))
            else None
        )
        if spec is None or not isinstance(wanted, dict):
            raise problems.plain("Please provide a valid spec id")
        _require_version(wanted, "connectionSpec")
        return spec

    def _base(self, document: Json, sandbox: Sandbox) -> Entity:
        base_id = document.get("baseConnectionId")
        base = sandbox.entities["connections"].get(base_id) if isinstance(base_id, str) else None
        if base is None:
            raise problems.flow(
                "1439-400", "Resource not found", f"connections not found with id = [{base_id}]", kind="connections"
            )
        return base


def _mapping_of(document: Json) -> Json:
    match document["transformations"]:
        case [{"params": {"profileMapping": dict() as mapping}}]:
            return mapping
    return {}


def _only(document: Json, field: str, kind: str, sandbox: Sandbox) -> Entity:
    ids = document.get(field)
    if not isinstance(ids, list) or len(ids) != 1:
        raise problems.plain(f"{field} must hold exactly one id")
    entity = sandbox.entities[kind].get(ids[0]) if isinstance(ids[0], str) else None
    if entity is None:
        raise problems.flow("1439-400", "Resource not found", f"{kind} not found with id = [{ids[0]}]", kind=kind)
    return entity


def _require_version(wanted: Json, field: str) -> None:
    if not wanted.get("version"):
        raise problems.plain(f"{field}.version 'version' is required for spec info", 422)


def _closed(schema: Json) -> Json:
    """The schema with everything refused that it doesn't name, such as another storage's container."""
    return {**schema, "additionalProperties": False}


def _fits(schema: Json, value: Any, where: str) -> None:
    """Raise :class:`Problem` for the worst misfit, without repeating the value: it may be a credential."""
    error = best_match(Draft7Validator(schema).iter_errors(value))
    if error is not None:
        place = ".".join([where, *map(str, error.absolute_path)])
        if error.validator in {"required", "additionalProperties"}:
            raise problems.plain(f"{place} is not valid: {error.message}")
        expected = error.validator_value if error.validator in {"enum", "pattern", "type"} else ""
        raise problems.plain(f"{place} is not valid: {error.validator} {expected}".rstrip())
    for name, rule in schema.get("properties", {}).items():
        if rule.get("contentEncoding") == "base64" and name in value:
            try:
                base64.b64decode(value[name], validate=True)
            except binascii.Error:
                raise problems.plain(f"{where}.{name} is not valid: base64 is expected") from None


def _is_text(value: object) -> bool:
    return isinstance(value, str)
