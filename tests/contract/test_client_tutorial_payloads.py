"""The bodies our client sends are those of Adobe's tutorials, to the byte.

The samples are those of Adobe: Export datasets by using the Flow Service API, and of Adobe: Connect to batch
destinations and activate audiences by API, comments removed, alternatives told apart; values in angle brackets or
braces are Adobe's placeholders. The base connection of the landing zone has a connection specification here, without
which Adobe would not know what to connect to.
"""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from pydantic import SecretStr, ValidationError

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.requests import (
    Authentication,
    DatasetReference,
    DatasetSourceParams,
    NewBaseConnection,
    NewDataflow,
    NewFirstGenerationBaseConnection,
    NewFirstGenerationProfileSource,
    NewFirstGenerationTargetConnection,
    NewProfileSource,
    NewSourceConnection,
    NewTargetConnection,
    RequestModel,
    ScheduleParams,
    SpecReference,
)
from aep_delivery.adobe.transformations import transform_skeleton

Sample = dict[str, Any]


def spec(spec_id: str) -> Sample:
    return {"id": spec_id, "version": "1.0"}


PROFILE_STORE = spec("8a9c3494-9708-43d7-ae3f-cda01e5030e1")
SOURCE_CONNECTION = {
    "name": "Connecting to Data Lake",
    "description": "Data Lake source connection to export datasets",
    "connectionSpec": spec("23598e46-f560-407b-88d5-ea6207e49db0"),
    "params": {"datasets": [{"dataSetId": "5ef3e3259ad2a1191ab7dd7d", "name": "AAM Devices Data"}]},
}
PROFILE_STORE_CONNECTION = {
    "name": "Base connection to Experience Platform",
    "description": "This call establishes the connection to Experience Platform data",
    "connectionSpec": PROFILE_STORE,
}
PROFILE_SOURCE = {
    "name": "Connecting to Profile store",
    "description": "Optional",
    "connectionSpec": PROFILE_STORE,
    "baseConnectionId": "{BASE_CONNECTION_ID}",
    "data": {"format": "CSV", "schema": None},
    "params": {},
}
AUDIENCE_DATAFLOW = {
    "name": "activate audiences to Adobe Campaign",
    "description": "This operation creates a dataflow which we will later use to activate audiences to Adobe Campaign",
    "flowSpec": spec("{FLOW_SPEC_ID}"),
    "sourceConnectionIds": ["{SOURCE_CONNECTION_ID}"],
    "targetConnectionIds": ["{TARGET_CONNECTION_ID}"],
    "transformations": [
        {
            "name": "GeneralTransform",
            "params": {"segmentSelectors": {"selectors": []}, "profileSelectors": {"selectors": []}},
        }
    ],
}
CURRENT_SCHEDULE = {
    "exportMode": "FIRST_FULL_THEN_INCREMENTAL",
    "interval": 3,
    "timeUnit": "hour",
    "startTime": 1675901210,
    "endTime": 1691452800,
    "foldernameTemplate": "%DESTINATION%/%DATASET_ID%/%DATETIME(YYYYMMdd_HHmmss)%",
}

# destination, (authentication of a config, Adobe's name), name of the connection, spec, params
CURRENT_BASES = [
    (
        "amazon-s3",
        ("access-key", "Access Key"),
        "Amazon S3 Base Connection",
        "4fce964d-3f37-408f-9778-e597338a21ee",
        {"s3SecretKey": "<Add secret key>", "s3AccessKey": "<Add access key>"},
    ),
    (
        "azure-blob",
        ("connection-string", "ConnectionString"),
        "Azure Blob Storage Base Connection",
        "6d6b59bf-fb58-4107-9064-4d246c0e5bb2",
        {"connectionString": "<Add Azure Blob connection string>"},
    ),
    (
        "adls-gen2",
        ("service-principal", "Azure Service Principal Auth"),
        "Azure Data Lake Gen 2(ADLS Gen2) Base Connection",
        "be2c3209-53bc-47e7-ab25-145db8b873e1",
        {
            "servicePrincipalKey": "<Add servicePrincipalKey>",
            "url": "<Add url>",
            "tenant": "<Add tenant>",
            "servicePrincipalId": "<Add servicePrincipalId>",
        },
    ),
    (
        "google-cloud-storage",
        ("hmac-key", "Google Cloud Storage authentication credentials"),
        "Google Cloud Storage Base Connection",
        "c5d93acb-ea8b-4b14-8f53-02138444ae99",
        {"accessKeyId": "<Add accessKeyId>", "secretAccessKey": "<Add secret Access Key>"},
    ),
    (
        "sftp",
        ("sftp-password", "SFTP with Password"),
        "SFTP with password Base Connection",
        "36965a81-b1c6-401b-99f8-22508f1e6a26",
        {"domain": "<Add domain>", "username": "<Add username>", "password": "<Add password>"},
    ),
    (
        "sftp",
        ("sftp-ssh-key", "SFTP with SSH Key"),
        "SFTP with SSH key Base Connection",
        "36965a81-b1c6-401b-99f8-22508f1e6a26",
        {"domain": "<Add domain>", "username": "<Add username>", "sshKey": "<Add SSH key>"},
    ),
]
LANDING_ZONE_BASE = {
    "name": "Data Landing Zone(DLZ) Base Connection",
    "connectionSpec": spec("10440537-2a7b-4583-ac39-ed38d4b848e8"),
}
# destination, name of the target connection, place, flow spec, name of the dataflow
CURRENT_TARGETS = [
    (
        "amazon-s3",
        "Amazon S3 Beta Target Connection",
        {"bucketName": "your-bucket-name", "path": "folder/subfolder"},
        "269ba276-16fc-47db-92b0-c1049a3c131f",
        "an Amazon S3",
    ),
    (
        "azure-blob",
        "Azure Blob Storage Beta Target Connection",
        {"container": "your-container-name", "path": "folder/subfolder"},
        "95bd8965-fc8a-4119-b9c3-944c2c2df6d2",
        "an Azure Blob Storage",
    ),
    (
        "adls-gen2",
        "Azure Data Lake Gen 2(ADLS Gen2) Target Connection",
        {"path": "folder/subfolder"},
        "17be2013-2549-41ce-96e7-a70363bec293",
        "an Azure Data Lake Gen 2(ADLS Gen2)",
    ),
    (
        "data-landing-zone",
        "Data Landing Zone Target Connection",
        {"path": "folder/subfolder"},
        "cd2fc47e-e838-4f38-a581-8fff2f99b63a",
        "a Data Landing Zone",
    ),
    (
        "google-cloud-storage",
        "Google Cloud Storage Target Connection",
        {"bucketName": "your-bucket-name", "path": "folder/subfolder"},
        "585c15c4-6cbf-4126-8f87-e26bff78b657",
        "a Google Cloud Storage",
    ),
    (
        "sftp",
        "SFTP Target Connection",
        {"remotePath": "folder/subfolder"},
        "354d6aad-4754-46e4-a576-1b384561c440",
        "an SFTP",
    ),
]
_SFTP_PASSWORD = {"domain": "{DOMAIN}", "host": "{HOST}", "username": "{USERNAME}", "password": "{PASSWORD}"}
_SFTP_KEY = {"domain": "{DOMAIN}", "host": "{HOST}", "username": "{USERNAME}", "sshKey": "{SSH_KEY}"}
_BLOB = {"connectionString": "{AZURE_BLOB_CONNECTION_STRING}"}
_CAMPAIGN = ("adobe-campaign", "S3 Connection for Adobe Campaign", "0b23e41a-cb4a-4321-a78f-3b654f5d7d97")
_ELOQUA = ("oracle-eloqua", "Connect to Eloqua destination", "c1e44b6b-e7c8-404b-9031-58f0ef760604")
_RESPONSYS = ("oracle-responsys", "Connect to Responsys destination", "a5e28ddf-e265-426e-83a1-9d03a3a6822b")
_SALESFORCE = (
    "salesforce-marketing-cloud",
    "Connect to Salesforce Marketing Cloud",
    "f599a5b3-60a7-4951-950a-cc4115c7ea27",
)
_S3 = ("amazon-s3-first-generation", "Connect to Amazon S3", "4890fc95-5a1f-4983-94bb-e060c08e3f81")
_AZURE = ("azure-blob-first-generation", "Connect to Azure Blob", "e258278b-a4cf-43ac-b158-4fa0ca0d948b")
_SFTP = ("sftp-first-generation", "Connect to SFTP with password", "64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0")
# (destination, name of the connection, spec), description, authentication of a config, Adobe's name, params
FIRST_BASES: list[tuple[tuple[str, str, str], str, str, str, dict[str, str]]] = [
    (_CAMPAIGN, "summer", "access-key", "S3", {"accessId": "{ACCESS_ID}", "secretKey": "{SECRET_KEY}"}),
    (_CAMPAIGN, "summer", "sftp-password", "SFTP with Password", _SFTP_PASSWORD),
    (_CAMPAIGN, "summer", "sftp-ssh-key", "SFTP with SSH Key", _SFTP_KEY),
    (_CAMPAIGN, "summer", "connection-string", "Azure Blob", _BLOB),
    (
        _S3,
        "summer",
        "access-key",
        "Access Key",
        {"s3AccessKey": "{AMAZON_S3_ACCESS_KEY}", "s3SecretKey": "{AMAZON_S3_SECRET_KEY}"},
    ),
    (_AZURE, "Summer", "connection-string", "ConnectionString", _BLOB),
    *[
        (marketing, "summer", auth_type, name, params)
        for marketing in (_ELOQUA, _RESPONSYS, _SALESFORCE)
        for auth_type, name, params in (
            ("sftp-password", "SFTP with Password", _SFTP_PASSWORD),
            ("sftp-ssh-key", "SFTP with SSH Key", _SFTP_KEY),
        )
    ],
    (
        _SFTP,
        "summer",
        "sftp-password",
        "Basic Authentication for sftp",
        {"host": "{HOST}", "username": "{USERNAME}", "password": "{PASSWORD}"},
    ),
]
_IN_S3 = {"mode": "S3", "bucketName": "{BUCKET_NAME}", "path": "{FILEPATH}", "format": "CSV"}
_IN_BLOB = {"mode": "AZURE_BLOB", "container": "{CONTAINER}", "path": "{FILEPATH}", "format": "CSV"}
_BY_FTP = {"mode": "FTP", "remotePath": "{REMOTE_PATH}", "format": "CSV"}
# (destination, -, spec), what the names say, params
FIRST_TARGETS: list[tuple[tuple[str, str, str], str, dict[str, str]]] = [
    *[(_CAMPAIGN, "Adobe Campaign", params) for params in (_IN_S3, _IN_BLOB, _BY_FTP)],
    (_S3, "Amazon S3", _IN_S3),
    (_AZURE, "Azure Blob", _IN_BLOB),
    *[(_ELOQUA, "Oracle Eloqua", params) for params in (_IN_S3, _BY_FTP)],
    *[(_RESPONSYS, "Oracle Responsys", params) for params in (_IN_S3, _BY_FTP)],
    *[(_SALESFORCE, "Salesforce Marketing Cloud", params) for params in (_IN_S3, _BY_FTP)],
    (_SFTP, "SFTP", {"mode": "FTP", "remotePath": "{REMOTE_PATH}"}),
]


def same(request: RequestModel, sample: Sample) -> bool:
    """Whether the bytes that are sent are those of the sample, down to the order of the members."""
    return json.dumps(request.body()) == json.dumps(sample)


def authentication(destination: str, auth_type: str, params: dict[str, str]) -> Authentication:
    found = load_catalogue().destination(destination).auth_spec_for(auth_type)
    return Authentication(spec_name=found.name, params={name: SecretStr(value) for name, value in params.items()})


def reference(destination: str) -> SpecReference:
    return SpecReference(id=load_catalogue().destination(destination).connection_spec_id)


def profile_store() -> SpecReference:
    return SpecReference(id=load_catalogue().profile_store.connection_spec.id)


def test_t25_the_source_connection() -> None:
    request = NewSourceConnection(
        name="Connecting to Data Lake",
        description="Data Lake source connection to export datasets",
        connection_spec=SpecReference(id=load_catalogue().data_lake_spec_id),
        params=DatasetSourceParams(
            datasets=[DatasetReference(data_set_id="5ef3e3259ad2a1191ab7dd7d", name="AAM Devices Data")]
        ),
    )

    assert same(request, SOURCE_CONNECTION)


@pytest.mark.parametrize(("destination", "auth", "name", "spec_id", "params"), CURRENT_BASES)
def test_t25_the_base_connections(
    destination: str, auth: tuple[str, str], name: str, spec_id: str, params: dict[str, str]
) -> None:
    sample = {"name": name, "auth": {"specName": auth[1], "params": params}, "connectionSpec": spec(spec_id)}

    request = NewBaseConnection(
        name=name, auth=authentication(destination, auth[0], params), connection_spec=reference(destination)
    )

    assert same(request, sample)
    assert same(NewBaseConnection.model_validate(sample), sample)


def test_t25_the_base_connection_of_the_landing_zone() -> None:
    name = "Data Landing Zone(DLZ) Base Connection"

    assert same(NewBaseConnection(name=name, connection_spec=reference("data-landing-zone")), LANDING_ZONE_BASE)


@pytest.mark.parametrize(("destination", "name", "place", "flow_spec", "called"), CURRENT_TARGETS)
def test_t25_the_target_connections_and_dataflows(
    destination: str, name: str, place: dict[str, str], flow_spec: str, called: str
) -> None:
    row = load_catalogue().destination(destination)
    # One of the six descriptions does without the kind.
    described = called if destination == "google-cloud-storage" else f"{called} cloud storage"
    target = {
        "name": name,
        "baseConnectionId": "<FROM_STEP_CREATE_TARGET_BASE_CONNECTION>",
        "params": {"mode": "Server-to-server", **place, "compression": "NONE", "datasetFileType": "JSON"},
        "connectionSpec": spec(row.connection_spec_id),
    }
    dataflow = {
        "name": f"Activate datasets to {called} cloud storage destination",
        "description": f"This operation creates a dataflow to export datasets to {described} destination",
        "flowSpec": spec(flow_spec),
        "sourceConnectionIds": ["<FROM_STEP_CREATE_SOURCE_CONNECTION>"],
        "targetConnectionIds": ["<FROM_STEP_CREATE_TARGET_CONNECTION>"],
        "transformations": [],
        "scheduleParams": {"interval": 3, "timeUnit": "hour", "startTime": 1675901210},
    }

    # The members in another order than they are to be sent in.
    built = NewTargetConnection.model_validate(
        {
            "params": {"datasetFileType": "JSON", "compression": "NONE", **place},
            "connectionSpec": {"id": row.connection_spec_id},
            "baseConnectionId": "<FROM_STEP_CREATE_TARGET_BASE_CONNECTION>",
            "name": name,
        }
    )
    flow = NewDataflow(
        name=dataflow["name"],
        description=dataflow["description"],
        flow_spec=SpecReference(id=row.dataset_flow_spec_id),
        source_connection_ids=["<FROM_STEP_CREATE_SOURCE_CONNECTION>"],
        target_connection_ids=["<FROM_STEP_CREATE_TARGET_CONNECTION>"],
        schedule_params=ScheduleParams(interval=3, time_unit="hour", start_time=1675901210),
    )

    assert same(built, target)
    assert same(flow, dataflow)


def test_the_schedule_of_the_current_edition() -> None:
    request = ScheduleParams(
        export_mode="FIRST_FULL_THEN_INCREMENTAL",
        interval=3,
        time_unit="hour",
        start_time=1675901210,
        end_time=1691452800,
        foldername_template="%DESTINATION%/%DATASET_ID%/%DATETIME(YYYYMMdd_HHmmss)%",
    )

    assert same(request, CURRENT_SCHEDULE)


def test_t24_the_connection_to_the_profile_store() -> None:
    request = NewFirstGenerationBaseConnection(
        name="Base connection to Experience Platform",
        description="This call establishes the connection to Experience Platform data",
        connection_spec=profile_store(),
    )

    assert same(request, PROFILE_STORE_CONNECTION)


def test_t24_the_source_connection_for_audiences() -> None:
    request = NewFirstGenerationProfileSource(
        name="Connecting to Profile store",
        description="Optional",
        connection_spec=profile_store(),
        base_connection_id="{BASE_CONNECTION_ID}",
    )

    assert same(request, PROFILE_SOURCE)


@pytest.mark.parametrize(("called", "description", "auth_type", "auth_name", "params"), FIRST_BASES)
def test_t24_the_base_connections(
    called: tuple[str, str, str], description: str, auth_type: str, auth_name: str, params: dict[str, str]
) -> None:
    destination, name, spec_id = called
    sample = {
        "name": name,
        "description": f"{description} advertising campaign",
        "connectionSpec": spec(spec_id),
        "auth": {"specName": auth_name, "params": params},
    }

    request = NewFirstGenerationBaseConnection(
        name=name,
        description=f"{description} advertising campaign",
        auth=authentication(destination, auth_type, params),
        connection_spec=reference(destination),
    )

    assert same(request, sample)
    assert same(NewFirstGenerationBaseConnection.model_validate(sample), sample)


@pytest.mark.parametrize("edition", ["first", "current"])
@pytest.mark.parametrize(("called", "title", "params"), FIRST_TARGETS)
def test_t24_t35_the_target_connections(
    called: tuple[str, str, str], title: str, params: dict[str, str], edition: Literal["first", "current"]
) -> None:
    wanted: Sample = {**params, "includeFileManifest": True} if edition == "current" else params
    sample = {
        "name": f"TargetConnection for {title}",
        "description": f"Connection to {title}",
        "baseConnectionId": "{BASE_CONNECTION_ID}",
        "connectionSpec": spec(called[2]),
        "data": {"format": "json", "schema": {"id": "1.0", "version": "1.0"}},
        "params": wanted,
    }

    request = NewFirstGenerationTargetConnection.model_validate(
        {
            "params": dict(reversed(wanted.items())),
            "connectionSpec": {"id": reference(called[0]).id},
            "baseConnectionId": "{BASE_CONNECTION_ID}",
            "description": f"Connection to {title}",
            "name": f"TargetConnection for {title}",
        }
    )

    assert same(request, sample)


def test_t24_the_dataflow() -> None:
    request = NewDataflow(
        name="activate audiences to Adobe Campaign",
        description=AUDIENCE_DATAFLOW["description"],
        flow_spec=SpecReference(id="{FLOW_SPEC_ID}"),
        source_connection_ids=["{SOURCE_CONNECTION_ID}"],
        target_connection_ids=["{TARGET_CONNECTION_ID}"],
        transformations=[transform_skeleton("first")],
    )

    assert same(request, AUDIENCE_DATAFLOW)


def test_an_audience_dataflow_of_the_current_generation() -> None:
    sample = {
        **AUDIENCE_DATAFLOW,
        "transformations": [
            {
                "name": "GeneralTransform",
                "params": {
                    "mandatoryFields": [],
                    "primaryFields": [],
                    "profileMapping": {},
                    "segmentSelectors": {"selectors": []},
                },
            }
        ],
    }

    request = NewDataflow.model_validate({**sample, "transformations": [transform_skeleton("current").body()]})

    assert same(request, sample)


@pytest.mark.parametrize(
    ("model", "sample"),
    [
        (NewSourceConnection, SOURCE_CONNECTION),
        (NewBaseConnection, LANDING_ZONE_BASE),
        (NewFirstGenerationBaseConnection, PROFILE_STORE_CONNECTION),
        (NewFirstGenerationProfileSource, PROFILE_SOURCE),
        (
            NewProfileSource,
            {"name": "Profile source", "connectionSpec": spec("8a9c3494-9708-43d7-ae3f-cda01e5030e1")},
        ),
        (NewDataflow, AUDIENCE_DATAFLOW),
    ],
)
def test_the_samples_read_back_to_themselves(model: type[RequestModel], sample: Sample) -> None:
    assert same(model.model_validate(sample), sample)


@pytest.mark.parametrize("template", ["transformations", "scheduleParams"])
def test_a_dataflow_exports_one_kind_of_thing(template: str) -> None:
    both = {**AUDIENCE_DATAFLOW, "scheduleParams": {"interval": 3, "timeUnit": "hour", "startTime": 1}}
    neither = {name: value for name, value in AUDIENCE_DATAFLOW.items() if name != template}
    wrong = both if template == "scheduleParams" else neither

    with pytest.raises(ValidationError, match="exactly one"):
        NewDataflow.model_validate(wrong)
