"""Configs, declarations and entities for the planning tests."""

from __future__ import annotations

import json
from typing import Any

from aep_delivery.config.load import load_config
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.declared import DatasetToExport, Declaration, DeclaredResource
from aep_delivery.planning.live import LiveResource

PLANES = DatasetToExport(id="5ef3e324052581191aa6a466", name="Planes")
AIRPORTS = DatasetToExport(id="6ab3e324052581191aa6a477", name="Airports")
SCHEDULE: dict[str, Any] = {
    "exportMode": "FIRST_FULL_THEN_INCREMENTAL",
    "interval": 3,
    "timeUnit": "hour",
    "startTime": 1798765200,
    "endTime": 1814317200,
}


def config(**changes: Any) -> DeliveryConfig:
    document: dict[str, Any] = {
        "version": 1,
        "name": "planes",
        "sandbox": "prod",
        "destination": {
            "type": "amazon-s3",
            "auth": {"type": "access-key", "secret": "secret://planes"},
            "bucketName": "delivered",
            "path": "exports/planes",
            "datasetFileType": "PARQUET",
            "compression": "NONE",
        },
        "datasets": [{"name": "Planes"}],
        "scheduleParams": {"exportMode": "FIRST_FULL_THEN_INCREMENTAL", "interval": 3, "timeUnit": "hour"},
    }
    for name, value in changes.items():
        document[name] = {**document.get(name, {}), **value} if isinstance(value, dict) else value
    return load_config(json.dumps(document).encode(), "planes.yaml")


def declaration(*datasets: DatasetToExport, schedule: dict[str, Any] | None = None, **changes: Any) -> Declaration:
    return Declaration(
        config(**changes), owner="the-stack", datasets=[*(datasets or (PLANES,))], schedule=schedule or SCHEDULE
    )


def live(declared: DeclaredResource, entity_id: str = "live-1", **changes: Any) -> LiveResource:
    """The entity that Adobe would have after the declared one was created, with what Adobe adds."""
    body = {key: value for key, value in declared.body.items() if value is not None}
    if isinstance(body.get("scheduleParams"), dict):
        body["scheduleParams"] = {k: v for k, v in body["scheduleParams"].items() if v is not None}
    return LiveResource(
        id=entity_id,
        etag='"1"',
        body={**body, "id": entity_id, "state": "enabled", "createdAt": 1675901210000, **changes},
    )
