"""What lies in a destination, seen from the side: for looking at delivered files, and for damaging them on purpose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from azure.storage.blob import ContainerClient

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Shelf(Protocol):
    """One bucket, container or folder, with all rights."""

    def sizes(self) -> dict[str, int]:
        """All files by name, with their bytes."""

    def read(self, name: str) -> bytes:
        """One file."""

    def write(self, name: str, data: bytes) -> None:
        """Put another content in the place of a file's."""

    def delete(self, name: str) -> None:
        """Take one file away."""


class BucketShelf:
    """A bucket of the embedded cloud."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def sizes(self) -> dict[str, int]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket)
        return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}

    def read(self, name: str) -> bytes:
        return self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()

    def write(self, name: str, data: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=name, Body=data)

    def delete(self, name: str) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=name)


class ContainerShelf:
    """A container of the local Azure."""

    def __init__(self, client: ContainerClient) -> None:
        self._client = client

    def sizes(self) -> dict[str, int]:
        return {blob.name: blob.size for blob in self._client.list_blobs()}

    def read(self, name: str) -> bytes:
        return self._client.download_blob(name).readall()

    def write(self, name: str, data: bytes) -> None:
        self._client.upload_blob(name, data, overwrite=True)

    def delete(self, name: str) -> None:
        self._client.delete_blob(name)


class FolderShelf:
    """The login directory of a user of the local SFTP server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sizes(self) -> dict[str, int]:
        files = (path for path in self._folder.rglob("*") if path.is_file())
        return {path.relative_to(self._folder).as_posix(): path.stat().st_size for path in files}

    def read(self, name: str) -> bytes:
        return (self._folder / name).read_bytes()

    def write(self, name: str, data: bytes) -> None:
        (self._folder / name).write_bytes(data)

    def delete(self, name: str) -> None:
        (self._folder / name).unlink()
