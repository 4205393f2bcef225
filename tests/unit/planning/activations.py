"""Configs of audiences, and dataflows of both generations, for the activation tests."""

from __future__ import annotations

import json
from typing import Any

from aep_delivery.config.load import load_config
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.activation import WantedActivation, wanted_activation
from aep_delivery.planning.audiences import ResolvedAudience, audiences_to_export
from aep_delivery.planning.transformation import Transformation

GOLD = ResolvedAudience(id="9f7d37fd-7039-4454-94ef-2b0cd6c3206a", name="Loyalty gold")
SILVER = ResolvedAudience(id="25768be6-ebd5-45cc-8913-12fb3f348613", name="Loyalty silver")
STRANGER = "00000000-1111-4222-8333-444444444444"
TEMPLATE = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
INCREMENTAL = {
    "frequency": "EVERY_6_HOURS",
    "triggerType": "SCHEDULED",
    "startDate": "2027-01-22",
    "startTime": "17:00",
    "endDate": "2027-12-31",
}
FIRST_DESTINATION = {
    "type": "amazon-s3-first-generation",
    "auth": {"type": "access-key", "secret": "secret://crm"},
    "bucketName": "delivered",
    "path": "crm",
}
CURRENT_DESTINATION = {**FIRST_DESTINATION, "type": "amazon-s3", "fileType": "CSV", "compression": "NONE"}
ADDED_BY_ADOBE = {"createTime": "1640016962", "updateTime": "1642534355", "somethingNew": {"of": "Adobe"}}


def audience_config(
    *audiences: dict[str, Any], destination: dict[str, Any] | None = None, **changes: Any
) -> DeliveryConfig:
    """A config of audiences; keyword arguments go into ``activation``, but for ``run`` and the like."""
    document: dict[str, Any] = {
        "version": 1,
        "name": "crm",
        "sandbox": "prod",
        "destination": destination or FIRST_DESTINATION,
        "audiences": [*audiences] or [{"id": GOLD.id}],
        "activation": {
            "exportMode": "FIRST_FULL_THEN_INCREMENTAL",
            "schedule": INCREMENTAL,
            "attributes": [{"source": "person.name.lastName"}, {"source": "personalEmail.address"}],
        },
    }
    for name, value in changes.items():
        section = document if name in {"run", "names", "adopt", "description"} else document["activation"]
        section[name] = value
    return load_config(json.dumps(document).encode(), "crm.yaml")


def wanted(config: DeliveryConfig, *resolved: ResolvedAudience) -> WantedActivation:
    return wanted_activation(config, audiences_to_export(config, resolved or (GOLD,)))


def attribute(path: str) -> dict[str, Any]:
    """An attribute of the first generation, as Adobe stores it."""
    mapping = {"sourceType": "text/x.schema-path", "source": path, "destination": path, "functionVersion": 0}
    return {"type": "JSON_PATH", "value": {"path": path, "operator": "EXISTS", "mapping": mapping}}


def stored(activation: WantedActivation, *, extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """The dataflow of an activation as Adobe answers it, with all that Adobe adds."""
    audiences = [
        {"type": "PLATFORM_SEGMENT", "value": {**one.value, **ADDED_BY_ADOBE, **(extra or {})}}
        for one in activation.audiences
    ]
    fields = {"mandatoryFields": [*activation.mandatory_fields], "primaryFields": [*activation.primary_fields]}
    params: dict[str, Any] = {"segmentSelectors": {"selectors": audiences}}
    if activation.first_generation:
        params["profileSelectors"] = {"selectors": [attribute(one.source) for one in activation.attributes], **fields}
    else:
        params |= {**fields, "profileMapping": {"mappingId": "mapping-1", "mappingVersion": 0}}
    return {"id": "flow-1", "transformations": [{"name": "GeneralTransform", "params": params}]}


def transformation(body: dict[str, Any], *, first_generation: bool = True) -> Transformation:
    return Transformation.of(body, first_generation=first_generation)
