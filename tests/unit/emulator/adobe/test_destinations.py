"""Datasets exported to a real server of each kind of the current generation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from emulator.adobe import specs
from emulator.adobe.settings import AzureLandingZone, Options, S3LandingZone
from emulator.cloud.engine import Cloud, start
from emulator.storage.azure import Azure, start_azure
from emulator.storage.node import AzuriteUnavailableError
from emulator.storage.sftp import SftpServer, as_adobe_takes_it, start_sftp

from .conftest import PLANES, Adobe, flow_body

ADOBES_ACCOUNT = "670664943635"
BUCKET = "delivered"
Stored = dict[str, bytes]


@dataclass(frozen=True)
class Destination:
    """One destination, with credentials that work, some that don't, and a way to look in from the side."""

    spec_id: str
    params: dict[str, Any]
    stored: Callable[[], Stored]
    auth: dict[str, Any] | None = None
    wrong: dict[str, Any] | None = None
    settings: Options = field(default_factory=Options)
    folder: str = "exports/planes"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with start() as cloud:
        cloud.client("s3").create_bucket(Bucket=BUCKET)
        yield cloud


@pytest.fixture(scope="module")
def azure() -> Iterator[Azure]:
    with ExitStack() as stack:
        try:
            azure = stack.enter_context(start_azure())
        except AzuriteUnavailableError as error:
            pytest.skip(str(error))
        azure.create_container(BUCKET)
        yield azure


@pytest.fixture(scope="module")
def sftp() -> Iterator[SftpServer]:
    with start_sftp() as sftp:
        yield sftp


def in_bucket(cloud: Cloud) -> Callable[[], Stored]:
    s3 = cloud.client("s3")
    for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=item["Key"])

    def stored() -> Stored:
        found = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {item["Key"]: s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read() for item in found}

    return stored


def in_container(azure: Azure) -> Callable[[], Stored]:
    container = azure.client.get_container_client(BUCKET)
    for name in list(container.list_blob_names()):
        container.delete_blob(name)
    return lambda: {name: container.download_blob(name).readall() for name in container.list_blob_names()}


def in_login_directory(sftp: SftpServer, user: str) -> Callable[[], Stored]:
    folder = sftp.folder(user)
    return lambda: {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def new_user(iam: Any, name: str, *actions: str) -> tuple[str, str]:
    """A user with these rights, and an access key."""
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    rights = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=rights)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


@pytest.fixture
def amazon_s3_by_role(cloud: Cloud) -> Destination:
    def role(name: str, account: str) -> dict[str, Any]:
        trust = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
        rights = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
        trusting, allowing = (json.dumps({"Version": "2012-10-17", "Statement": [part]}) for part in (trust, rights))
        iam = cloud.client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting)["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=allowing)
        return {"specName": "Assumed Role", "params": {"s3Role": arn}}

    access, secret = new_user(cloud.client("iam", access_key=ADOBES_ACCOUNT), "adobe", "sts:AssumeRole")
    return Destination(
        "4fce964d-3f37-408f-9778-e597338a21ee",
        {"bucketName": BUCKET, "path": "exports/planes"},
        in_bucket(cloud),
        role("trusts-adobe", ADOBES_ACCOUNT),
        role("trusts-another", "111111111111"),
        Options(s3_endpoint=cloud.endpoint, adobe_access_key=access, adobe_secret_key=secret),
    )


@pytest.fixture
def google_cloud_storage(cloud: Cloud) -> Destination:
    access, secret = new_user(cloud.client("iam"), "google", "s3:PutObject")

    def auth(secret: str) -> dict[str, Any]:
        params = {"accessKeyId": access, "secretAccessKey": secret}
        return {"specName": "Google Cloud Storage authentication credentials", "params": params}

    return Destination(
        "c5d93acb-ea8b-4b14-8f53-02138444ae99",
        {"bucketName": BUCKET, "path": "exports/planes"},
        in_bucket(cloud),
        auth(secret),
        auth("wrong"),
        Options(gcs_endpoint=cloud.endpoint),
    )


@pytest.fixture
def landing_zone_in_s3(cloud: Cloud) -> Destination:
    access, secret = new_user(cloud.client("iam"), "zone", "s3:PutObject")
    zone = S3LandingZone(BUCKET, "dlz-destination", access, secret, cloud.endpoint)
    return Destination(
        "10440537-2a7b-4583-ac39-ed38d4b848e8",
        {"path": "exports/planes"},
        in_bucket(cloud),
        settings=Options(landing_zone=zone),
        folder="dlz-destination/exports/planes",
    )


@pytest.fixture
def landing_zone_in_azure(azure: Azure) -> Destination:
    zone = AzureLandingZone(azure.account, BUCKET, azure.endpoint, azure.account_key)
    return Destination(
        "10440537-2a7b-4583-ac39-ed38d4b848e8",
        {"path": "exports/planes"},
        in_container(azure),
        settings=Options(landing_zone=zone, azure_ca=azure.ca_file),
    )


@pytest.fixture
def azure_blob(azure: Azure) -> Destination:
    def auth(text: str) -> dict[str, Any]:
        return {"specName": "ConnectionString", "params": {"connectionString": text}}

    return Destination(
        "6d6b59bf-fb58-4107-9064-4d246c0e5bb2",
        {"container": BUCKET, "path": "exports/planes"},
        in_container(azure),
        auth(azure.connection_string),
        auth(azure.connection_string.replace(azure.account_key, "d3Jvbmc=")),
        Options(azure_ca=azure.ca_file),
    )


@pytest.fixture
def data_lake_gen2(azure: Azure) -> Destination:
    tenant, application, key = azure.add_service_principal()

    def auth(key: str) -> dict[str, Any]:
        params = {"url": azure.data_lake_url(BUCKET), "servicePrincipalId": application, "tenant": tenant}
        return {"specName": "Azure Service Principal Auth", "params": {**params, "servicePrincipalKey": key}}

    return Destination(
        "be2c3209-53bc-47e7-ab25-145db8b873e1",
        {"path": "exports/planes"},
        in_container(azure),
        auth(key),
        auth("wrong"),
        Options(azure_ca=azure.ca_file, azure_authority=azure.authority),
    )


@pytest.fixture
def sftp_with_password(sftp: SftpServer) -> Destination:
    password = sftp.add_user("with-password")

    def auth(password: str) -> dict[str, Any]:
        params = {"domain": sftp.host, "port": sftp.port, "username": "with-password", "password": password}
        return {"specName": "SFTP with Password", "params": params}

    params = {"remotePath": "/exports/planes/"}
    stored = in_login_directory(sftp, "with-password")
    return Destination("36965a81-b1c6-401b-99f8-22508f1e6a26", params, stored, auth(password), auth("wrong"))


@pytest.fixture
def sftp_with_key(sftp: SftpServer) -> Destination:
    key, other = sftp.add_key_user("with-key"), sftp.add_key_user("another")

    def auth(key: str) -> dict[str, Any]:
        params = {"domain": sftp.host, "username": "with-key", "sshKey": as_adobe_takes_it(key)}
        return {"specName": "SFTP with SSH Key", "params": params}

    return Destination(
        "36965a81-b1c6-401b-99f8-22508f1e6a26",
        {"remotePath": "exports/planes"},
        in_login_directory(sftp, "with-key"),
        auth(key),
        auth(other),
        Options(sftp_port=sftp.port),
    )


KINDS = (
    "amazon_s3_by_role",
    "google_cloud_storage",
    "azure_blob",
    "data_lake_gen2",
    "landing_zone_in_s3",
    "landing_zone_in_azure",
    "sftp_with_password",
    "sftp_with_key",
)


@pytest.mark.parametrize("kind", KINDS)
def test_t38_a_dataset_arrives_whole_and_with_wrong_credentials_not_at_all(
    kind: str, request: pytest.FixtureRequest, start_adobe: Callable[..., Adobe]
) -> None:
    destination: Destination = request.getfixturevalue(kind)
    adobe = start_adobe(**destination.settings)
    base = create_base(adobe, destination, destination.auth)
    assert adobe.get(f"/connections/{base}/test").json() == {"result": True}

    run = export(adobe, destination, base)
    assert run["metrics"]["statusSummary"]["status"] == "success", run["metrics"]["statusSummary"]
    stored = destination.stored()
    folder = f"{destination.folder}/{PLANES}/exportTime=202701010010"
    assert {key.rpartition("/")[0] for key in stored} == {folder}
    parts = {key: body for key, body in stored.items() if "/part-" in key}
    rows = [json.loads(line)["tailnum"] for key in sorted(parts) for line in parts[key].splitlines()]
    assert rows == ["N0", "N1", "N2"]
    (manifest,) = [json.loads(body) for key, body in stored.items() if "/manifest-" in key]
    listed = {f"{item['sinkPath'].strip('/')}/{item['name']}": item["size"] for item in manifest["exportResults"]}
    assert listed == {key: len(body) for key, body in parts.items()}
    assert stored[f"{folder}/_SUCCESS"] == b""

    if destination.wrong is not None:
        base = create_base(adobe, destination, destination.wrong)
        assert adobe.get(f"/connections/{base}/test").json() == {"result": False}
        status = export(adobe, destination, base)["metrics"]["statusSummary"]
        assert status["status"] == "failed"
        assert status["errors"][1]["code"] == "CONNECTOR-2001-500"
        assert destination.stored() == stored


def create_base(adobe: Adobe, destination: Destination, auth: dict[str, Any] | None) -> str:
    body = {"name": "b", "connectionSpec": {"id": destination.spec_id, "version": "1.0"}}
    return adobe.create("connections", body if auth is None else {**body, "auth": auth})


def export(adobe: Adobe, destination: Destination, base: str) -> dict[str, Any]:
    common = {"mode": "Server-to-server", "compression": "NONE", "datasetFileType": "JSON", "includeFileManifest": True}
    target = adobe.create(
        "targetConnections",
        {
            "name": "t",
            "baseConnectionId": base,
            "connectionSpec": {"id": destination.spec_id, "version": "1.0"},
            "params": {**common, **destination.params},
        },
    )
    catalogue = specs.load()
    (flow_spec,) = [
        spec["id"]
        for spec in catalogue.flows.values()
        if destination.spec_id in spec["targetConnectionSpecIds"] and catalogue.exports_datasets(spec["id"])
    ]
    body = flow_body(adobe.source(), target, flowSpec={"id": flow_spec, "version": "1.0"})
    flow = adobe.create("flows", body)
    adobe.advance(610)
    assert adobe.run_now(flow).status_code == 200
    return adobe.finished_runs(flow)[0]
