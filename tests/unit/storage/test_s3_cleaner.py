from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import ANY, Stubber
from moto import mock_aws
from pydantic import SecretStr

from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.storage.s3_cleaner import S3Cleaner
from aep_delivery.storage.s3_client import s3_client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def stubbed() -> Iterator[tuple[S3Cleaner, Stubber]]:
    client = s3_client("key", SecretStr("canary-secret"), "us-east-1")
    with Stubber(client) as stubber:
        yield S3Cleaner(client, "b"), stubber


def test_s3_deletes_these_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client: S3Client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="deliveries")
        for key in ("a", "b <&> c", "d"):
            client.put_object(Bucket="deliveries", Key=key)
        assert S3Cleaner(client, "deliveries").delete_objects(iter(["a", "b <&> c"])) == 2
        left = client.list_objects_v2(Bucket="deliveries")["Contents"]
    assert [item["Key"] for item in left] == ["d"]


def test_the_twin_deletes_these_and_no_others() -> None:
    memory = MemoryReader()
    for key in ("a", "d"):
        memory.put(key, b"")
    assert memory.delete_objects(iter(["a", "gone already"])) == 2
    assert [item.key for item in memory.list_objects("")] == ["d"]


def test_a_request_has_a_thousand_keys_at_most(stubbed: tuple[S3Cleaner, Stubber]) -> None:
    cleaner, stubber = stubbed
    keys = [str(number) for number in range(2001)]
    for batch in (keys[:1000], keys[1000:2000], keys[2000:]):
        objects = [{"Key": key} for key in batch]
        stubber.add_response("delete_objects", {}, {"Bucket": "b", "Delete": {"Objects": objects, "Quiet": True}})
    assert cleaner.delete_objects(keys) == 2001
    stubber.assert_no_pending_responses()


def test_no_keys_are_no_request(stubbed: tuple[S3Cleaner, Stubber]) -> None:
    assert stubbed[0].delete_objects([]) == 0


def test_keys_that_are_refused_are_told(stubbed: tuple[S3Cleaner, Stubber]) -> None:
    cleaner, stubber = stubbed
    refused = {"Errors": [{"Key": "1", "Code": "AccessDenied", "Message": "no"}, {"Key": "2", "Code": "Other"}]}
    stubber.add_response("delete_objects", refused, {"Bucket": "b", "Delete": ANY})
    with pytest.raises(UserError) as caught:
        cleaner.delete_objects(["0", "1", "2"])
    assert caught.value.code == "storage.not-deleted"
    assert caught.value.message == "Amazon S3 did not delete 2 of 3 files (AccessDenied); 1 are deleted."
    assert "s3:DeleteObject on arn:aws:s3:::b/*" in str(caught.value.hint)
    assert caught.value.place == "s3://b/1"


def test_a_busy_storage_is_transient(stubbed: tuple[S3Cleaner, Stubber]) -> None:
    cleaner, stubber = stubbed
    stubber.add_client_error("delete_objects", "SlowDown", http_status_code=503)
    with pytest.raises(TransientError):
        cleaner.delete_objects(["0"])
