from __future__ import annotations

from typing import Any

import pytest

from .activation import READERS, SELECTORS, add, current_flow, patch, selector, write_profiles
from .conftest import ACCESS_KEY, LAKE_SPEC, PLANES, S3_SPEC, SECRET_KEY, Adobe, flow_body, target_params

KEYS = {"s3AccessKey": ACCESS_KEY, "s3SecretKey": SECRET_KEY}
BLOB = {"id": "6d6b59bf-fb58-4107-9064-4d246c0e5bb2", "version": "1.0"}
LANDING_ZONE = {"id": "10440537-2a7b-4583-ac39-ed38d4b848e8", "version": "1.0"}
PROFILE_STORE = {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"}
AUDIENCE_FLOW = {"id": "1a0514a6-33d4-4c7f-aff8-594799c47549", "version": "1.0"}


def connection(**changes: Any) -> dict[str, Any]:
    body = {"name": "b", "connectionSpec": S3_SPEC, "auth": {"specName": "Access Key", "params": KEYS}, **changes}
    return {name: value for name, value in body.items() if value is not None}


def test_an_unknown_connection_spec_is_a_plain_message(adobe: Adobe) -> None:
    answer = adobe.post("/connections", connection(connectionSpec={"id": "x", "version": "1.0"}))
    assert (answer.status_code, answer.json()) == (400, {"message": "Please provide a valid spec id"})


def test_a_spec_without_a_version_is_unprocessable(adobe: Adobe) -> None:
    answer = adobe.post("/connections", connection(connectionSpec={"id": S3_SPEC["id"]}))
    assert answer.status_code == 422
    assert answer.json() == {"message": "connectionSpec.version 'version' is required for spec info"}


def test_state_is_not_allowed_on_create(adobe: Adobe) -> None:
    answer = adobe.post("/connections", connection(state="enabled"))
    assert answer.json()["type"].endswith("FLOW-1410-400")


@pytest.mark.parametrize(
    "auth",
    [
        {"specName": "Access Key", "params": {**KEYS, "s3AccessKey": ACCESS_KEY[:-1]}},
        {"specName": "Access Key", "params": {**KEYS, "s3AccessKey": ACCESS_KEY[:-1] + "1"}},
        {"specName": "Access Key", "params": {**KEYS, "s3AccessKey": ACCESS_KEY[:-1] + "8"}},
        {"specName": "Access Key", "params": {**KEYS, "s3SecretKey": SECRET_KEY[:-1]}},
        {"specName": "Access Key", "params": {"s3AccessKey": ACCESS_KEY}},
        {"specName": "Access Key", "params": {**KEYS, "s3Role": "arn:aws:iam::800873819705:role/x"}},
        {"specName": "Access Key"},
        {"specName": "Password", "params": KEYS},
        {"specName": "Assumed Role", "params": {"s3Role": "x"}},
        "Access Key",
        None,
    ],
)
def test_t27_auth_must_fit_its_spec_and_is_never_repeated(adobe: Adobe, auth: object) -> None:
    answer = adobe.post("/connections", connection(auth=auth))
    assert answer.status_code == 400
    assert SECRET_KEY[:-1] not in answer.text
    assert ACCESS_KEY[:-1] not in answer.text


def test_t28_a_role_can_be_assumed_instead(adobe: Adobe) -> None:
    auth = {"specName": "Assumed Role", "params": {"s3Role": "arn:aws:iam::800873819705:role/x"}}
    assert adobe.post("/connections", connection(auth=auth)).status_code == 201


def test_a_landing_zone_has_no_auth_at_all(adobe: Adobe) -> None:
    assert adobe.post("/connections", connection(connectionSpec=LANDING_ZONE, auth=None)).status_code == 201
    assert adobe.post("/connections", connection(connectionSpec=LANDING_ZONE)).json()["type"].endswith("FLOW-1415-400")


@pytest.mark.parametrize("changes", [{"name": None}, {"name": " "}, {"nmae": "x"}])
def test_names_are_needed_and_unknown_properties_refused(adobe: Adobe, changes: dict[str, Any]) -> None:
    assert adobe.post("/connections", connection(**changes)).status_code == 400


@pytest.mark.parametrize(("key", "status"), [("cHVibGljIGtleQ==", 201), ("not base64!", 400), (None, 400)])
def test_an_encryption_key_must_be_base64(adobe: Adobe, key: str | None, status: int) -> None:
    params = {"encryptionAlgo": "PGP/GPG"} | ({"publicKey": key} if key else {})
    encryption = {"specName": "File Encryption", "params": params}
    assert adobe.post("/connections", connection(encryption=encryption)).status_code == status


def source(datasets: object) -> dict[str, Any]:
    return {"name": "s", "connectionSpec": LAKE_SPEC, "params": {"datasets": datasets}}


@pytest.mark.parametrize(
    ("datasets", "status"),
    [
        ([{"dataSetId": PLANES, "name": "Planes"}], 201),
        ([{"dataSetId": PLANES}], 400),
        ([{"datasetId": PLANES, "name": "Planes"}], 400),
        ([{"dataSetId": "5ef3e3259ad2a1191ab7dd7d", "name": "Other"}], 400),
        ([], 400),
        (None, 400),
    ],
)
def test_t64_a_source_names_exportable_datasets_by_id_and_name(adobe: Adobe, datasets: object, status: int) -> None:
    assert adobe.post("/sourceConnections", source(datasets)).status_code == status


def test_t64_datasets_not_exportable_or_of_another_sandbox_are_refused(adobe: Adobe) -> None:
    sidecar = adobe.lake / "planes" / "dataset.yaml"
    body = source([{"dataSetId": PLANES, "name": "Planes"}])
    sidecar.write_text(f"id: {PLANES}\nexportable: false\n")
    assert adobe.post("/sourceConnections", body).status_code == 400
    sidecar.write_text(f"id: {PLANES}\nsandbox: dev\n")
    assert adobe.post("/sourceConnections", body).status_code == 400
    adobe.sandbox = "dev"
    assert adobe.post("/sourceConnections", body).status_code == 201


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 201),
        ({"datasetFileType": "PARQUET", "compression": "GZIP", "includeFileManifest": True}, 201),
        ({"path": "a/b/%SEGMENT_NAME%/"}, 201),
        ({"path": "a b"}, 400),
        ({"path": "a/%SEGMENT_X%"}, 400),
        ({"path": None}, 400),
        ({"bucketName": "UPPER"}, 400),
        ({"bucketName": "192.168.0.1"}, 400),
        ({"bucketName": "ab"}, 400),
        ({"mode": "S3"}, 400),
        ({"mode": None}, 400),
        ({"compression": "SNAPPY"}, 400),
        ({"compression": None}, 400),
        ({"datasetFileType": "CSV"}, 400),
        ({"fileType": "CSV"}, 400),
        ({"datasetFileType": None}, 400),
        ({"datasetFileType": None, "fileType": "JSON", "csvOptions": {}}, 400),
        ({"datasetFileType": None, "fileType": "CSV", "csvOptions": {"delimiter": "~"}}, 400),
        ({"datasetFileType": None, "fileType": "CSV", "csvOptions": {"delimiter": "|"}}, 201),
        ({"container": "abc"}, 400),
    ],
)
def test_t34_target_params(adobe: Adobe, params: dict[str, Any], status: int) -> None:
    body = {"name": "t", "baseConnectionId": adobe.base(), "connectionSpec": S3_SPEC, "params": target_params(**params)}
    answer = adobe.post("/targetConnections", body)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"container": "abc"}, 201),
        ({"container": "My_Container"}, 400),
        ({"container": "a--b"}, 400),
        ({"container": "abc", "bucketName": "my-bucket"}, 400),
        ({}, 400),
    ],
)
def test_t32_t33_a_blob_target_has_a_container_and_no_bucket(adobe: Adobe, params: dict[str, Any], status: int) -> None:
    auth = {"specName": "ConnectionString", "params": {"connectionString": "AccountName=x"}}
    base = adobe.create("connections", connection(connectionSpec=BLOB, auth=auth))
    wanted = {"path": "a", "bucketName": None, **params}
    body = {"name": "t", "baseConnectionId": base, "connectionSpec": BLOB, "params": target_params(**wanted)}
    assert adobe.post("/targetConnections", body).status_code == status


def test_a_target_fits_its_base_connection(adobe: Adobe) -> None:
    body = {"name": "t", "baseConnectionId": adobe.base(), "connectionSpec": BLOB, "params": target_params()}
    assert adobe.post("/targetConnections", body).status_code == 400
    body = {"name": "t", "baseConnectionId": "nobody", "connectionSpec": S3_SPEC, "params": target_params()}
    assert adobe.post("/targetConnections", body).json()["type"].endswith("FLOW-1439-400")


@pytest.mark.parametrize(
    "changes",
    [
        {"flowSpec": {"id": "x", "version": "1.0"}},
        {"flowSpec": {"id": "269ba276-16fc-47db-92b0-c1049a3c131f"}},
        {"flowSpec": AUDIENCE_FLOW},
        {"flowSpec": {"id": "95bd8965-fc8a-4119-b9c3-944c2c2df6d2", "version": "1.0"}},
        {"sourceConnectionIds": []},
        {"sourceConnectionIds": ["nobody"]},
        {"targetConnectionIds": None},
        {"transformations": [{"name": "GeneralTransform"}]},
        {"scheduleParams": None},
        {"state": "enabled"},
    ],
)
def test_t39_a_flow_fits_its_connections(adobe: Adobe, changes: dict[str, Any]) -> None:
    body = flow_body(adobe.source(), adobe.target(adobe.base()), schedule=None)
    assert adobe.post("/flows", {**body, **changes}).status_code in {400, 422}


def test_a_dataset_flow_needs_a_dataset_target(adobe: Adobe) -> None:
    target = adobe.target(adobe.base(), datasetFileType=None, fileType="CSV")
    assert adobe.post("/flows", flow_body(adobe.source(), target)).status_code == 400


def test_an_audience_flow_is_stored(adobe: Adobe) -> None:
    write_profiles(adobe.lake)
    flow = current_flow(adobe)
    assert patch(adobe, flow, add(f"{SELECTORS}/-", selector(READERS))).status_code == 200
    by_segment = f"transformations[].params.segmentSelectors.selectors[].value.id=={READERS}"
    assert [item["id"] for item in adobe.get("/flows", params={"property": by_segment}).json()["items"]] == [flow]
