"""What every shelf promises, asked of both."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

from aep_delivery.runtime.errors import InternalError
from aep_delivery.status.shelf import ChangedMeanwhileError, MemoryShelf, S3Shelf


def s3_client():
    return boto3.client("s3", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture
def bucket():
    with mock_aws():
        client = s3_client()
        client.create_bucket(Bucket="work")
        yield client


@pytest.fixture(params=["memory", "s3"])
def shelf(request):
    return MemoryShelf() if request.param == "memory" else S3Shelf(request.getfixturevalue("bucket"), "work")


def test_an_object_is_replaced_by_who_knows_its_tag(shelf) -> None:
    assert shelf.tag("status/index.html") is None
    shelf.put("status/index.html", "one", "text/html", unless_changed=None)
    first = shelf.tag("status/index.html")
    assert first is not None
    shelf.put("status/index.html", "two", "text/html", unless_changed=first)
    assert shelf.tag("status/index.html") not in {None, first}


@pytest.mark.parametrize("known", ["none", "old"])
def test_who_came_second_is_turned_away(shelf, known: str) -> None:
    shelf.put("status/index.html", "one", "text/html", unless_changed=None)
    tag = shelf.tag("status/index.html") if known == "old" else None
    if known == "old":
        shelf.put("status/index.html", "two", "text/html", unless_changed=tag)
    with pytest.raises(ChangedMeanwhileError) as caught:
        shelf.put("status/index.html", "three", "text/html", unless_changed=tag)
    assert caught.value.code == "status.changed"


def test_browsers_ask_anew(bucket) -> None:
    S3Shelf(bucket, "work").put("status/index.html", "ö", "text/html", unless_changed=None)
    found = bucket.get_object(Bucket="work", Key="status/index.html")
    assert (found["ContentType"], found["CacheControl"]) == ("text/html; charset=utf-8", "no-cache")
    assert found["Body"].read().decode() == "ö"


def test_without_the_right_to_list_what_is_not_there_is_hidden() -> None:
    client = s3_client()
    with Stubber(client) as stub:
        stub.add_client_error("head_object", "403", http_status_code=403)
        assert S3Shelf(client, "work").tag("status/index.html") is None


def test_other_refusals_are_told() -> None:
    client = s3_client()
    with Stubber(client) as stub:
        stub.add_client_error("head_object", "400", http_status_code=400)
        with pytest.raises(InternalError) as looked:
            S3Shelf(client, "work").tag("status/index.html")
        stub.add_client_error("put_object", "AccessDenied", http_status_code=403)
        with pytest.raises(InternalError) as wrote:
            S3Shelf(client, "work").put("k", "", "text/html", unless_changed=None)
    assert (looked.value.code, wrote.value.code) == ("aws.refused", "aws.refused")
    assert not isinstance(wrote.value.__cause__, ClientError)
