from __future__ import annotations

import json
import uuid
from importlib.resources import files
from typing import get_args

import pytest
from pydantic import SecretStr

from aep_delivery.adobe.catalogue import DestinationRow, load_catalogue
from aep_delivery.config.destinations import CloudDestination, FirstGenerationDestination
from aep_delivery.runtime.errors import InternalError, UserError

KEY = SecretStr("AKIAIOSFODNN7EXAMPLE")
SECRET = SecretStr("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


def test_amazon_s3_has_the_ids_of_the_current_generation() -> None:
    row = load_catalogue().destination("amazon-s3")

    assert row.connection_spec.id == "4fce964d-3f37-408f-9778-e597338a21ee"
    assert row.dataset_flow_spec_id == "269ba276-16fc-47db-92b0-c1049a3c131f"
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


ROWS = {
    # generation, connection spec, datasets, audiences, authentications, modes
    "amazon-s3": ("current", "4fce964d", "269ba276", "1a0514a6", ["access-key", "assumed-role"], ["s3"]),
    "azure-blob": ("current", "6d6b59bf", "95bd8965", "752d422f", ["connection-string"], ["azure"]),
    "adls-gen2": ("current", "be2c3209", "17be2013", "db060570", ["service-principal"], ["adls"]),
    "data-landing-zone": ("current", "10440537", "cd2fc47e", "7e635b9f", [], ["landing-zone"]),
    "google-cloud-storage": ("current", "c5d93acb", "585c15c4", "976d663b", ["hmac-key"], ["gcs"]),
    "sftp": ("current", "36965a81", "354d6aad", "fd36aaa4", ["sftp-password", "sftp-ssh-key"], ["sftp"]),
    "adobe-campaign": (
        "first",
        "0b23e41a",
        None,
        "upsToCampaign",
        ["access-key", "sftp-password", "sftp-ssh-key", "connection-string"],
        ["s3", "azure", "sftp"],
    ),
    "oracle-eloqua": ("first", "c1e44b6b", None, "71471eba", ["sftp-password", "sftp-ssh-key"], ["s3", "sftp"]),
    "oracle-responsys": ("first", "a5e28ddf", None, "51d675ce", ["sftp-password", "sftp-ssh-key"], ["s3", "sftp"]),
    "salesforce-marketing-cloud": (
        "first",
        "f599a5b3",
        None,
        "493b2bd6",
        ["sftp-password", "sftp-ssh-key"],
        ["s3", "sftp"],
    ),
    "amazon-s3-first-generation": ("first", "4890fc95", None, "71471eba", ["access-key"], ["s3"]),
    "azure-blob-first-generation": ("first", "e258278b", None, "71471eba", ["connection-string"], ["azure"]),
    "sftp-first-generation": ("first", "64ef4b8b", None, "71471eba", ["sftp-password"], ["sftp"]),
}


def test_there_are_thirteen_destinations() -> None:
    def ids(row: DestinationRow) -> tuple[object, ...]:
        specs = row.flow_specs
        return (
            row.generation,
            row.connection_spec.id[:8],
            specs.datasets and specs.datasets.id[:8],
            specs.audiences.name or (specs.audiences.id or "")[:8],
            [spec.type for spec in row.auth_specs],
            list(row.storage.values()),
        )

    assert {row.name: ids(row) for row in load_catalogue().destinations} == ROWS


def test_every_destination_of_a_config_has_its_row_and_its_authentications() -> None:
    types = {
        get_args(model.model_fields["type"].annotation)[0]: model
        for model in (*get_args(CloudDestination), *get_args(FirstGenerationDestination))
    }
    rows = {row.name: row for row in load_catalogue().destinations}

    assert rows.keys() == types.keys()
    for name, model in types.items():
        schema = json.dumps(model.model_json_schema()["$defs"])
        for spec in rows[name].auth_specs:
            assert f'"const": "{spec.type}"' in schema


@pytest.mark.parametrize("row", load_catalogue().destinations, ids=lambda row: row.name)
def test_modes_and_their_parameters_fit_together(row: DestinationRow) -> None:
    for mode in row.storage:
        assert row.target_param("mode", "audiences").accepts(mode)
        names = [param.name for param in row.target_params_for(mode, "audiences")]
        assert len(names) == len(set(names))
        assert sum(name in names for name in ("bucketName", "container", "remotePath")) <= 1
        assert ("path" in names) != ("remotePath" in names)
        assert "datasetFileType" not in names
    with pytest.raises(KeyError):
        row.storage_for("another")


def test_datasets_and_audiences_differ_in_their_parameters() -> None:
    row = load_catalogue().destination("amazon-s3")

    assert "datasetFileType" in [param.name for param in row.target_params_for("Server-to-server", "datasets")]
    assert row.target_param("path", "audiences").accepts("a/b/%SEGMENT_NAME%/")
    assert not row.target_param("path", "audiences").accepts("a/%SEGMENT_X%")
    assert not row.target_param("path", "audiences").accepts("")
    assert not row.target_param("path", "audiences").accepts("%SEGMENT_ID%/more")
    assert row.storage_for() == "s3"


@pytest.mark.parametrize(("name", "accepted"), [("My_Container", False), ("a--b", False), ("abc", True)])
def test_t33_containers(name: str, *, accepted: bool) -> None:
    assert load_catalogue().destination("azure-blob").target_param("container").accepts(name) is accepted


def test_a_destination_for_audiences_alone_has_no_dataflow_for_datasets() -> None:
    with pytest.raises(InternalError) as caught:
        _ = load_catalogue().destination("oracle-eloqua").dataset_flow_spec_id

    assert caught.value.code == "catalogue.audiences-only"


def test_a_row_is_found_by_its_connection_spec() -> None:
    row = load_catalogue().by_connection_spec("36965a81-b1c6-401b-99f8-22508f1e6a26")

    assert row is not None
    assert row.name == "sftp"
    assert load_catalogue().by_connection_spec("another") is None


def test_what_is_for_reading_back_stays_in_the_secret() -> None:
    text = {
        "domain": "sftp.example.com",
        "username": "u",
        "password": "p",
        "port": "2222",
        "hostKey": "ssh-ed25519 AAAA",
    }
    secret = {name: SecretStr(value) for name, value in text.items()}
    current = load_catalogue().destination("sftp").auth_spec_for("sftp-password")
    first = load_catalogue().destination("oracle-eloqua").auth_spec_for("sftp-password")

    assert current.findings(secret) == []
    assert current.sent(secret).keys() == {"domain", "username", "password", "port"}
    assert first.findings(secret) == ["host: missing"]
    assert first.sent(secret).keys() == {"domain", "username", "password"}
    (finding,) = current.findings({**secret, "hostKey": SecretStr("SHA256:abc")})
    assert finding.startswith("hostKey: not of the form expected")


@pytest.mark.parametrize(
    ("names", "auth_type"),
    [
        (["accessId", "secretKey"], "access-key"),
        (["connectionString"], "connection-string"),
        (["domain", "host", "username", "sshKey", "hostKey"], "sftp-ssh-key"),
        (["username"], None),
    ],
)
def test_a_secret_for_reading_tells_by_its_fields_what_it_is(names: list[str], auth_type: str | None) -> None:
    found = load_catalogue().destination("adobe-campaign").auth_spec_holding(dict.fromkeys(names, SecretStr("x")))

    assert (found and found.type) == auth_type


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
