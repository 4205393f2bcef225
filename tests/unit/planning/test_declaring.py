"""Every destination's bodies, in Adobe's forms."""

from __future__ import annotations

from typing import Any

import pytest

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.applying.requests import (
    new_base_connection,
    new_dataflow,
    new_source_connection,
    new_target_connection,
)
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.declared import KNOWN_AFTER_APPLY, Declaration
from aep_delivery.planning.diff import changed_fields, patch_operations
from aep_delivery.planning.live import LiveResource, identity
from aep_delivery.runtime.errors import InternalError
from aep_delivery.state.records import ResourceKind
from tests.unit.planning.activations import audience_config
from tests.unit.planning.declarations import PLANES, SCHEDULE, declaration, live

SECRET = "secret://crm"
KEY = {"type": "access-key", "secret": SECRET}
PASSWORD = {"type": "sftp-password", "secret": SECRET}
CSV = {"fileType": "CSV", "compression": "NONE"}
OPTIONS = {"delimiter": ",", "quote": '"', "escape": "\\", "nullValue": "null", "emptyValue": ""}
CURRENT: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "amazon-s3": ({"auth": KEY}, {"bucketName": "delivered", "path": "crm"}, "delivered/crm"),
    "azure-blob": (
        {"auth": {"type": "connection-string", "secret": SECRET}},
        {"container": "delivered", "path": "crm"},
        "delivered/crm",
    ),
    "adls-gen2": ({"auth": {"type": "service-principal", "secret": SECRET}}, {"path": "crm"}, "crm"),
    "data-landing-zone": ({}, {"path": "crm"}, "crm"),
    "google-cloud-storage": (
        {"auth": {"type": "hmac-key", "secret": SECRET}},
        {"bucketName": "delivered", "path": "crm"},
        "delivered/crm",
    ),
    "sftp": ({"auth": PASSWORD}, {"remotePath": "/import/crm"}, "/import/crm"),
}
S3 = {"bucketName": "delivered", "path": "crm"}
FTP = {"remotePath": "import"}
FIRST: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("adobe-campaign", {"auth": KEY, **S3}, {"mode": "S3", **S3, "format": "CSV"}),
    (
        "adobe-campaign",
        {"auth": {"type": "connection-string", "secret": SECRET}, "container": "delivered", "path": "crm"},
        {"mode": "AZURE_BLOB", "container": "delivered", "path": "crm", "format": "CSV"},
    ),
    ("adobe-campaign", {"auth": PASSWORD, **FTP}, {"mode": "FTP", **FTP, "format": "CSV"}),
    *(
        (name, {"auth": PASSWORD, "mode": mode, **place}, {"mode": mode, **place, "format": "CSV"})
        for name in ("oracle-eloqua", "oracle-responsys", "salesforce-marketing-cloud")
        for mode, place in (("S3", S3), ("FTP", FTP))
    ),
    ("amazon-s3-first-generation", {"auth": KEY, **S3}, {"mode": "S3", **S3, "format": "CSV"}),
    (
        "azure-blob-first-generation",
        {"auth": {"type": "connection-string", "secret": SECRET}, "container": "delivered", "path": "crm"},
        {"mode": "AZURE_BLOB", "container": "delivered", "path": "crm", "format": "CSV"},
    ),
    ("sftp-first-generation", {"auth": PASSWORD, **FTP}, {"mode": "FTP", **FTP}),
]
DATASETS = {
    "datasets": [{"id": "5ef3e324052581191aa6a466"}],
    "scheduleParams": {"exportMode": "FIRST_FULL_THEN_INCREMENTAL", "interval": 3, "timeUnit": "hour"},
}


def audiences(destination: dict[str, Any], **options: Any) -> Declaration:
    return Declaration(audience_config(destination=destination), owner="the-stack", **options)


def as_sent(declared: Declaration) -> None:
    """Adobe's strict forms take every body."""
    store = "store" if declared.needs_profile_store else None
    new_base_connection(declared.base_connection().body, None)
    if declared.needs_profile_store:
        new_base_connection(declared.profile_store_connection().body, None)
    new_source_connection(declared.source_connection(store).body)
    new_target_connection(declared.target_connection("base").body)
    new_dataflow(declared.dataflow("source", "target").body)


@pytest.mark.parametrize("name", CURRENT)
def test_t25_datasets_to_every_storage_of_the_current_generation(name: str) -> None:
    auth, place, called = CURRENT[name]
    config = DeliveryConfig.model_validate(
        {
            "version": 1,
            "name": "planes",
            "sandbox": "prod",
            "destination": {"type": name, **auth, **place, "datasetFileType": "PARQUET", "compression": "GZIP"},
            **DATASETS,
        }
    )
    declared = Declaration(config, owner="the-stack", datasets=[PLANES], schedule=SCHEDULE)
    row = load_catalogue().destination(name)

    as_sent(declared)
    target = new_target_connection(declared.target_connection("base").body).body()
    assert target["params"] == {
        "mode": "Server-to-server",
        **place,
        "compression": "GZIP",
        "datasetFileType": "PARQUET",
        "includeFileManifest": False,
    }
    assert declared.target_connection("base").name == f"planes: {called}"
    assert declared.dataflow("s", "t").body["flowSpec"]["id"] == row.dataset_flow_spec_id
    assert declared.needs_credentials == (name != "data-landing-zone")


@pytest.mark.parametrize("name", CURRENT)
def test_t29_audiences_to_every_storage_of_the_current_generation(name: str) -> None:
    auth, place, _ = CURRENT[name]
    declared = audiences({"type": name, **auth, **place, **CSV})

    as_sent(declared)
    assert declared.source_connection().body.keys() == {"name", "description", "connectionSpec"}
    target = new_target_connection(declared.target_connection("base").body).body()
    assert target["params"] == {
        "mode": "Server-to-server",
        **place,
        "compression": "NONE",
        "fileType": "CSV",
        "csvOptions": OPTIONS,
        "includeFileManifest": False,
    }
    dataflow = new_dataflow(declared.dataflow("s", "t").body).body()
    assert "scheduleParams" not in dataflow
    assert dataflow["transformations"] == [
        {
            "name": "GeneralTransform",
            "params": {
                "mandatoryFields": [],
                "primaryFields": [],
                "profileMapping": {},
                "segmentSelectors": {"selectors": []},
            },
        }
    ]


@pytest.mark.parametrize(("name", "section", "params"), FIRST)
def test_t24_every_destination_of_the_first_generation(
    name: str, section: dict[str, Any], params: dict[str, Any]
) -> None:
    declared = audiences({"type": name, **section}, flow_spec_id="spec" if name == "adobe-campaign" else None)

    as_sent(declared)
    target = new_target_connection(declared.target_connection("base").body).body()
    assert target["params"] == params
    assert target["data"] == {"format": "json", "schema": {"id": "1.0", "version": "1.0"}}
    source = new_source_connection(declared.source_connection("store").body).body()
    assert source["baseConnectionId"] == "store"
    assert source["data"] == {"format": "CSV", "schema": None}
    assert source["params"] == {}
    assert new_dataflow(declared.dataflow("s", "t").body).body()["transformations"] == [
        {
            "name": "GeneralTransform",
            "params": {"segmentSelectors": {"selectors": []}, "profileSelectors": {"selectors": []}},
        }
    ]


def test_a_manifest_of_the_first_generation_is_only_sent_where_it_is_wanted() -> None:
    plain = {"type": "amazon-s3-first-generation", "auth": KEY, **S3}
    without, wanted = audiences(plain), audiences({**plain, "includeFileManifest": True})
    there = live(wanted.target_connection("base"))

    assert wanted.target_connection("base").body["params"]["includeFileManifest"] is True
    (change,) = changed_fields(without.target_connection("base"), there)
    (operation,) = patch_operations(without.target_connection("base"), there, [change])
    assert "includeFileManifest" not in operation["value"]


def test_the_flow_specification_of_adobe_campaign_has_to_be_looked_up() -> None:
    declared = audiences({"type": "adobe-campaign", "auth": KEY, **S3})

    with pytest.raises(InternalError) as caught:
        declared.dataflow(None, None)

    assert caught.value.code == "catalogue.flow-spec-unknown"


def test_another_connection_to_the_profile_store_is_another_source() -> None:
    declared = audiences({"type": "amazon-s3-first-generation", "auth": KEY, **S3})
    kind = ResourceKind.SOURCE_CONNECTION

    one, other = declared.source_connection("a").body, declared.source_connection("b").body

    assert identity(kind, one) != identity(kind, other)
    assert declared.source_connection(None).body["baseConnectionId"] == KNOWN_AFTER_APPLY


def test_encryption_is_added_changed_and_removed() -> None:
    def base(**encryption: Any) -> Any:
        return declaration(destination=encryption).base_connection()

    plain, encrypted, other = (
        base(),
        base(encryption={"publicKey": "a2V5"}),
        base(encryption={"publicKey": "b3RoZXI="}),
    )
    value = {"specName": "File Encryption", "params": {"encryptionAlgo": "PGP/GPG", "publicKey": "a2V5"}}

    def patch(declared: Any, there: LiveResource) -> list[dict[str, Any]]:
        return patch_operations(declared, there, changed_fields(declared, there))

    assert patch(encrypted, live(plain)) == [{"op": "add", "path": "/encryption", "value": value}]
    assert [change.path for change in changed_fields(other, live(encrypted))] == ["encryption.params.publicKey"]
    assert patch(plain, live(encrypted)) == [{"op": "remove", "path": "/encryption"}]
    assert patch(encrypted, live(encrypted)) == []


def test_csv_options_go_with_csv() -> None:
    section = {"type": "amazon-s3", "auth": KEY, **S3}
    was, now = audiences({**section, **CSV}), audiences({**section, "fileType": "JSON", "compression": "NONE"})
    there = live(was.target_connection("base"))

    (operation,) = patch_operations(
        now.target_connection("base"), there, changed_fields(now.target_connection("base"), there)
    )

    assert "csvOptions" not in operation["value"]
    assert operation["value"]["fileType"] == "JSON"
