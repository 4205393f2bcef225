"""The S3 client against two implementations of S3 that are not Amazon's, as Google Cloud Storage is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws
from pydantic import SecretStr

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.reader import ObjectChangedError
from aep_delivery.storage.s3 import S3Reader
from aep_delivery.storage.s3_cleaner import S3Cleaner
from aep_delivery.storage.s3_client import GCS_ENDPOINT, s3_client
from emulator.cloud.engine import Cloud, start

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from mypy_boto3_s3 import S3Client

BUCKET = "deliveries"
CONTENT = bytes(range(256)) * 40
CUSTOM_ENDPOINT = "https://s3.example.test"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with start(iam=False) as running:
        yield running


@pytest.fixture(params=["ministack", "moto"])
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Client]:
    if request.param == "ministack":
        running: Cloud = request.getfixturevalue("cloud")
        client = s3_client("test", SecretStr("test"), None, running.endpoint)
        client.create_bucket(Bucket=BUCKET)
        yield client
        for item in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            client.delete_object(Bucket=BUCKET, Key=item["Key"])
        client.delete_bucket(Bucket=BUCKET)
        client.close()
        return
    monkeypatch.setenv("MOTO_S3_CUSTOM_ENDPOINTS", CUSTOM_ENDPOINT)
    with mock_aws():
        client = s3_client("key", SecretStr("secret"), None, CUSTOM_ENDPOINT)
        client.create_bucket(Bucket=BUCKET)
        yield client
        client.close()


def put(client: S3Client, key: str, data: bytes = b"") -> None:
    client.put_object(Bucket=BUCKET, Key=key, Body=data)


def test_lists_page_by_page_in_key_order(client: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("a/2", "a/10", "a.csv", "b", "a/ünï 名&.csv"):
        put(client, key)
    paginator = client.get_paginator("list_objects_v2")
    pages = paginator.paginate(Bucket=BUCKET, Prefix="a", PaginationConfig={"PageSize": 2})
    assert [[item["Key"] for item in page["Contents"]] for page in pages] == [
        ["a.csv", "a/10"],
        ["a/2", "a/ünï 名&.csv"],
    ]
    assert [item.key for item in S3Reader(client, BUCKET).list_objects("a/")] == ["a/10", "a/2", "a/ünï 名&.csv"]


def test_reads_what_was_written(client: S3Client) -> None:
    put(client, "k", CONTENT)
    reader = S3Reader(client, BUCKET)
    found = reader.stat("k")
    assert found is not None
    assert next(iter(reader.list_objects("k"))).etag == found.etag
    assert reader.read_range("k", 100, 50, etag=found.etag) == CONTENT[100:150]
    assert reader.read_range("k", len(CONTENT) - 3, 50, etag=found.etag) == CONTENT[-3:]
    assert reader.read_range("k", len(CONTENT), 5, etag=found.etag) == b""
    assert b"".join(reader.stream("k", etag=found.etag, chunk_size=1000)) == CONTENT
    assert reader.stat("missing") is None


def test_a_rewritten_object_is_an_error(client: S3Client) -> None:
    put(client, "k", CONTENT)
    reader = S3Reader(client, BUCKET)
    found = reader.stat("k")
    assert found is not None
    put(client, "k", CONTENT[::-1])
    with pytest.raises(ObjectChangedError):
        reader.read_range("k", 0, 4, etag=found.etag)
    client.delete_object(Bucket=BUCKET, Key="k")
    with pytest.raises(ObjectChangedError):
        list(reader.stream("k", etag=found.etag))


def test_a_missing_bucket_is_the_users_to_mend(client: S3Client) -> None:
    with pytest.raises(UserError) as caught:
        list(S3Reader(client, "no-such-bucket").list_objects(""))
    assert caught.value.code == "storage.bucket-not-found"


def test_deletes_these_and_no_others(client: S3Client) -> None:
    for key in ("a", "b <&> c", "d"):
        put(client, key)
    assert S3Cleaner(client, BUCKET).delete_objects(["a", "b <&> c", "gone already"]) == 3
    assert [item.key for item in S3Reader(client, BUCKET).list_objects("")] == ["d"]


def sent(client: S3Client, call: str, **arguments: object) -> AWSPreparedRequest:
    """What a call would send; nothing is."""
    requests: list[AWSPreparedRequest] = []

    def catch(request: AWSPreparedRequest, **_: object) -> None:
        requests.append(request)
        raise _CaughtError

    client.meta.events.register("before-send.s3", catch)
    with pytest.raises(_CaughtError):
        getattr(client, call)(Bucket="b", **arguments)
    return requests[0]


class _CaughtError(Exception):
    pass


def gcs() -> S3Client:
    return s3_client("GOOG1EXAMPLE", SecretStr("canary-secret"), None, GCS_ENDPOINT)


def test_google_is_asked_path_style_with_an_hmac_key() -> None:
    request = sent(gcs(), "list_objects_v2", Prefix="p/")
    assert request.url.startswith("https://storage.googleapis.com/b?list-type=2&prefix=p%2F")
    assert b"Credential=GOOG1EXAMPLE/" in _header(request, "Authorization")


@pytest.mark.parametrize(
    ("call", "arguments"),
    [("get_object", {"Key": "k"}), ("put_object", {"Key": "k", "Body": b"1"}), ("head_object", {"Key": "k"})],
)
def test_google_is_not_bothered_with_checksums(call: str, arguments: dict[str, object]) -> None:
    request = sent(gcs(), call, **arguments)
    names = {name.lower() for name in request.headers}
    assert not {name for name in names if "checksum" in name or "trailer" in name}
    assert b"STREAMING" not in _header(request, "X-Amz-Content-SHA256")


def test_google_gets_the_checksum_that_deleting_needs() -> None:
    request = sent(gcs(), "delete_objects", Delete={"Objects": [{"Key": "k"}]})
    assert _header(request, "x-amz-checksum-crc32")


def test_a_temporary_credential_is_sent_with_its_token() -> None:
    client = s3_client("ASIA", SecretStr("secret"), "us-east-1", session_token=SecretStr("canary-token"))
    assert _header(sent(client, "get_object", Key="k"), "X-Amz-Security-Token") == b"canary-token"
    assert "canary" not in repr(client)


def test_no_token_of_the_functions_is_mixed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-the-function")
    client = s3_client("AKIA", SecretStr("secret"), "us-east-1")
    assert _header(sent(client, "get_object", Key="k"), "X-Amz-Security-Token") == b""


def _header(request: AWSPreparedRequest, name: str) -> bytes:
    value = request.headers.get(name, b"")
    return value.encode() if isinstance(value, str) else value
