"""One contract, kept by every storage reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.storage.reader import ObjectChangedError, StorageReader
from aep_delivery.storage.s3 import S3Reader

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "deliveries"
CONTENT = bytes(range(256)) * 40


class Storage:
    """A reader with the means to change what it reads."""

    def __init__(
        self, reader: StorageReader, put: Callable[[str, bytes], object], remove: Callable[[str], object]
    ) -> None:
        self.reader = reader
        self.put = put
        self.remove = remove


@pytest.fixture(params=["memory", "s3"])
def storage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    if request.param == "memory":
        memory = MemoryReader()
        yield Storage(memory, memory.put, memory.remove)
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client: S3Client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield Storage(
            S3Reader(client, BUCKET),
            lambda key, data: client.put_object(Bucket=BUCKET, Key=key, Body=data),
            lambda key: client.delete_object(Bucket=BUCKET, Key=key),
        )


def test_lists_what_starts_with_the_prefix_in_key_order(storage: Storage) -> None:
    for key in ("a/2", "a/10", "ab", "b/1", "a/"):
        storage.put(key, key.encode())
    listed = list(storage.reader.list_objects("a/"))
    assert [(item.key, item.size) for item in listed] == [("a/", 2), ("a/10", 4), ("a/2", 3)]
    assert all(item.last_modified.tzinfo for item in listed)


def test_lists_more_than_one_page(storage: Storage) -> None:
    for number in range(1005):
        storage.put(f"many/{number:05}", b"")
    assert sum(1 for _ in storage.reader.list_objects("many/")) == 1005


def test_lists_nothing_where_nothing_is(storage: Storage) -> None:
    assert list(storage.reader.list_objects("nowhere/")) == []


def test_stat_says_what_the_listing_says(storage: Storage) -> None:
    storage.put("k", CONTENT)
    listed = next(iter(storage.reader.list_objects("k")))
    found = storage.reader.stat("k")
    assert found is not None
    assert (found.key, found.size, found.etag) == (listed.key, listed.size, listed.etag)


def test_stat_of_a_missing_object_is_none(storage: Storage) -> None:
    assert storage.reader.stat("missing") is None


@pytest.mark.parametrize(("start", "length"), [(0, 10), (100, 1), (0, len(CONTENT)), (len(CONTENT) - 3, 3)])
def test_reads_a_range(storage: Storage, start: int, length: int) -> None:
    storage.put("k", CONTENT)
    assert storage.reader.read_range("k", start, length, etag=_etag(storage)) == CONTENT[start : start + length]


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [(len(CONTENT) - 3, 100, CONTENT[-3:]), (len(CONTENT), 5, b""), (len(CONTENT) + 9, 5, b""), (3, 0, b"")],
)
def test_a_range_ends_with_the_object(storage: Storage, start: int, length: int, expected: bytes) -> None:
    storage.put("k", CONTENT)
    assert storage.reader.read_range("k", start, length, etag=_etag(storage)) == expected


@pytest.mark.parametrize("chunk_size", [1000, 1 << 20])
def test_streams_the_whole_object(storage: Storage, chunk_size: int) -> None:
    storage.put("k", CONTENT)
    assert b"".join(storage.reader.stream("k", etag=_etag(storage), chunk_size=chunk_size)) == CONTENT


def test_an_empty_object_streams_nothing(storage: Storage) -> None:
    storage.put("k", b"")
    assert b"".join(storage.reader.stream("k", etag=_etag(storage))) == b""
    assert storage.reader.read_range("k", 0, 1, etag=_etag(storage)) == b""


def test_a_rewritten_object_is_an_error_and_not_a_mix(storage: Storage) -> None:
    storage.put("k", CONTENT)
    before = _etag(storage)
    storage.put("k", CONTENT[::-1])
    with pytest.raises(ObjectChangedError):
        storage.reader.read_range("k", 0, 4, etag=before)
    with pytest.raises(ObjectChangedError):
        list(storage.reader.stream("k", etag=before))


def test_a_removed_object_is_an_error(storage: Storage) -> None:
    storage.put("k", CONTENT)
    before = _etag(storage)
    storage.remove("k")
    with pytest.raises(ObjectChangedError):
        storage.reader.read_range("k", 0, 4, etag=before)
    with pytest.raises(ObjectChangedError):
        list(storage.reader.stream("k", etag=before))


def _etag(storage: Storage) -> str:
    found = storage.reader.stat("k")
    assert found is not None
    return found.etag
