from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.requests import NewFirstGenerationTargetConnection, NewTargetConnection
from aep_delivery.adobe.target_params import BucketParams, CsvOptions

IN_FULL = {"nullValue": "null", "emptyValue": "", "escape": "\\", "quote": '"', "delimiter": ","}


def target(destination: str, **params: object) -> NewTargetConnection:
    spec = {"id": load_catalogue().destination(destination).connection_spec_id}
    wanted = {"compression": "NONE", "fileType": "CSV", **params}
    return NewTargetConnection.model_validate(
        {
            "name": "n",
            "baseConnectionId": "b",
            "connectionSpec": spec,
            "params": {name: value for name, value in wanted.items() if value is not None},
        }
    )


def first(destination: str, **params: object) -> NewFirstGenerationTargetConnection:
    spec = {"id": load_catalogue().destination(destination).connection_spec_id}
    return NewFirstGenerationTargetConnection.model_validate(
        {"name": "n", "baseConnectionId": "b", "connectionSpec": spec, "params": params}
    )


def params_of(request: NewTargetConnection) -> Any:
    return request.body()["params"]


def test_t29_csv_without_options_is_sent_with_all_of_them() -> None:
    assert list(params_of(target("amazon-s3", bucketName="b", path="p")).items()) == [
        ("mode", "Server-to-server"),
        ("bucketName", "b"),
        ("path", "p"),
        ("compression", "NONE"),
        ("fileType", "CSV"),
        ("csvOptions", IN_FULL),
    ]


def test_t29_options_in_part_are_sent_in_full() -> None:
    options = params_of(target("azure-blob", container="c", path="p", csvOptions={"delimiter": ";"}))["csvOptions"]

    assert options == {**IN_FULL, "delimiter": ";"}
    assert list(options) == list(IN_FULL)


def test_options_given_as_a_model_are_kept() -> None:
    params = BucketParams(
        bucket_name="b", path="p", compression="GZIP", file_type="CSV", csv_options=CsvOptions(quote="")
    )

    assert params.body()["csvOptions"] == {**IN_FULL, "quote": ""}


def test_other_formats_have_no_csv_options() -> None:
    params = params_of(target("sftp", remotePath="/p", fileType="PARQUET", includeFileManifest=True))

    assert params == {
        "mode": "Server-to-server",
        "remotePath": "/p",
        "compression": "NONE",
        "fileType": "PARQUET",
        "includeFileManifest": True,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"fileType": "JSON", "csvOptions": {}},
        {"datasetFileType": "JSON"},
        {"fileType": None},
        {"fileType": None, "datasetFileType": "CSV"},
        {"fileType": None, "datasetFileType": "JSON", "csvOptions": {}},
        {"csvOptions": {"delimiter": "~"}},
        {"csvOptions": {"quote": "'"}},
        {"csvOptions": {"lineBreak": "\n"}},
        {"compression": "ZIP"},
        {"mode": "S3"},
        {"format": "CSV"},
    ],
)
def test_t30_impossible_files(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        target("amazon-s3", **{"bucketName": "b", "path": "p", **wrong})


@pytest.mark.parametrize(
    ("destination", "place"),
    [
        ("azure-blob", {"bucketName": "b", "path": "p"}),
        ("azure-blob", {"container": "c", "bucketName": "b", "path": "p"}),
        ("azure-blob", {"path": "p"}),
        ("adls-gen2", {"bucketName": "b", "path": "p"}),
        ("data-landing-zone", {"container": "c", "path": "p"}),
        ("google-cloud-storage", {"path": "p"}),
        ("sftp", {"path": "p"}),
        ("amazon-s3", {"bucketName": "b"}),
        ("amazon-s3", {"bucketName": "b", "path": ""}),
        ("adobe-campaign", {"bucketName": "b", "path": "p"}),
    ],
)
def test_t32_places_a_destination_does_not_have(destination: str, place: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        target(destination, **place)


@pytest.mark.parametrize(
    ("destination", "params"),
    [
        ("amazon-s3-first-generation", {"mode": "S3", "bucketName": "b", "path": "p"}),
        ("amazon-s3-first-generation", {"mode": "FTP", "remotePath": "p", "format": "CSV"}),
        ("oracle-eloqua", {"mode": "AZURE_BLOB", "container": "c", "path": "p", "format": "CSV"}),
        ("adobe-campaign", {"mode": "S3", "container": "c", "path": "p", "format": "CSV"}),
        ("adobe-campaign", {"mode": "FTP", "remotePath": "p", "format": "JSON"}),
        ("adobe-campaign", {"mode": "FTP", "remotePath": "p", "format": "CSV", "fileType": "CSV"}),
        ("sftp", {"mode": "FTP", "remotePath": "p"}),
    ],
)
def test_what_the_first_generation_does_not_have(destination: str, params: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        first(destination, **params)


@pytest.mark.parametrize("form", [{}, {"format": "CSV"}])
def test_t35_plain_sftp_of_the_first_generation_takes_both_forms(form: dict[str, str]) -> None:
    params = {"mode": "FTP", "remotePath": "p", **form}

    assert first("sftp-first-generation", **params).body()["params"] == params


def test_a_destination_outside_of_the_catalogue_is_not_judged() -> None:
    params = BucketParams(bucket_name="b", path="p", compression="NONE", dataset_file_type="JSON")
    wanted = {"name": "n", "baseConnectionId": "b", "connectionSpec": {"id": "another"}, "params": params}

    assert NewTargetConnection.model_validate(wanted).params == params
