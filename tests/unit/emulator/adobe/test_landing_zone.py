from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import ContainerClient

from emulator.adobe import landing_zone
from emulator.adobe.entities import Sandbox
from emulator.adobe.http import Call, Reply
from emulator.adobe.landing_zone import LandingZones
from emulator.adobe.problems import Problem
from emulator.adobe.settings import AzureLandingZone, S3LandingZone, Settings
from emulator.cloud.engine import Cloud, start
from emulator.storage.azure import Azure, start_azure
from emulator.storage.node import AzuriteUnavailableError

from .conftest import Adobe

SANDBOX = cast("Sandbox", SimpleNamespace(name="prod"))
RIGHTS = ["s3:*", "sts:GetFederationToken", "iam:PutUserPolicy"]


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with start() as cloud:
        yield cloud


@pytest.fixture
def s3_zone(cloud: Cloud) -> S3LandingZone:
    """A bucket with a file inside the zone and one beside it."""
    s3, iam = cloud.client("s3"), cloud.client("iam")
    s3.create_bucket(Bucket="zones")
    for key in ("dlz/inside", "other/beside"):
        s3.put_object(Bucket="zones", Key=key, Body=b"x")
    iam.create_user(UserName="adobe")
    statement = {"Effect": "Allow", "Action": RIGHTS, "Resource": "*"}
    rights = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="adobe", PolicyName="own", PolicyDocument=rights)
    key = iam.create_access_key(UserName="adobe")["AccessKey"]
    return S3LandingZone("zones", "dlz", key["AccessKeyId"], key["SecretAccessKey"], cloud.endpoint)


@pytest.fixture(scope="module")
def azure() -> Iterator[Azure]:
    with ExitStack() as stack:
        try:
            azure = stack.enter_context(start_azure())
        except AzuriteUnavailableError as error:
            pytest.skip(str(error))
        azure.create_container("dlz-destination")
        azure.client.get_blob_client("dlz-destination", "inside").upload_blob(b"x")
        yield azure


def zones(lake: Path, **settings: Any) -> LandingZones:
    return LandingZones(cast("Any", SimpleNamespace(settings=Settings(lake=lake, **settings))))


def get(zones: LandingZones) -> dict[str, Any]:
    return cast("dict[str, Any]", ask(zones, "GET").body)


def refresh(zones: LandingZones) -> dict[str, Any]:
    return cast("dict[str, Any]", ask(zones, "POST", action="refresh").body)


def ask(zones: LandingZones, method: str, **query: str) -> Reply:
    call = Call(method, landing_zone.PATH, tuple({"type": "dlz_destination", **query}.items()))
    return zones.handle(call, SANDBOX)


def test_the_azure_form_opens_the_container_until_it_is_refreshed(azure: Azure, tmp_path: Path) -> None:
    zone = AzureLandingZone(azure.account, "dlz-destination", azure.endpoint, azure.account_key)
    ours = zones(tmp_path, landing_zone=zone, azure_ca=azure.ca_file)

    def names(credentials: dict[str, Any]) -> list[str]:
        url = credentials["SASUri"]
        with ContainerClient.from_container_url(url, connection_verify=str(azure.ca_file)) as container:
            return [blob.name for blob in container.list_blobs()]

    first = get(ours)
    assert set(first) == {"containerName", "SASToken", "storageAccountName", "SASUri"}
    assert first["containerName"] == "dlz-destination"
    assert first["storageAccountName"] == azure.account
    assert first["SASUri"] == f"{azure.endpoint}/dlz-destination?{first['SASToken']}"
    assert azure.account_key not in json.dumps(first)
    assert get(ours) == first
    assert names(first) == ["inside"]

    second = refresh(ours)
    assert second["SASToken"] != first["SASToken"]
    assert get(ours) == second
    assert names(second) == ["inside"]
    with pytest.raises(HttpResponseError):
        names(first)


def test_the_s3_form_opens_the_zones_folder_until_it_is_refreshed(
    cloud: Cloud, s3_zone: S3LandingZone, tmp_path: Path
) -> None:
    ours = zones(tmp_path, landing_zone=s3_zone)

    def can(credentials: dict[str, Any], ask: Callable[[Any], object]) -> bool:
        words = credentials["credentials"]
        s3 = boto3.client(
            "s3",
            endpoint_url=cloud.endpoint,
            region_name="us-east-1",
            aws_access_key_id=words["awsAccessKeyId"],
            aws_secret_access_key=words["awsSecretAccessKey"],
            aws_session_token=words["awsSessionToken"],
        )
        try:
            ask(s3)
        except s3.exceptions.ClientError as error:
            return error.response["Error"]["Code"] != "AccessDenied"
        return True

    def read(key: str) -> Callable[[Any], object]:
        return lambda s3: s3.get_object(Bucket="zones", Key=key)

    first = get(ours)
    assert set(first) == {"credentials", "dlzPath", "dlzProvider", "expiryTime"}
    assert first["dlzPath"] == {"bucketName": "zones", "dlzFolder": "dlz"}
    assert first["dlzProvider"] == "Amazon S3"
    assert 0 < first["expiryTime"] - time.time() <= 12 * 3600 + 1
    assert s3_zone.secret_key not in json.dumps(first)
    assert can(first, read("dlz/inside"))
    assert can(first, lambda s3: s3.list_objects_v2(Bucket="zones", Prefix="dlz/"))
    assert not can(first, read("other/beside"))
    assert not can(first, lambda s3: s3.list_objects_v2(Bucket="zones", Prefix=""))

    second = refresh(ours)
    assert can(second, read("dlz/inside"))
    assert not can(first, read("dlz/inside"))


@pytest.mark.parametrize(
    ("method", "query", "status"),
    [
        ("GET", {"type": "user_drop_zone"}, 400),
        ("POST", {}, 400),
        ("POST", {"action": "delete"}, 400),
        ("DELETE", {}, 405),
        ("GET", {}, 404),
    ],
)
def test_what_is_not_offered_is_refused(tmp_path: Path, method: str, query: dict[str, str], status: int) -> None:
    with pytest.raises(Problem) as caught:
        ask(zones(tmp_path), method, **query)
    assert caught.value.status == status


@pytest.mark.parametrize(
    "zone",
    [
        AzureLandingZone("account", "zone", "http://127.0.0.1:1/account", "Y2FuYXJ5"),
        S3LandingZone("zone", "dlz", "AKIA", "Y2FuYXJ5", "http://127.0.0.1:1"),
    ],
)
def test_a_storage_that_does_not_answer_is_an_error_of_adobes(
    tmp_path: Path, zone: AzureLandingZone | S3LandingZone
) -> None:
    with pytest.raises(Problem) as caught:
        get(zones(tmp_path, landing_zone=zone))
    assert caught.value.status == 500
    assert "Y2FuYXJ5" not in repr(caught.value)


def test_the_endpoint_stands_behind_the_gateway(adobe: Adobe) -> None:
    assert adobe.get(landing_zone.PATH, params={"type": "dlz_destination"}).status_code == 404
    unknown = adobe.get(landing_zone.PATH, params={"type": "dlz_destination"}, headers={"Authorization": ""})
    assert unknown.json()["error_code"] == "403010"
