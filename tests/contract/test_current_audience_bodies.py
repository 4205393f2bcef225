"""Audiences at the six storages of the current generation: the bodies that the examples make.

The tutorials print these storages for datasets alone. The forms are those of Adobe: Activate audiences to file-based
destinations by API; the ids of the flow specifications those of Adobe: Destinations API reference.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.data_prep import DataPrep, FieldMapping
from aep_delivery.adobe.patches import JsonPatchOperation
from aep_delivery.applying.requests import (
    new_base_connection,
    new_dataflow,
    new_source_connection,
    new_target_connection,
)
from aep_delivery.config.load import read_config_files
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.activation import compare_activation, wanted_activation
from aep_delivery.planning.activation_patch import MappingReference, activation_operations
from aep_delivery.planning.audiences import ResolvedAudience, audiences_to_export
from aep_delivery.planning.open_schedules import with_full_schedules
from aep_delivery.planning.transformation import Transformation
from aep_delivery.runtime.secrets import MemorySecrets
from aep_delivery.workflow.destination_access import destination_access
from emulator.adobe import server
from tests.contract.reader import Reader
from tests.contract.tutorial_requests import AUDIENCES, HOST_KEY, NOW, OWNER, declaration
from tests.faults.harness import Adobe, LocalServices, SharedClock

EXAMPLES = Path(__file__).parents[2] / "examples"
OPTIONS = {"nullValue": "null", "emptyValue": "", "escape": "\\", "quote": '"', "delimiter": ","}
CONNECTION_STRING = "DefaultEndpointsProtocol=https;AccountName=crm;AccountKey=a2V5;EndpointSuffix=core.windows.net"
# example: connection spec, flow spec, (authentication, its params), target params
FORMS: dict[str, tuple[str, str, tuple[str, dict[str, str]] | None, dict[str, Any]]] = {
    "amazon-s3-audiences": (
        "4fce964d-3f37-408f-9778-e597338a21ee",
        "1a0514a6-33d4-4c7f-aff8-594799c47549",
        (
            "Access Key",
            {"s3AccessKey": "AKIAIOSFODNN7EXAMPLE", "s3SecretKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
        ),
        {
            "mode": "Server-to-server",
            "bucketName": "crm-exports",
            "path": "adobe/audiences/%SEGMENT_NAME%",
            "compression": "NONE",
            "fileType": "CSV",
            "csvOptions": {**OPTIONS, "delimiter": ";"},
            "includeFileManifest": True,
        },
    ),
    "azure-blob-audiences": (
        "6d6b59bf-fb58-4107-9064-4d246c0e5bb2",
        "752d422f-b16f-4f0d-b1c6-26e448e3b388",
        ("ConnectionString", {"connectionString": CONNECTION_STRING}),
        {
            "mode": "Server-to-server",
            "container": "exports",
            "path": "adobe/audiences",
            "compression": "GZIP",
            "fileType": "CSV",
            "csvOptions": OPTIONS,
            "includeFileManifest": False,
        },
    ),
    "adls-gen2-audiences": (
        "be2c3209-53bc-47e7-ab25-145db8b873e1",
        "db060570-a155-418a-a6d3-b4d97698e5dc",
        (
            "Azure Service Principal Auth",
            {
                "url": "abfss://crm@account.dfs.core.windows.net",
                "tenant": "72f988bf-86f1-41af-91ab-2d7cd011db47",
                "servicePrincipalId": "9d0b1c35-7a3e-4b61-8a25-1d6e5f3c2b10",
                "servicePrincipalKey": "principal-key",
            },
        ),
        {
            "mode": "Server-to-server",
            "path": "adobe/audiences",
            "compression": "NONE",
            "fileType": "PARQUET",
            "includeFileManifest": False,
        },
    ),
    "data-landing-zone-audiences": (
        "10440537-2a7b-4583-ac39-ed38d4b848e8",
        "7e635b9f-e59b-4546-8ba8-fce6496693c8",
        None,
        {
            "mode": "Server-to-server",
            "path": "adobe/audiences",
            "compression": "GZIP",
            "fileType": "JSON",
            "includeFileManifest": False,
        },
    ),
    "google-cloud-storage-audiences": (
        "c5d93acb-ea8b-4b14-8f53-02138444ae99",
        "976d663b-80b4-4193-be6b-2d0487516623",
        (
            "Google Cloud Storage authentication credentials",
            {"accessKeyId": "GOOG1EXAMPLE", "secretAccessKey": "google-secret"},
        ),
        {
            "mode": "Server-to-server",
            "bucketName": "crm-exports",
            "path": "adobe/audiences",
            "compression": "NONE",
            "fileType": "CSV",
            "csvOptions": OPTIONS,
            "includeFileManifest": False,
        },
    ),
    "sftp-audiences": (
        "36965a81-b1c6-401b-99f8-22508f1e6a26",
        "fd36aaa4-bf2b-43fb-9387-43785eeeb799",
        ("SFTP with Password", {"domain": "sftp.example.com", "username": "adobe", "password": "sftp-password"}),
        {
            "mode": "Server-to-server",
            "remotePath": "adobe/audiences",
            "compression": "NONE",
            "fileType": "CSV",
            "csvOptions": OPTIONS,
            "includeFileManifest": False,
        },
    ),
}
SKELETON = {
    "name": "GeneralTransform",
    "params": {
        "mandatoryFields": [],
        "primaryFields": [],
        "profileMapping": {},
        "segmentSelectors": {"selectors": []},
    },
}


def example(name: str) -> DeliveryConfig:
    return read_config_files(EXAMPLES / f"{name}.yaml")[1]


def entity(name: str, words: str, kind: str) -> dict[str, str]:
    marker = f"[aep-delivery owner={OWNER} delivery=prod/{name} kind={kind}]"
    return {"name": words, "description": f"Managed by AEP Delivery. {marker}"}


def spec(spec_id: str) -> dict[str, str]:
    return {"id": spec_id, "version": "1.0"}


def same(body: object, wanted: object) -> bool:
    return json.dumps(body) == json.dumps(wanted)


def base_of(config: DeliveryConfig, auth: tuple[str, dict[str, str]] | None) -> Any:
    """The base connection, from a secret that holds what Adobe gets, and a host key where there is a host."""
    secret = {**auth[1], **({"hostKey": HOST_KEY} if "username" in auth[1] else {})} if auth else {}
    name = config.destination.auth.secret_name if config.destination.auth else None
    access = destination_access(config, MemorySecrets({name: json.dumps(secret)} if name else {}), "")
    declared = declaration(config).base_connection()
    return new_base_connection(declared.body, access.auth() if access else None).body()


@pytest.mark.parametrize("name", FORMS)
def test_t29_the_examples_make_the_documented_bodies(name: str) -> None:
    connection_spec, flow_spec, auth, params = FORMS[name]
    config = example(name)
    declared = declaration(config)
    title = load_catalogue().destination(config.destination.type).title
    place = "/".join(str(params[part]) for part in ("bucketName", "container", "path", "remotePath") if part in params)

    base = base_of(config, auth)
    source = new_source_connection(declared.source_connection().body).body()
    target = new_target_connection(declared.target_connection("base").body).body()
    dataflow = new_dataflow(declared.dataflow("source", "target").body).body()

    sent = {"auth": {"specName": auth[0], "params": auth[1]}} if auth else {}
    assert same(
        base,
        {
            **entity(config.name, f"{config.name}: {title}", "base-connection"),
            **sent,
            "connectionSpec": spec(connection_spec),
        },
    )
    assert same(
        source,
        {
            **entity(config.name, f"{config.name}: profile store", "source-connection"),
            "connectionSpec": spec("8a9c3494-9708-43d7-ae3f-cda01e5030e1"),
        },
    )
    assert same(
        target,
        {
            **entity(config.name, f"{config.name}: {place}", "target-connection"),
            "baseConnectionId": "base",
            "params": params,
            "connectionSpec": spec(connection_spec),
        },
    )
    assert same(
        dataflow,
        {
            **entity(config.name, config.name, "dataflow"),
            "flowSpec": spec(flow_spec),
            "sourceConnectionIds": ["source"],
            "targetConnectionIds": ["target"],
            "transformations": [SKELETON],
        },
    )


def test_the_encrypted_example_sends_the_key_as_stored_connections_show_it() -> None:
    config = example("encrypted-audiences")
    auth = {"specName": "Access Key", "params": FORMS["amazon-s3-audiences"][2][1]}  # type: ignore[index]

    body = new_base_connection(declaration(config).base_connection().body, auth).body()

    assert [*body] == ["name", "description", "auth", "encryption", "connectionSpec"]
    encryption: Any = body["encryption"]
    key = encryption["params"].pop("publicKey")
    assert encryption == {"specName": "File Encryption", "params": {"encryptionAlgo": "PGP/GPG"}}
    assert config.destination.encryption.public_key == key  # type: ignore[union-attr]


def test_the_activation_refers_to_a_mapping_set() -> None:
    config = example("amazon-s3-audiences")
    listed = [ResolvedAudience(id=f"id-{index}", name=str(one)) for index, one in enumerate(config.audiences)]
    wanted = wanted_activation(config, audiences_to_export(config, listed))
    live = Transformation.of({"transformations": [SKELETON]}, first_generation=False)

    operations = activation_operations(
        compare_activation(wanted, live, ours=()), MappingReference(id="mapping", version=3)
    )

    def added(audience: int, mode: str, frequency: str, template: str) -> dict[str, Any]:
        value = {"id": f"id-{audience}", "name": listed[audience].name, "filenameTemplate": template}
        schedule = {"frequency": frequency, "triggerType": "SCHEDULED"}
        return {
            "op": "add",
            "path": "/transformations/0/params/segmentSelectors/selectors/-",
            "value": {"type": "PLATFORM_SEGMENT", "value": {**value, "exportMode": mode, "schedule": schedule}},
        }

    email = "personalEmail.address"
    assert same(
        [JsonPatchOperation.model_validate(one).body() for one in operations],
        [
            added(0, "FIRST_FULL_THEN_INCREMENTAL", "DAILY", "%SEGMENT_NAME%_%DATETIME(YYYYMMdd_HHmmss)%"),
            added(1, "DAILY_FULL_EXPORT", "WEEKLY", "newsletter_%DATETIME(YYYYMMdd_HHmmss)%"),
            {"op": "add", "path": "/transformations/0/params/mandatoryFields", "value": [email]},
            {
                "op": "add",
                "path": "/transformations/0/params/primaryFields",
                "value": [{"fieldType": "ATTRIBUTE", "attributePath": email}],
            },
            {
                "op": "add",
                "path": "/transformations/0/params/profileMapping",
                "value": {"mappingId": "mapping", "mappingVersion": 3},
            },
        ],
    )


@pytest.mark.parametrize("name", FORMS)
def test_t29_the_emulated_adobe_accepts_them(
    running_adobe: server.Emulator, adobe: httpx.Client, reader: Reader, name: str
) -> None:
    config = example(name)
    declared = declaration(config)
    listed = [ResolvedAudience(id=one, name=str(it)) for one, it in zip(AUDIENCES, config.audiences, strict=False)]
    services = LocalServices(Adobe(running_adobe, adobe, SharedClock(running_adobe)))

    source = reader.post("/sourceConnections", new_source_connection(declared.source_connection().body).body())
    base = reader.post("/connections", base_of(config, FORMS[name][2]))
    target = reader.post("/targetConnections", new_target_connection(declared.target_connection(base).body).body())
    flow = reader.post("/flows", new_dataflow(declared.dataflow(source, target).body).body())
    (live,) = reader.get(f"/flows/{flow}")
    full = with_full_schedules(config, listed, {}, NOW)
    wanted = wanted_activation(full, audiences_to_export(full, listed))
    columns = [FieldMapping(source=one.source, column=one.column) for one in wanted.attributes]
    made = DataPrep(services.adobe("prod")).create_mapping_set(FORMS[name][0], columns, config.name)
    difference = compare_activation(wanted, Transformation.of(live, first_generation=False), ours=())
    operations = activation_operations(difference, MappingReference(id=made.id, version=made.version))
    reader.patch(flow, [JsonPatchOperation.model_validate(one).body() for one in operations])

    (live,) = reader.get(f"/flows/{flow}")
    assert live["lastOperation"]["status"] == {"value": "completed", "errors": []}
    there = Transformation.of(live, first_generation=False)
    assert compare_activation(wanted, there, ours=(), columns=wanted.attributes).changes == []
    assert there.mapping == (made.id, made.version)
