"""The six storages of the current generation. What stands in a section besides ``type``, ``auth`` and ``encryption``
are Adobe's target parameters under Adobe's names.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import ConfigDict, Field

from aep_delivery.config.destinations.auth import (
    AccessKeyAuth,
    AssumedRoleAuth,
    ConnectionStringAuth,
    ExistingConnectionAuth,
    HmacKeyAuth,
    ServicePrincipalAuth,
    SftpPasswordAuth,
    SftpSshKeyAuth,
)
from aep_delivery.config.destinations.files import CloudFiles, FolderPath
from aep_delivery.config.folders import MacroPath, RemotePath, TargetPath
from aep_delivery.config.naming import BucketName, ContainerName, GoogleBucketName

_FILES_SCHEMA: dict[str, Any] = {
    "allOf": [{"anyOf": [{"properties": {"csvOptions": False}}, {"properties": {"fileType": {"const": "CSV"}}}]}],
    "if": {
        "properties": {"datasetFileType": {"const": "JSON"}, "compression": {"const": "NONE"}},
        "required": ["datasetFileType", "compression"],
    },
    "then": {"properties": {"allowUncompressedJson": {"const": True}}, "required": ["allowUncompressedJson"]},
    "anyOf": [
        {"required": ["datasetFileType"], "properties": {"fileType": False}},
        {"required": ["fileType"], "properties": {"datasetFileType": False}},
    ],
}

S3Auth: TypeAlias = Annotated[
    AccessKeyAuth | AssumedRoleAuth | ExistingConnectionAuth,
    Field(discriminator="type", examples=[{"type": "access-key", "secret": "secret://flights-destination"}]),
]
BlobAuth: TypeAlias = Annotated[
    ConnectionStringAuth | ExistingConnectionAuth,
    Field(discriminator="type", examples=[{"type": "connection-string", "secret": "secret://crm-destination"}]),
]
AdlsAuth: TypeAlias = Annotated[
    ServicePrincipalAuth | ExistingConnectionAuth,
    Field(discriminator="type", examples=[{"type": "service-principal", "secret": "secret://crm-destination"}]),
]
GoogleAuth: TypeAlias = Annotated[
    HmacKeyAuth | ExistingConnectionAuth,
    Field(discriminator="type", examples=[{"type": "hmac-key", "secret": "secret://crm-destination"}]),
]
SftpAuth: TypeAlias = Annotated[
    SftpPasswordAuth | SftpSshKeyAuth | ExistingConnectionAuth,
    Field(discriminator="type", examples=[{"type": "sftp-password", "secret": "secret://crm-destination"}]),
]


class _CloudStorage(CloudFiles):
    model_config = ConfigDict(json_schema_extra=_FILES_SCHEMA)


class AmazonS3Destination(_CloudStorage):
    """A bucket in Amazon S3."""

    type: Literal["amazon-s3"]
    """The destination of Adobe's catalogue."""
    auth: S3Auth
    """How Adobe may write there."""
    bucket_name: Annotated[BucketName, Field(examples=["my-bucket"])]
    """The bucket."""
    path: Annotated[MacroPath, FolderPath, Field(examples=["exports/flights"])]
    """The folder in the bucket below which everything lands. For audiences it may end in `%SEGMENT_NAME%` or
    `%SEGMENT_ID%`."""


class AzureBlobDestination(_CloudStorage):
    """A container in Azure Blob Storage."""

    type: Literal["azure-blob"]
    """The destination of Adobe's catalogue."""
    auth: BlobAuth
    """How Adobe may write there."""
    container: Annotated[ContainerName, Field(examples=["exports"])]
    """The container."""
    path: Annotated[TargetPath, FolderPath, Field(examples=["crm/audiences"])]
    """The folder in the container below which everything lands."""


class AdlsGen2Destination(_CloudStorage):
    """Azure Data Lake Storage Gen2. The secret's `url` names account and container."""

    type: Literal["adls-gen2"]
    """The destination of Adobe's catalogue."""
    auth: AdlsAuth
    """How Adobe may write there."""
    path: Annotated[MacroPath, FolderPath, Field(examples=["crm/audiences"])]
    """The folder below which everything lands. For audiences it may end in `%SEGMENT_NAME%` or `%SEGMENT_ID%`."""


class DataLandingZoneDestination(_CloudStorage):
    """The storage that Adobe provides with each sandbox. Files in it are deleted after seven days."""

    type: Literal["data-landing-zone"]
    """The destination of Adobe's catalogue."""
    auth: ExistingConnectionAuth | None = None
    """Left out where Adobe is to make its own connection: it needs no credential."""
    path: Annotated[MacroPath, FolderPath, Field(examples=["crm/audiences"])]
    """The folder below which everything lands. For audiences it may end in `%SEGMENT_NAME%` or `%SEGMENT_ID%`."""


class GoogleCloudStorageDestination(_CloudStorage):
    """A bucket in Google Cloud Storage."""

    type: Literal["google-cloud-storage"]
    """The destination of Adobe's catalogue."""
    auth: GoogleAuth
    """How Adobe may write there."""
    bucket_name: Annotated[GoogleBucketName, Field(examples=["my-bucket"])]
    """The bucket."""
    path: Annotated[MacroPath, FolderPath, Field(examples=["crm/audiences"])]
    """The folder in the bucket below which everything lands. For audiences it may end in `%SEGMENT_NAME%` or
    `%SEGMENT_ID%`."""


class SftpDestination(_CloudStorage):
    """A folder on an SFTP server. The secret says which server."""

    type: Literal["sftp"]
    """The destination of Adobe's catalogue."""
    auth: SftpAuth
    """How Adobe may write there."""
    remote_path: Annotated[RemotePath, FolderPath, Field(examples=["exports/crm"])]
    """The folder on the server below which everything lands."""
