from __future__ import annotations

from typing import Any

import pytest

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.models import Connection, TargetConnection
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.attributes import AttributeToExport
from aep_delivery.planning.described import CannotDescribeError, described_audiences, described_destination
from aep_delivery.planning.transformation import Transformation
from tests.unit.planning.activations import (
    CURRENT_DESTINATION,
    GOLD,
    INCREMENTAL,
    SILVER,
    TEMPLATE,
    audience_config,
    stored,
    transformation,
    wanted,
)

BASE_ID = "72a6f3d1-5e0b-4c9f-8f1d-2b7e4c0a9d63"
COLUMNS = [AttributeToExport(source="person.name.lastName", column="last")]


def described(live: Transformation, columns: list[AttributeToExport] | None = None) -> dict[str, Any]:
    return described_audiences(live, columns or [])


def destination(name: str, params: dict[str, Any], **base: Any) -> dict[str, Any]:
    target = TargetConnection.model_validate({"id": "t", "params": params})
    connection = Connection.model_validate({"id": BASE_ID, **base})
    return described_destination("crm", load_catalogue().destination(name), connection, target)


def test_what_all_audiences_share_is_told_once() -> None:
    later = {**INCREMENTAL, "startTime": "18:00"}
    keys = {"mandatoryFields": ["personalEmail.address"], "primaryFields": [{"identityNamespace": "Email"}]}
    config = audience_config({"id": GOLD.id}, {"id": SILVER.id, "schedule": later}, **keys)

    found = described(transformation(stored(wanted(config, GOLD, SILVER))))

    assert found["audiences"] == [{"id": GOLD.id, "schedule": INCREMENTAL}, {"id": SILVER.id, "schedule": later}]
    assert found["activation"] == {
        "exportMode": "FIRST_FULL_THEN_INCREMENTAL",
        "attributes": [{"source": "person.name.lastName"}, {"source": "personalEmail.address"}],
        **keys,
    }


def test_a_default_file_name_is_left_out() -> None:
    body = stored(wanted(audience_config()), extra={"filenameTemplate": TEMPLATE})
    assert "filenameTemplate" not in described(transformation(body))["activation"]


def test_columns_of_the_current_generation_come_from_the_mapping_set() -> None:
    live = transformation(stored(wanted(audience_config(destination=CURRENT_DESTINATION))), first_generation=False)

    assert described(live, COLUMNS)["activation"]["attributes"] == [
        {"source": "person.name.lastName", "column": "last"}
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"segmentSelectors": {"selectors": []}}, "has no audiences yet"),
        ({"segmentSelectors": {"selectors": [{"type": "NEW"}]}}, "has an audience without an id"),
        ({"profileSelectors": {"selectors": []}}, "exports no attributes"),
        ({"profileSelectors": {"selectors": [{"type": "NEW"}]}}, "has an attribute without a path"),
    ],
)
def test_what_no_config_can_say_is_told(change: dict[str, Any], reason: str) -> None:
    body = stored(wanted(audience_config()))
    body["transformations"][0]["params"] |= change

    with pytest.raises(CannotDescribeError, match=f"^{reason}$"):
        described(transformation(body))


def test_a_mapping_set_that_cannot_be_read_is_told() -> None:
    body = stored(wanted(audience_config(destination=CURRENT_DESTINATION)))

    with pytest.raises(CannotDescribeError, match="mapping set"):
        described(transformation(body, first_generation=False))


def test_a_storage_of_the_current_generation() -> None:
    options = {"delimiter": ";", "quote": '"', "escape": "\\", "nullValue": "null", "emptyValue": ""}
    params = {"mode": "Server-to-server", "container": "c", "path": "crm/", "fileType": "CSV", "csvOptions": options}
    encryption = {"specName": "File Encryption", "params": {"encryptionAlgo": "PGP/GPG", "publicKey": "a2V5"}}

    assert destination("azure-blob", {**params, "compression": "GZIP"}, encryption=encryption) == {
        "type": "azure-blob",
        "auth": {"type": "existing-connection", "baseConnectionId": BASE_ID, "secret": "secret://crm"},
        "container": "c",
        "path": "crm",
        "fileType": "CSV",
        "csvOptions": options,
        "compression": "GZIP",
        "encryption": {"publicKey": "a2V5"},
    }


@pytest.mark.parametrize(
    ("name", "params", "mode"),
    [
        ("adobe-campaign", {"mode": "AZURE_BLOB", "container": "abc", "path": "crm"}, {"mode": "AZURE_BLOB"}),
        ("oracle-eloqua", {"mode": "FTP", "remotePath": "crm"}, {"mode": "FTP"}),
        ("sftp-first-generation", {"mode": "FTP", "remotePath": "crm"}, {}),
    ],
)
def test_a_destination_of_the_first_generation_is_a_config(
    name: str, params: dict[str, Any], mode: dict[str, str]
) -> None:
    section = destination(name, {**params, "format": "CSV", "includeFileManifest": True})

    assert section["includeFileManifest"] is True
    assert {field: section[field] for field in section if field == "mode"} == mode
    audiences = described(transformation(stored(wanted(audience_config()))))
    DeliveryConfig.model_validate({"version": 1, "name": "crm", "sandbox": "prod", "destination": section, **audiences})
