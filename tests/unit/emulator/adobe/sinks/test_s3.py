from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emulator.adobe.settings import Settings
from emulator.adobe.sinks import SinkError, s3
from emulator.cloud.engine import Cloud, start

BUCKET = "delivered"
ADOBES_ACCOUNT = "670664943635"
ADOBES_USER = f"arn:aws:iam::{ADOBES_ACCOUNT}:user/destinations-adobe-user"
CANARY = "canaryCANARYcanaryCANARYcanaryCANARY1234"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """A cloud of two accounts, the customer's with a bucket and Adobe's with a user."""
    with start() as cloud:
        cloud.client("s3").create_bucket(Bucket=BUCKET)
        yield cloud


@pytest.fixture(scope="module")
def settings(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    iam = cloud.client("iam", access_key=ADOBES_ACCOUNT)
    key = new_user(iam, "destinations-adobe-user", "sts:AssumeRole", "*")
    return Settings(
        lake=tmp_path_factory.mktemp("lake"),
        s3_endpoint=cloud.endpoint,
        adobe_access_key=key["AccessKeyId"],
        adobe_secret_key=key["SecretAccessKey"],
    )


@pytest.fixture(scope="module")
def key(cloud: Cloud) -> dict[str, str]:
    return new_user(cloud.client("iam"), "customers-user", "s3:PutObject", f"arn:aws:s3:::{BUCKET}/*")


def new_user(iam: Any, name: str, action: str, resource: str) -> dict[str, str]:
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(action, Resource=resource))
    made: dict[str, str] = iam.create_access_key(UserName=name)["AccessKey"]
    return made


def new_role(cloud: Cloud, name: str, principal: str) -> dict[str, str]:
    """A role that may write to the bucket, as auth params."""
    iam = cloud.client("iam")
    trust = policy("sts:AssumeRole", Principal={"AWS": principal})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    rights = policy("s3:PutObject", Resource=f"arn:aws:s3:::{BUCKET}/*")
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=rights)
    return {"s3Role": arn}


def policy(action: str, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, **more}]})


def stored(cloud: Cloud, key: str) -> bytes:
    body: bytes = cloud.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return body


@pytest.mark.parametrize(
    ("auth", "names"),
    [
        ("Access Key", ("s3AccessKey", "s3SecretKey")),
        ("S3", ("accessId", "secretKey")),
        ("Google Cloud Storage authentication credentials", ("accessKeyId", "secretAccessKey")),
    ],
)
def test_each_kind_of_key_writes_and_a_wrong_one_does_not(
    cloud: Cloud, settings: Settings, key: dict[str, str], auth: str, names: tuple[str, str]
) -> None:
    params = dict(zip(names, (key["AccessKeyId"], key["SecretAccessKey"]), strict=True))
    sink = s3.open_sink(auth, params, {"bucketName": BUCKET}, settings)
    sink.put(f"{auth}/small", b"1")
    sink.put(f"{auth}/file", io.BytesIO(b"2"))
    assert (stored(cloud, f"{auth}/small"), stored(cloud, f"{auth}/file")) == (b"1", b"2")
    # The user may not list buckets; that says nothing about the key.
    assert s3.accepts(auth, params, settings)

    wrong = {**params, names[1]: CANARY}
    assert not s3.accepts(auth, wrong, settings)
    with pytest.raises(SinkError, match=f"refused to write to bucket {BUCKET}: SignatureDoesNotMatch") as caught:
        s3.open_sink(auth, wrong, {"bucketName": BUCKET}, settings).put("k", b"row-canary")
    assert caught.value.code == "SignatureDoesNotMatch"
    assert CANARY not in repr(caught.value)
    assert "row-canary" not in repr(caught.value)


def test_google_is_reached_at_an_endpoint_of_its_own(cloud: Cloud, settings: Settings, key: dict[str, str]) -> None:
    params = {"accessKeyId": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"]}
    apart = replace(settings, s3_endpoint="http://127.0.0.1:1", gcs_endpoint=cloud.endpoint)
    assert s3.accepts(s3.GCS_AUTH, params, apart)
    nowhere = replace(settings, gcs_endpoint="http://127.0.0.1:1")
    assert not s3.accepts(s3.GCS_AUTH, params, nowhere)
    with pytest.raises(SinkError, match="Google Cloud Storage could not be written to: EndpointConnectionError"):
        s3.open_sink(s3.GCS_AUTH, params, {"bucketName": BUCKET}, nowhere).put("k", b"")


def test_what_the_destination_refuses_is_said_with_its_own_code(settings: Settings, key: dict[str, str]) -> None:
    params = {"s3AccessKey": key["AccessKeyId"], "s3SecretKey": key["SecretAccessKey"]}
    with pytest.raises(SinkError) as caught:
        s3.open_sink("Access Key", params, {"bucketName": "somebody-elses"}, settings).put("k", b"")
    assert caught.value.code in {"NoSuchBucket", "AccessDenied"}


@pytest.mark.parametrize("principal", [f"arn:aws:iam::{ADOBES_ACCOUNT}:root", ADOBES_USER])
def test_a_role_that_trusts_adobe_is_assumed(cloud: Cloud, settings: Settings, principal: str) -> None:
    name = f"trusts-{principal.rpartition(':')[2].replace('/', '-')}"
    params = new_role(cloud, name, principal)
    assert s3.accepts("Assumed Role", params, settings)
    s3.open_sink("Assumed Role", params, {"bucketName": BUCKET}, settings).put(name, b"by role")
    assert stored(cloud, name) == b"by role"


def test_a_role_that_trusts_somebody_else_or_is_not_there_is_refused(cloud: Cloud, settings: Settings) -> None:
    other = new_role(cloud, "trusts-another", "arn:aws:iam::111111111111:root")
    missing = {"s3Role": "arn:aws:iam::000000000000:role/missing"}
    for params in (other, missing):
        assert not s3.accepts("Assumed Role", params, settings)
        with pytest.raises(SinkError, match="AWS STS refused to let Adobe assume the role: AccessDenied"):
            s3.open_sink("Assumed Role", params, {"bucketName": BUCKET}, settings)


def test_without_credentials_of_its_own_adobe_assumes_no_role(cloud: Cloud, settings: Settings) -> None:
    params = new_role(cloud, "trusts-too", f"arn:aws:iam::{ADOBES_ACCOUNT}:root")
    bare = replace(settings, adobe_access_key=None, adobe_secret_key=None)
    assert not s3.accepts("Assumed Role", params, bare)
    unreachable = replace(settings, s3_endpoint="http://127.0.0.1:1")
    with pytest.raises(SinkError, match="AWS STS could not be asked"):
        s3.open_sink("Assumed Role", params, {"bucketName": BUCKET}, unreachable)


def test_other_auth_reaches_no_bucket(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="cannot be reached with 'ConnectionString'"):
        s3.open_sink("ConnectionString", {"connectionString": CANARY}, {"bucketName": BUCKET}, Settings(lake=tmp_path))
