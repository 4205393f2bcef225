"""Ranges that are read beside the client, and what is left to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from botocore.httpsession import URLLib3Session
from pydantic import SecretStr

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.reader import ObjectChangedError
from aep_delivery.storage.s3 import S3Reader
from aep_delivery.storage.s3_client import s3_client
from aep_delivery.storage.s3_direct import DirectReads
from emulator.cloud.engine import Cloud, start

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from mypy_boto3_s3 import S3Client

KEY = "a/ünï 名&+=.csv"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with start(iam=False) as running:
        yield running


@pytest.fixture
def client(cloud: Cloud) -> Iterator[S3Client]:
    client = s3_client("test", SecretStr("canary-secret"), "us-east-1", cloud.endpoint)
    client.create_bucket(Bucket="direct")
    client.put_object(Bucket="direct", Key=KEY, Body=b"0123456789")
    yield client
    client.delete_object(Bucket="direct", Key=KEY)
    client.delete_bucket(Bucket="direct")
    client.close()


def test_reads_what_the_client_reads_without_asking_it(client: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = S3Reader(client, "direct", direct=DirectReads(client, "direct"))
    [stored] = reader.list_objects("")

    def asked(**_: object) -> None:
        raise AssertionError("the client was asked")

    monkeypatch.setattr(client, "get_object", asked)
    assert reader.read_range(KEY, 2, 3, etag=stored.etag) == b"234"
    assert reader.read_range(KEY, 8, 30, etag=stored.etag) == b"89"


def test_errors_are_those_of_the_client(client: S3Client) -> None:
    direct = DirectReads(client, "direct")
    reader = S3Reader(client, "direct", direct=direct)
    [stored] = reader.list_objects("")
    assert reader.read_range(KEY, 10, 5, etag=stored.etag) == b""
    client.put_object(Bucket="direct", Key=KEY, Body=b"other")
    with pytest.raises(ObjectChangedError):
        reader.read_range(KEY, 0, 5, etag=stored.etag)
    with pytest.raises(ObjectChangedError):
        reader.read_range("gone", 0, 5, etag=stored.etag)
    # None of this says that other ranges cannot be read.
    [now] = reader.list_objects("")
    assert direct.read(KEY, 0, 5, etag=now.etag) == b"other"
    with pytest.raises(UserError):
        S3Reader(client, "no-such", direct=DirectReads(client, "no-such")).read_range(KEY, 0, 5, etag="x")


def answers(status: int, body: bytes = b"") -> AWSResponse:
    class Raw:
        def stream(self) -> Iterator[bytes]:
            yield body

    return AWSResponse("https://x", status, {}, Raw())


@pytest.fixture
def elsewhere() -> S3Client:
    return boto3.client("s3", aws_access_key_id="id", aws_secret_access_key="secret", region_name="eu-west-1")


@pytest.mark.parametrize(("status", "again"), [(301, 1), (400, 1), (403, 1), (503, 2), (412, 2), (404, 2), (200, 2)])
def test_what_will_not_change_is_not_tried_again(
    elsewhere: S3Client, status: int, again: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[AWSPreparedRequest] = []

    def send(_: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        sent.append(request)
        return answers(status, b"xyz")

    monkeypatch.setattr(URLLib3Session, "send", send)
    direct = DirectReads(elsewhere, "b")
    assert [direct.read("k k", 0, 3, etag='"e"') for _ in range(2)] == [None, None]
    assert len(sent) == again
    assert sent[0].url == "https://s3.eu-west-1.amazonaws.com/b/k%20k"
    assert (sent[0].headers["Range"], sent[0].headers["If-Match"]) == ("bytes=0-2", '"e"')
    assert "secret" not in str(sent[0].headers)


@pytest.mark.parametrize(
    ("error", "again"),
    [(EndpointConnectionError(endpoint_url="x"), 1), (ReadTimeoutError(endpoint_url="x"), 2)],
)
def test_a_broken_connection_is_the_clients_to_mend(
    elsewhere: S3Client, error: Exception, again: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    def send(_: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        tries.append(request.url)
        raise error

    monkeypatch.setattr(URLLib3Session, "send", send)
    direct = DirectReads(elsewhere, "b")
    assert [direct.read("k", 0, 3, etag="e") for _ in range(2)] == [None, None]
    assert len(tries) == again


def test_a_proxy_is_left_to_the_client(elsewhere: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert DirectReads(elsewhere, "b").read("k", 0, 3, etag="e") is None
