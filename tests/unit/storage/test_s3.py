from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ResponseStreamingError
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber
from moto import mock_aws
from pydantic import SecretStr

from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.storage.s3 import S3Reader
from aep_delivery.storage.s3_client import s3_client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def stubbed() -> Iterator[tuple[S3Reader, Stubber]]:
    client = s3_client("key", SecretStr("canary-secret"), "us-east-1")
    with Stubber(client) as stubber:
        yield S3Reader(client, "b"), stubber


def test_the_checksum_s3_keeps_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client: S3Client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="deliveries")
        client.put_object(Bucket="deliveries", Key="k", Body=b"hello", ChecksumAlgorithm="SHA256")
        found = S3Reader(client, "deliveries").stat("k")
    assert found is not None
    assert found.checksum == "sha256:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="


def test_a_crc64_is_preferred_over_other_checksums(stubbed: tuple[S3Reader, Stubber]) -> None:
    reader, stubber = stubbed
    stubber.add_response(
        "head_object",
        {
            "ContentLength": 1,
            "ETag": '"e"',
            "LastModified": datetime(2027, 1, 1, tzinfo=UTC),
            "ChecksumCRC64NVME": "x",
            "ChecksumSHA1": "y",
        },
    )
    found = reader.stat("k")
    assert found is not None
    assert found.checksum == "crc64nvme:x"


def test_a_broken_stream_goes_on_where_it_stopped(stubbed: tuple[S3Reader, Stubber]) -> None:
    reader, stubber = stubbed
    expected = {"Bucket": "b", "Key": "k", "IfMatch": '"e"'}
    stubber.add_response("get_object", {"Body": _breaking(b"hel")}, {**expected, "Range": "bytes=0-"})
    stubber.add_response("get_object", {"Body": StreamingBody(io.BytesIO(b"lo"), 2)}, {**expected, "Range": "bytes=3-"})
    assert b"".join(reader.stream("k", etag='"e"', chunk_size=3)) == b"hello"
    stubber.assert_no_pending_responses()


def test_a_stream_that_keeps_breaking_is_transient(stubbed: tuple[S3Reader, Stubber]) -> None:
    reader, stubber = stubbed
    for _ in range(6):
        stubber.add_response(
            "get_object", {"Body": _breaking(b"")}, {"Bucket": "b", "Key": "k", "IfMatch": "e", "Range": ANY}
        )
    with pytest.raises(TransientError):
        list(reader.stream("k", etag="e"))


@pytest.mark.parametrize(
    ("operation", "call", "permission"),
    [
        ("list_objects_v2", lambda reader: list(reader.list_objects("p")), "s3:ListBucket"),
        ("head_object", lambda reader: reader.stat("k"), "s3:GetObject"),
        ("get_object", lambda reader: reader.read_range("k", 0, 1, etag="e"), "s3:GetObject"),
        ("get_object", lambda reader: list(reader.stream("k", etag="e")), "s3:GetObject"),
    ],
)
def test_a_denied_call_names_its_permission(
    stubbed: tuple[S3Reader, Stubber], operation: str, call: object, permission: str
) -> None:
    reader, stubber = stubbed
    stubber.add_client_error(operation, "AccessDenied", http_status_code=403)
    assert callable(call)
    with pytest.raises(UserError) as caught:
        call(reader)
    assert caught.value.hint is not None
    assert permission in caught.value.hint


def test_the_client_is_bound_to_its_own_credential_and_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-the-function")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-the-function")
    client = s3_client("own", SecretStr("canary-secret"), "eu-west-1", "http://127.0.0.1:1")
    url = client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    assert url.startswith("http://127.0.0.1:1/b/k?")
    assert "own" in url
    assert "of-the-function" not in url
    assert client.meta.region_name == "eu-west-1"
    assert "canary" not in repr(client)


class _Breaking(StreamingBody):
    def iter_chunks(self, chunk_size: int = 1024) -> Iterator[bytes]:
        first = self.read(chunk_size)
        if first:
            yield first
        raise ResponseStreamingError(error="reset")


def _breaking(data: bytes) -> StreamingBody:
    return _Breaking(io.BytesIO(data), len(data))
