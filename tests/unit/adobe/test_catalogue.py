from __future__ import annotations

import json
import uuid
from importlib.resources import files

import pytest
from pydantic import SecretStr

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.runtime.errors import UserError

KEY = SecretStr("AKIAIOSFODNN7EXAMPLE")
SECRET = SecretStr("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


def test_amazon_s3_has_the_ids_of_the_current_generation() -> None:
    row = load_catalogue().destination("amazon-s3")

    assert row.connection_spec.id == "4fce964d-3f37-408f-9778-e597338a21ee"
    assert row.flow_specs.datasets.id == "269ba276-16fc-47db-92b0-c1049a3c131f"
    assert row.flow_specs.audiences.id == "1a0514a6-33d4-4c7f-aff8-594799c47549"
    assert row.flow_specs.audiences.version == "1.0"


def test_the_two_sources() -> None:
    catalogue = load_catalogue()

    assert catalogue.data_lake.connection_spec.id == "23598e46-f560-407b-88d5-ea6207e49db0"
    assert catalogue.profile_store.connection_spec.id == "8a9c3494-9708-43d7-ae3f-cda01e5030e1"


def test_every_fact_has_a_source_and_every_id_is_one() -> None:
    def check(value: object) -> None:
        if isinstance(value, dict):
            if "id" in value:
                assert str(uuid.UUID(value["id"])) == value["id"]
            if {"id", "pattern", "values"} & value.keys() or "params" in value:
                assert value["source"].startswith("Adobe: ")
            for inner in value.values():
                check(inner)
        elif isinstance(value, list):
            for inner in value:
                check(inner)

    check(json.loads(files("aep_delivery.adobe").joinpath("catalogue.json").read_text()))


def test_an_unknown_destination_is_named_with_a_suggestion() -> None:
    with pytest.raises(UserError) as caught:
        load_catalogue().destination("amazon-s4")

    assert caught.value.code == "destination.unknown"
    assert caught.value.hint == "Did you mean 'amazon-s3'?"


def test_good_keys_are_accepted() -> None:
    spec = load_catalogue().destination("amazon-s3").auth_spec("Access Key")

    assert spec.findings({"s3AccessKey": KEY, "s3SecretKey": SECRET}) == []


@pytest.mark.parametrize(
    "key", ["AKIAIOSFODNN7EXAMPL", "AKIAIOSFODNN1EXAMPLE", "AKIAIOSFODNN8EXAMPLE", "akiaiosfodnn7example", ""]
)
def test_t27_an_impossible_access_key_is_found_and_not_shown(key: str) -> None:
    spec = load_catalogue().destination("amazon-s3").auth_spec("Access Key")

    (finding,) = spec.findings({"s3AccessKey": SecretStr(key), "s3SecretKey": SECRET})

    assert finding.startswith("s3AccessKey: ")
    assert not key or key not in finding


def test_t27_a_short_secret_key_is_found_and_not_shown() -> None:
    spec = load_catalogue().destination("amazon-s3").auth_spec("Access Key")

    (finding,) = spec.findings({"s3AccessKey": KEY, "s3SecretKey": SecretStr(SECRET.get_secret_value()[:39])})

    assert finding.startswith("s3SecretKey: ")
    assert SECRET.get_secret_value()[:39] not in finding


def test_t28_a_role_and_keys_do_not_mix() -> None:
    row = load_catalogue().destination("amazon-s3")
    role = SecretStr("arn:aws:iam::800873819705:role/x")

    assert row.auth_spec("Assumed Role").findings({"s3Role": role}) == []
    assert row.auth_spec("Assumed Role").findings({"s3Role": role, "s3AccessKey": KEY}) == [
        "s3AccessKey: not a parameter of 'Assumed Role'"
    ]
    assert row.auth_spec("Access Key").findings({}) == ["s3AccessKey: missing", "s3SecretKey: missing"]


@pytest.mark.parametrize(
    ("param", "value", "accepted"),
    [
        ("path", "exports/flights", True),
        ("path", "a/b/%SEGMENT_NAME%/", False),
        ("path", "a b", False),
        ("path", "a/b\n", False),
        ("bucketName", "my-bucket", True),
        ("bucketName", "my.bucket", True),
        ("bucketName", "My-Bucket", False),
        ("bucketName", "ab", False),
        ("bucketName", "192.168.0.1", False),
        ("bucketName", "a" * 64, False),
        ("compression", "GZIP", True),
        ("compression", "ZIP", False),
        ("datasetFileType", "PARQUET", True),
        ("datasetFileType", "CSV", False),
        ("mode", "Server-to-server", True),
    ],
)
def test_t34_target_parameters(param: str, value: str, *, accepted: bool) -> None:
    assert load_catalogue().destination("amazon-s3").target_param(param).accepts(value) is accepted
