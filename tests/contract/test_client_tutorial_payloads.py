"""The bodies our client sends are those of Adobe's tutorial.

The samples are those of Adobe: Export datasets by using the Flow Service API, tab Amazon S3, comments removed; values in
angle brackets are Adobe's placeholders.
"""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.requests import (
    Authentication,
    DatasetReference,
    DatasetSourceParams,
    NewBaseConnection,
    NewDataflow,
    NewSourceConnection,
    NewTargetConnection,
    RequestModel,
    S3DatasetTargetParams,
    ScheduleParams,
    SpecReference,
)

SOURCE_CONNECTION = {
    "name": "Connecting to Data Lake",
    "description": "Data Lake source connection to export datasets",
    "connectionSpec": {"id": "23598e46-f560-407b-88d5-ea6207e49db0", "version": "1.0"},
    "params": {"datasets": [{"dataSetId": "5ef3e3259ad2a1191ab7dd7d", "name": "AAM Devices Data"}]},
}
BASE_CONNECTION = {
    "name": "Amazon S3 Base Connection",
    "auth": {
        "specName": "Access Key",
        "params": {"s3SecretKey": "<Add secret key>", "s3AccessKey": "<Add access key>"},
    },
    "connectionSpec": {"id": "4fce964d-3f37-408f-9778-e597338a21ee", "version": "1.0"},
}
TARGET_CONNECTION = {
    "name": "Amazon S3 Beta Target Connection",
    "baseConnectionId": "<FROM_STEP_CREATE_TARGET_BASE_CONNECTION>",
    "params": {
        "mode": "Server-to-server",
        "bucketName": "your-bucket-name",
        "path": "folder/subfolder",
        "compression": "NONE",
        "datasetFileType": "JSON",
    },
    "connectionSpec": {"id": "4fce964d-3f37-408f-9778-e597338a21ee", "version": "1.0"},
}
DATAFLOW = {
    "name": "Activate datasets to an Amazon S3 cloud storage destination",
    "description": "This operation creates a dataflow to export datasets to an Amazon S3 cloud storage destination",
    "flowSpec": {"id": "269ba276-16fc-47db-92b0-c1049a3c131f", "version": "1.0"},
    "sourceConnectionIds": ["<FROM_STEP_CREATE_SOURCE_CONNECTION>"],
    "targetConnectionIds": ["<FROM_STEP_CREATE_TARGET_CONNECTION>"],
    "transformations": [],
    "scheduleParams": {"interval": 3, "timeUnit": "hour", "startTime": 1675901210},
}
CURRENT_SCHEDULE = {
    "exportMode": "FIRST_FULL_THEN_INCREMENTAL",
    "interval": 3,
    "timeUnit": "hour",
    "startTime": 1675901210,
    "endTime": 1691452800,
    "foldernameTemplate": "%DESTINATION%/%DATASET_ID%/%DATETIME(YYYYMMdd_HHmmss)%",
}


def test_t25_the_source_connection() -> None:
    request = NewSourceConnection(
        name="Connecting to Data Lake",
        description="Data Lake source connection to export datasets",
        connection_spec=SpecReference(id=load_catalogue().data_lake_spec_id),
        params=DatasetSourceParams(
            datasets=[DatasetReference(data_set_id="5ef3e3259ad2a1191ab7dd7d", name="AAM Devices Data")]
        ),
    )

    assert request.body() == SOURCE_CONNECTION


def test_t25_the_base_connection() -> None:
    request = NewBaseConnection(
        name="Amazon S3 Base Connection",
        connection_spec=SpecReference(id=load_catalogue().destination("amazon-s3").connection_spec_id),
        auth=Authentication(
            spec_name="Access Key",
            params={"s3SecretKey": SecretStr("<Add secret key>"), "s3AccessKey": SecretStr("<Add access key>")},
        ),
    )

    assert request.body() == BASE_CONNECTION


def test_t25_the_target_connection() -> None:
    request = NewTargetConnection(
        name="Amazon S3 Beta Target Connection",
        base_connection_id="<FROM_STEP_CREATE_TARGET_BASE_CONNECTION>",
        params=S3DatasetTargetParams(
            bucket_name="your-bucket-name", path="folder/subfolder", compression="NONE", dataset_file_type="JSON"
        ),
        connection_spec=SpecReference(id=load_catalogue().destination("amazon-s3").connection_spec_id),
    )

    assert request.body() == TARGET_CONNECTION


def test_t25_the_dataflow() -> None:
    request = NewDataflow(
        name="Activate datasets to an Amazon S3 cloud storage destination",
        description="This operation creates a dataflow to export datasets to an Amazon S3 cloud storage destination",
        flow_spec=SpecReference(id=load_catalogue().destination("amazon-s3").dataset_flow_spec_id),
        source_connection_ids=["<FROM_STEP_CREATE_SOURCE_CONNECTION>"],
        target_connection_ids=["<FROM_STEP_CREATE_TARGET_CONNECTION>"],
        schedule_params=ScheduleParams(interval=3, time_unit="hour", start_time=1675901210),
    )

    assert request.body() == DATAFLOW


def test_the_schedule_of_the_current_edition() -> None:
    request = ScheduleParams(
        export_mode="FIRST_FULL_THEN_INCREMENTAL",
        interval=3,
        time_unit="hour",
        start_time=1675901210,
        end_time=1691452800,
        foldername_template="%DESTINATION%/%DATASET_ID%/%DATETIME(YYYYMMdd_HHmmss)%",
    )

    assert request.body() == CURRENT_SCHEDULE


@pytest.mark.parametrize(
    ("model", "sample"),
    [
        (NewSourceConnection, SOURCE_CONNECTION),
        (NewBaseConnection, BASE_CONNECTION),
        (NewTargetConnection, TARGET_CONNECTION),
        (NewDataflow, DATAFLOW),
    ],
)
def test_the_samples_read_back_to_themselves(model: type[RequestModel], sample: dict[str, Any]) -> None:
    assert model.model_validate(sample).body() == sample
