from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.requests import (
    Authentication,
    EncryptionParams,
    FileEncryption,
    JsonPatchOperation,
    NewBaseConnection,
    NewFirstGenerationBaseConnection,
    NewFirstGenerationProfileSource,
    NewSourceConnection,
    RequestModel,
    ScheduleParams,
    SpecReference,
)

CANARY = "canary/S3secret+0123456789012345678901ab"
SPEC = SpecReference(id="spec-1")
START = 1675901210


def base_connection() -> NewBaseConnection:
    auth = Authentication(
        spec_name="Access Key", params={"s3AccessKey": SecretStr("AKIA"), "s3SecretKey": SecretStr(CANARY)}
    )
    return NewBaseConnection(name="n", connection_spec=SPEC, auth=auth)


def test_credentials_show_in_the_body_and_nowhere_else() -> None:
    connection = base_connection()

    assert connection.body()["auth"] == {
        "specName": "Access Key",
        "params": {"s3AccessKey": "AKIA", "s3SecretKey": CANARY},
    }
    assert connection.public_body()["auth"] == {"specName": "Access Key"}
    shown = f"{connection!r} {connection} {connection.model_dump_json()} {json.dumps(connection.public_body())}"
    assert CANARY not in shown
    assert "AKIA" not in shown


def test_without_auth_there_is_no_auth() -> None:
    assert NewBaseConnection(name="n", connection_spec=SPEC).body() == {
        "name": "n",
        "connectionSpec": {"id": "spec-1", "version": "1.0"},
    }


@pytest.mark.parametrize(
    ("destination", "auth_type"),
    [(row.name, spec.type) for row in load_catalogue().destinations for spec in row.auth_specs],
)
def test_what_is_for_reading_back_is_never_sent(destination: str, auth_type: str) -> None:
    row = load_catalogue().destination(destination)
    spec = row.auth_spec_for(auth_type)
    secret = {param.name: SecretStr(CANARY) for param in spec.params if param.required or param.reading}
    wanted = {"name": "n", "connectionSpec": {"id": row.connection_spec_id}}
    model = NewBaseConnection if row.generation == "current" else NewFirstGenerationBaseConnection

    sent = model.model_validate({**wanted, "auth": {"specName": spec.name, "params": spec.sent(secret)}})

    auth: Any = sent.body()["auth"]
    assert auth["params"].keys() == {p.name for p in spec.params if p.required and not p.reading}
    for wrong in (secret, {}, {**spec.sent(secret), "more": SecretStr(CANARY)}):
        if wrong.keys() != spec.sent(secret).keys():
            with pytest.raises(ValidationError) as caught:
                model.model_validate({**wanted, "auth": {"specName": spec.name, "params": wrong}})
            assert CANARY not in str(caught.value)


def test_t28_an_assumed_role() -> None:
    spec = {"id": load_catalogue().destination("amazon-s3").connection_spec_id}
    role = {"s3Role": "arn:aws:iam::800873819705:role/x"}

    def built(params: dict[str, str]) -> NewBaseConnection:
        auth = {"specName": "Assumed Role", "params": params}
        return NewBaseConnection.model_validate({"name": "n", "connectionSpec": spec, "auth": auth})

    assert built(role).body()["auth"] == {"specName": "Assumed Role", "params": role}
    with pytest.raises(ValidationError):
        built({**role, "s3AccessKey": "AKIAIOSFODNN7EXAMPLE", "s3SecretKey": CANARY})


def test_an_authentication_a_destination_does_not_have_is_not_sent() -> None:
    spec = {"id": load_catalogue().destination("amazon-s3").connection_spec_id}

    with pytest.raises(ValidationError, match="no authentication of the name S3"):
        NewBaseConnection.model_validate(
            {"name": "n", "connectionSpec": spec, "auth": {"specName": "S3", "params": {}}}
        )


def test_encryption_is_in_what_may_be_shown() -> None:
    encryption = FileEncryption(params=EncryptionParams(public_key="LS0t"))

    connection = NewBaseConnection(name="n", connection_spec=SPEC, encryption=encryption)

    assert connection.public_body() == {
        "name": "n",
        "encryption": {"specName": "File Encryption", "params": {"encryptionAlgo": "PGP/GPG", "publicKey": "LS0t"}},
        "connectionSpec": {"id": "spec-1", "version": "1.0"},
    }


def test_the_source_of_the_first_generation_says_one_thing_only() -> None:
    wanted = {"name": "n", "connectionSpec": {"id": "x"}, "baseConnectionId": "b"}

    with pytest.raises(ValidationError):
        NewFirstGenerationProfileSource.model_validate({**wanted, "data": {"format": "JSON", "schema": None}})
    with pytest.raises(ValidationError):
        NewFirstGenerationProfileSource.model_validate({**wanted, "params": {"more": 1}})


def test_a_refused_body_does_not_quote_its_values() -> None:
    with pytest.raises(ValidationError) as caught:
        NewBaseConnection.model_validate(
            {"name": "n", "connectionSpec": {"id": "x"}, "auth": {"specName": "s", "params": CANARY}}
        )

    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("model", "content"),
    [
        (SpecReference, {"id": ""}),
        (SpecReference, {"id": "x", "extra": 1}),
        (NewSourceConnection, {"name": "n", "connectionSpec": {"id": "x"}, "params": {"datasets": []}}),
        (
            NewSourceConnection,
            {"name": "n", "connectionSpec": {"id": "x"}, "params": {"datasets": [{"dataSetId": "1"}]}},
        ),
        (
            NewSourceConnection,
            {"name": "n", "connectionSpec": {"id": "x"}, "params": {"datasets": [{"datasetId": "1", "name": "n"}]}},
        ),
    ],
)
def test_what_adobe_would_refuse_is_not_built(model: type[RequestModel], content: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(content)


@pytest.mark.parametrize(
    ("interval", "unit"), [(3, "hour"), (6, "hour"), (9, "hour"), (12, "hour"), (0, "day"), (1, "day")]
)
def test_t58_possible_intervals(interval: int, unit: str) -> None:
    schedule = ScheduleParams.model_validate({"interval": interval, "timeUnit": unit, "startTime": START})

    assert schedule.body() == {"interval": interval, "timeUnit": unit, "startTime": START}


@pytest.mark.parametrize(
    "wrong",
    [
        {"interval": 8},
        {"interval": 24},
        {"interval": 1},
        {"interval": 2, "timeUnit": "day"},
        {"interval": 3, "timeUnit": "day"},
        {"timeUnit": "week"},
        {"startTime": 1675901210000},
        {"startTime": "1675901210"},
        {"startTime": 1675901210.0},
        {"startTime": -1},
        {"endTime": START},
        {"endTime": START - 1},
        {"exportMode": "WEEKLY"},
        {"folderNameTemplate": "%DATASET_ID%"},
    ],
)
def test_t59_t61_impossible_schedules(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ScheduleParams.model_validate({"interval": 3, "timeUnit": "hour", "startTime": START} | wrong)


def test_a_patch_says_what_it_says() -> None:
    replace = JsonPatchOperation(op="replace", path="/scheduleParams", value={"interval": 3, "nested": [1, None]})
    remove = JsonPatchOperation(op="remove", path="/labels")

    assert replace.body() == replace.public_body()
    assert replace.body() == {"op": "replace", "path": "/scheduleParams", "value": {"interval": 3, "nested": [1, None]}}
    assert remove.body() == {"op": "remove", "path": "/labels"}
    assert JsonPatchOperation(op="replace", path="/description", value="x").body()["value"] == "x"


@pytest.mark.parametrize("path", ["/auth/params", "/elsewhere"])
def test_a_patch_of_credentials_hides_them(path: str) -> None:
    patch = JsonPatchOperation(op="replace", path=path, value={"s3SecretKey": SecretStr(CANARY)})

    assert patch.body()["value"] == {"s3SecretKey": CANARY}
    assert patch.public_body() == {"op": "replace", "path": path}
    assert CANARY not in f"{patch!r} {patch.model_dump_json()}"


@pytest.mark.parametrize("path", ["/auth/params", "/auth/params/s3SecretKey"])
def test_a_patch_of_credentials_hides_them_even_where_they_come_in_clear(path: str) -> None:
    value: object = CANARY if path.endswith("Key") else {"s3AccessKey": "AKIA", "s3SecretKey": CANARY}

    patch = JsonPatchOperation.model_validate({"op": "replace", "path": path, "value": value})

    assert patch.body() == {"op": "replace", "path": path, "value": value}
    assert patch.public_body() == {"op": "replace", "path": path}
    assert CANARY not in f"{patch!r} {patch.model_dump_json()}"


@pytest.mark.parametrize("wrong", [{"op": "move"}, {"op": "ADD"}, {"path": "name"}])
def test_a_patch_adobe_does_not_know_is_not_built(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        JsonPatchOperation.model_validate({"op": "add", "path": "/name", "value": "x"} | wrong)
