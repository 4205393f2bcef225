"""Every shelf shows, changes and loses files alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from azure.storage.blob import ContainerClient
from moto import mock_aws

from emulator.shelves import BucketShelf, ContainerShelf, FolderShelf, Shelf
from emulator.storage.azure import Azure
from tests.azure_server import azure, container  # noqa: F401 - fixtures


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[BucketShelf]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="shelf")
        yield BucketShelf(client, "shelf")


def behaves(shelf: Shelf) -> None:
    shelf.write("a/b.csv", b"12345")
    shelf.write("c", b"1")
    assert shelf.sizes() == {"a/b.csv": 5, "c": 1}
    shelf.write("a/b.csv", shelf.read("a/b.csv")[:2])
    assert shelf.read("a/b.csv") == b"12"
    shelf.delete("c")
    assert shelf.sizes() == {"a/b.csv": 2}


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    behaves(FolderShelf(tmp_path))


def test_a_bucket(bucket: BucketShelf) -> None:
    behaves(bucket)


def test_a_container(azure: Azure, container: str) -> None:  # noqa: F811 - the fixtures above
    client: ContainerClient = azure.client.get_container_client(container)
    behaves(ContainerShelf(client))
