from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import ContainerClient, ContentSettings
from pydantic import SecretStr
from urllib3.exceptions import ProtocolError

from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.storage.azure import AzureReader
from aep_delivery.storage.azure_client import container_by_connection_string
from aep_delivery.storage.reader import ObjectChangedError
from emulator.storage.azure import Azure
from tests.azure_server import azure, container

__all__ = ["azure", "container"]

CONTENT = bytes(range(256)) * 40
SEGMENT = 4000


class Wire(RequestsTransport):  # type: ignore[misc]
    """A transport that remembers what was asked for, and breaks answers to downloads as often as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.lists = 0
        self.ranges: list[str] = []
        self.whole = 0
        """How many downloads come through before one breaks."""
        self.breaks = 0
        self.before_download: Callable[[], None] = lambda: None

    def send(self, request: Any, **options: Any) -> Any:
        asked = request.headers.get("x-ms-range")
        if "comp=list" in request.url:
            self.lists += 1
        if asked is None:
            return super().send(request, **options)
        if self.ranges:
            self.before_download()
        self.ranges.append(asked)
        answer = super().send(request, **options)
        if len(self.ranges) > self.whole and self.breaks:
            self.breaks -= 1
            answer.internal_response.raw.stream = _broken
        return answer


def _broken(_chunk_size: int, *, decode_content: bool) -> Iterator[bytes]:
    yield b"lost"
    raise ProtocolError("reset")


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def reader(azure: Azure, container: str, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Iterator[AzureReader]:
    # Azure's client itself asks three times for a segment, and waits a second before each.
    monkeypatch.setattr("azure.storage.blob._download.time.sleep", lambda _: None)
    credential = {"account_name": azure.account, "account_key": azure.account_key}
    with ContainerClient(
        azure.endpoint,
        container,
        credential=credential,
        transport=wire,
        max_single_get_size=SEGMENT,
        max_chunk_get_size=SEGMENT,
    ) as client:
        yield AzureReader(client, page_size=2)


@pytest.fixture
def put(azure: Azure, container: str) -> Callable[..., str]:
    def put(key: str, data: bytes, **options: Any) -> str:
        written = azure.client.get_blob_client(container, key).upload_blob(data, overwrite=True, **options)
        return str(written["etag"])

    return put


def test_lists_what_starts_with_the_prefix_in_key_order(reader: AzureReader, put: Callable[..., str]) -> None:
    for key in ("a/2", "a/10", "ab", "b/1", "a/"):
        put(key, key.encode())
    listed = list(reader.list_objects("a/"))
    assert [(item.key, item.size) for item in listed] == [("a/", 2), ("a/10", 4), ("a/2", 3)]
    assert all(item.last_modified.tzinfo for item in listed)


def test_lists_page_by_page(reader: AzureReader, put: Callable[..., str], wire: Wire) -> None:
    for number in range(5):
        put(f"many/{number}", b"")
    listing = reader.list_objects("many/")
    next(listing)
    assert wire.lists == 1
    assert sum(1 for _ in listing) == 4
    assert wire.lists == 3


def test_lists_nothing_where_nothing_is(reader: AzureReader) -> None:
    assert list(reader.list_objects("nowhere/")) == []


def test_directories_of_a_data_lake_are_no_files(reader: AzureReader, put: Callable[..., str]) -> None:
    put("folder", b"", metadata={"hdi_isfolder": "true"})
    put("folder/file", b"x")
    assert [item.key for item in reader.list_objects("folder")] == ["folder/file"]
    assert reader.stat("folder") is None


@pytest.mark.parametrize("key", ["k", "ä b/%20+?#&.json", "a//b", "a/.b'(1)"])
def test_any_name_is_listed_found_and_read(reader: AzureReader, put: Callable[..., str], key: str) -> None:
    etag = put(key, CONTENT)
    assert [item.key for item in reader.list_objects(key)] == [key]
    assert reader.stat(key) is not None
    assert reader.read_range(key, 1, 2, etag=etag) == CONTENT[1:3]


@pytest.mark.parametrize("key", ["../other/k", "a/./k", "..", "a/.."])
def test_no_name_leads_out_of_the_container(reader: AzureReader, wire: Wire, key: str) -> None:
    for call in (lambda: reader.stat(key), lambda: reader.read_range(key, 0, 1, etag='"e"')):
        with pytest.raises(UserError, match=r"\. or \.\."):
            call()
    assert wire.ranges == []


def test_stat_says_what_the_listing_says_and_the_md5_azure_keeps(reader: AzureReader, put: Callable[..., str]) -> None:
    etag = put("k", CONTENT)
    found = reader.stat("k")
    assert found is not None
    assert found == next(iter(reader.list_objects("k")))
    assert (found.size, found.etag) == (len(CONTENT), etag)
    assert found.checksum == f"md5:{b64encode(hashlib.md5(CONTENT, usedforsecurity=False).digest()).decode()}"


def test_stat_of_a_missing_blob_is_none(reader: AzureReader) -> None:
    assert reader.stat("missing") is None


@pytest.mark.parametrize(
    ("start", "length"),
    [
        *[(0, 10), (100, 1), (0, len(CONTENT)), (SEGMENT - 1, SEGMENT + 2), (3, 0)],
        *[(len(CONTENT) - 3, 100), (len(CONTENT), 5), (len(CONTENT) + 9, 5)],
    ],
)
def test_reads_a_range_that_ends_with_the_blob(
    reader: AzureReader, put: Callable[..., str], start: int, length: int
) -> None:
    etag = put("k", CONTENT)
    assert reader.read_range("k", start, length, etag=etag) == CONTENT[start : start + length]


@pytest.mark.parametrize("chunk_size", [1000, SEGMENT + 1, 1 << 20])
def test_streams_the_whole_blob_in_chunks(reader: AzureReader, put: Callable[..., str], chunk_size: int) -> None:
    etag = put("k", CONTENT)
    chunks = list(reader.stream("k", etag=etag, chunk_size=chunk_size))
    assert b"".join(chunks) == CONTENT
    assert max(map(len, chunks)) <= chunk_size


def test_an_empty_blob_streams_nothing(reader: AzureReader, put: Callable[..., str]) -> None:
    etag = put("k", b"")
    assert list(reader.stream("k", etag=etag)) == []
    assert reader.read_range("k", 0, 1, etag=etag) == b""


def test_bytes_come_as_they_lie_there_whatever_their_encoding(reader: AzureReader, put: Callable[..., str]) -> None:
    zipped = b"\x1f\x8b not really gzip"
    etag = put("k.gz", zipped, content_settings=ContentSettings(content_encoding="gzip"))
    assert b"".join(reader.stream("k.gz", etag=etag)) == zipped
    assert reader.read_range("k.gz", 0, 4, etag=etag) == zipped[:4]


def test_a_rewritten_blob_is_an_error_and_not_a_mix(reader: AzureReader, put: Callable[..., str]) -> None:
    before = put("k", CONTENT)
    put("k", CONTENT[::-1])
    with pytest.raises(ObjectChangedError):
        reader.read_range("k", 0, 4, etag=before)
    with pytest.raises(ObjectChangedError):
        list(reader.stream("k", etag=before))


def test_a_blob_rewritten_while_it_is_read_is_an_error(
    reader: AzureReader, put: Callable[..., str], wire: Wire
) -> None:
    etag = put("k", CONTENT)
    stream = reader.stream("k", etag=etag, chunk_size=SEGMENT)
    assert next(stream) == CONTENT[:SEGMENT]
    put("k", CONTENT[::-1])
    with pytest.raises(ObjectChangedError):
        list(stream)
    wire.ranges.clear()
    wire.before_download = lambda: _forget(put("k", CONTENT))
    with pytest.raises(ObjectChangedError):
        reader.read_range("k", 0, len(CONTENT), etag=_etag(reader))


def test_a_removed_blob_is_an_error(reader: AzureReader, put: Callable[..., str], azure: Azure, container: str) -> None:
    etag = put("k", CONTENT)
    azure.client.get_blob_client(container, "k").delete_blob()
    with pytest.raises(ObjectChangedError):
        reader.read_range("k", 0, 4, etag=etag)
    with pytest.raises(ObjectChangedError):
        list(reader.stream("k", etag=etag))


def test_a_broken_stream_goes_on_where_it_stopped(reader: AzureReader, put: Callable[..., str], wire: Wire) -> None:
    etag = put("k", CONTENT)
    wire.whole, wire.breaks = 1, 3
    assert b"".join(reader.stream("k", etag=etag, chunk_size=3000)) == CONTENT
    second = f"bytes={SEGMENT}-{2 * SEGMENT - 1}"
    assert wire.ranges == [f"bytes=0-{SEGMENT - 1}", *[second] * 4, f"bytes={2 * SEGMENT}-{len(CONTENT) - 1}"]


def test_a_stream_that_keeps_breaking_is_transient(reader: AzureReader, put: Callable[..., str], wire: Wire) -> None:
    etag = put("k", CONTENT)
    wire.breaks = 1000
    with pytest.raises(TransientError) as caught:
        list(reader.stream("k", etag=etag))
    assert caught.value.code == "storage.connection-failed"
    assert len(wire.ranges) == 6 * 3


def test_a_missing_container_is_the_users_to_mend(azure: Azure) -> None:
    secret = SecretStr(azure.connection_string)
    with container_by_connection_string(secret, "not-there", allow_loopback=True) as client:
        reader = AzureReader(client)
        calls: list[Callable[[], object]] = [
            lambda: list(reader.list_objects("")),
            lambda: reader.stat("k"),
            lambda: reader.read_range("k", 0, 1, etag='"e"'),
            lambda: list(reader.stream("k", etag='"e"')),
        ]
        for call in calls:
            with pytest.raises(UserError) as caught:
                call()
            assert caught.value.code == "storage.container-not-found"
            assert "not-there" in caught.value.message


def _forget(_: object) -> None: ...


def _etag(reader: AzureReader) -> str:
    found = reader.stat("k")
    assert found is not None
    return found.etag
