"""The config that describes a dataflow as it is."""

from __future__ import annotations

from typing import Any

from aep_delivery.adobe.catalogue import DestinationRow
from aep_delivery.adobe.models import Connection, Dataflow, SourceConnection, TargetConnection
from aep_delivery.planning.attributes import AttributeToExport, attribute_path
from aep_delivery.planning.audiences import DEFAULT_FILENAME_TEMPLATE, selector_id
from aep_delivery.planning.transformation import Transformation

_PLACES = ("bucketName", "container", "path", "remotePath")
_ROLE_READS = ("amazon-s3", "amazon-s3-first-generation", "data-landing-zone")
"""Where the stack's own role, or Adobe, lets files be read back; everywhere else a secret is needed for it."""


class CannotDescribeError(Exception):
    """What of a dataflow no config can say. Completes "the dataflow ...": ``has no audiences yet``."""


def described_destination(name: str, row: DestinationRow, base: Connection, target: TargetConnection) -> dict[str, Any]:
    """The section ``destination``.

    Args:
        name: The delivery's.
        row: The destination.
        base: The base connection, which is used as it is.
        target: Where files are written.
    """
    params: dict[str, Any] = dict(target.params or {})
    place = {field: str(params.get(field, "")).rstrip("/") for field in _PLACES if field in params}
    secret = {} if row.name in _ROLE_READS else {"secret": f"secret://{name}"}
    section: dict[str, Any] = {
        "type": row.name,
        # Adobe shows no credentials, and other dataflows may use the same base connection.
        "auth": {"type": "existing-connection", "baseConnectionId": base.id, **secret},
        **({"mode": params.get("mode")} if len(row.storage) > 1 else {}),
        **place,
    }
    if row.generation == "current":
        section |= {
            field: params[field]
            for field in ("datasetFileType", "fileType", "csvOptions", "compression")
            if params.get(field) is not None
        }
        if (key := _public_key(base)) is not None:
            section["encryption"] = {"publicKey": key}
    if manifest := params.get("includeFileManifest"):
        section["includeFileManifest"] = manifest
    if (params.get("datasetFileType"), params.get("compression")) == ("JSON", "NONE"):
        section["allowUncompressedJson"] = True
    return section


def described_datasets(flow: Dataflow, source: SourceConnection) -> dict[str, Any]:
    """The sections ``datasets`` and ``scheduleParams``."""
    datasets: Any = (source.params or {}).get("datasets") or []
    return {
        "datasets": [{"id": dataset.get("dataSetId")} for dataset in datasets],
        "scheduleParams": _dataset_schedule(dict(flow.schedule_params or {})),
    }


def described_audiences(live: Transformation, columns: list[AttributeToExport]) -> dict[str, Any]:
    """The sections ``audiences`` and ``activation``.

    Args:
        live: The dataflow's transformation.
        columns: For the current generation, what its mapping set holds.

    Raises:
        CannotDescribeError: Something of it has no place in a config.
    """
    ids = [selector_id(selector) for selector in live.audiences]
    if not ids:
        raise CannotDescribeError("has no audiences yet")
    if None in ids:
        raise CannotDescribeError("has an audience without an id")
    audiences = [_audience(selector["value"]) for selector in live.audiences]
    shared = {
        field: audiences[0][field]
        for field in ("exportMode", "schedule", "filenameTemplate")
        if all(one.get(field) == audiences[0].get(field) for one in audiences) and field in audiences[0]
    }
    return {
        "audiences": [{k: v for k, v in one.items() if k not in shared} for one in audiences],
        "activation": {**shared, "attributes": _attributes(live, columns), **_keys(live)},
    }


def _audience(value: dict[str, Any]) -> dict[str, Any]:
    schedule: dict[str, Any] = value.get("schedule") or {}
    fields = ("frequency", "triggerType", "startDate", "startTime", "endDate")
    template = value.get("filenameTemplate")
    return {
        "id": value["id"],
        "exportMode": value.get("exportMode"),
        "schedule": {field: schedule[field] for field in fields if schedule.get(field) is not None},
        **({"filenameTemplate": template} if template not in (None, "", DEFAULT_FILENAME_TEMPLATE) else {}),
    }


def _attributes(live: Transformation, columns: list[AttributeToExport]) -> list[dict[str, str]]:
    if live.first_generation:
        paths = [attribute_path(selector) for selector in live.attributes]
        if None in paths:
            raise CannotDescribeError("has an attribute without a path")
        described = [{"source": str(path)} for path in paths]
    else:
        described = [
            {"source": one.source} | ({} if one.column == one.source.replace(".", "_") else {"column": one.column})
            for one in columns
        ]
    if not described:
        raise CannotDescribeError(
            "exports no attributes" if live.first_generation else "refers to no mapping set that could be read"
        )
    return described


def _keys(live: Transformation) -> dict[str, Any]:
    primary = [
        {"attributePath": field.get("attributePath")}
        if field.get("attributePath")
        else {"identityNamespace": field.get("identityNamespace")}
        for field in live.primary_fields
        if isinstance(field, dict)
    ]
    return {
        **({"mandatoryFields": live.mandatory_fields} if live.mandatory_fields else {}),
        **({"primaryFields": primary} if primary else {}),
    }


def _dataset_schedule(live: dict[str, Any]) -> dict[str, Any]:
    fields = ("interval", "timeUnit", "startTime", "endTime", "foldernameTemplate")
    # Without a mode Adobe exports incrementally after a first full export, as the first edition of its tutorial says.
    mode = live.get("exportMode") or "FIRST_FULL_THEN_INCREMENTAL"
    return {"exportMode": mode, **{field: live[field] for field in fields if live.get(field) is not None}}


def _public_key(base: Connection) -> str | None:
    encryption = (base.model_extra or {}).get("encryption")
    params = encryption.get("params") if isinstance(encryption, dict) else None
    key = params.get("publicKey") if isinstance(params, dict) else None
    return key if isinstance(key, str) else None
