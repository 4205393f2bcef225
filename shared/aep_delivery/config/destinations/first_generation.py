"""E-mail marketing systems and the first generation of cloud storages: audiences as CSV files."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from aep_delivery.config.base import ConfigModel, Violation, refuse
from aep_delivery.config.destinations.auth import (
    AccessKeyAuth,
    ConnectionStringAuth,
    ExistingConnectionAuth,
    SftpPasswordAuth,
    SftpSshKeyAuth,
)
from aep_delivery.config.destinations.files import FolderPath
from aep_delivery.config.folders import RemotePath, TargetPath
from aep_delivery.config.naming import BucketName, ContainerName

CampaignAuth: TypeAlias = Annotated[
    AccessKeyAuth | SftpPasswordAuth | SftpSshKeyAuth | ConnectionStringAuth | ExistingConnectionAuth,
    Field(discriminator="type", examples=[{"type": "sftp-password", "secret": "secret://crm-destination"}]),
]
MarketingAuth: TypeAlias = Annotated[
    SftpPasswordAuth | SftpSshKeyAuth | ExistingConnectionAuth,
    Field(discriminator="type", examples=[{"type": "sftp-password", "secret": "secret://crm-destination"}]),
]
FirstS3Auth: TypeAlias = Annotated[
    AccessKeyAuth | ExistingConnectionAuth,
    Field(discriminator="type", examples=[{"type": "access-key", "secret": "secret://crm-destination"}]),
]
FirstBlobAuth: TypeAlias = Annotated[
    ConnectionStringAuth | ExistingConnectionAuth,
    Field(discriminator="type", examples=[{"type": "connection-string", "secret": "secret://crm-destination"}]),
]
FirstSftpAuth: TypeAlias = Annotated[
    SftpPasswordAuth | ExistingConnectionAuth,
    Field(discriminator="type", examples=[{"type": "sftp-password", "secret": "secret://crm-destination"}]),
]

_PLACES = {"S3": ("bucketName", "path"), "AZURE_BLOB": ("container", "path"), "FTP": ("remotePath",)}
"""The target parameters that go with each ``mode`` of Adobe's."""
_MODE_OF_AUTH = {
    "access-key": "S3",
    "connection-string": "AZURE_BLOB",
    "sftp-password": "FTP",
    "sftp-ssh-key": "FTP",
}


class _FirstGeneration(ConfigModel):
    include_file_manifest: Annotated[bool, Field(examples=[True])] = False
    """Whether Adobe writes a manifest of names and sizes beside the files."""


class _SeveralModes(_FirstGeneration):
    bucket_name: Annotated[BucketName | None, Field(examples=["my-bucket"])] = None
    """The bucket; with mode S3."""
    path: Annotated[TargetPath | None, FolderPath, Field(examples=["crm/audiences"])] = None
    """The folder below which everything lands; with modes S3 and AZURE_BLOB."""
    remote_path: Annotated[RemotePath | None, FolderPath, Field(examples=["import/crm"])] = None
    """The folder on the SFTP server; with mode FTP."""

    @property
    def effective_mode(self) -> str:
        """Adobe's ``mode``."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _place_fits_the_mode(self) -> Self:
        mode = self.effective_mode
        given = self.model_dump(by_alias=True, exclude_none=True)
        wanted = _PLACES[mode]
        missing = [
            Violation("config.mode-needs", f"{name} is required with mode {mode}, but missing", f"Add `{name}:`.")
            for name in wanted
            if name not in given
        ]
        extra = [
            Violation(
                "config.mode-excludes",
                f"does not go with mode {mode}",
                f"With {mode}, the place is {' and '.join(wanted)}.",
                (name,),
                at_name=True,
            )
            for name in ("bucketName", "container", "path", "remotePath")
            if name in given and name not in wanted
        ]
        if missing or extra:
            refuse(*missing, *extra)
        return self


class AdobeCampaignDestination(_SeveralModes):
    """Adobe Campaign, by way of a storage of yours. Which one, the kind of `auth` says."""

    type: Literal["adobe-campaign"]
    """The destination of Adobe's catalogue."""
    auth: CampaignAuth
    """How Adobe may write there."""
    mode: Annotated[Literal["S3", "AZURE_BLOB", "FTP"] | None, Field(examples=["FTP"])] = None
    """Adobe's name for the kind of storage; follows from `auth`, unless that is an existing connection."""
    container: Annotated[ContainerName | None, Field(examples=["exports"])] = None
    """The container; with mode AZURE_BLOB."""

    @property
    def effective_mode(self) -> str:
        """Adobe's ``mode``."""
        derived = _MODE_OF_AUTH.get(self.auth.type)
        if derived and self.mode and self.mode != derived:
            refuse(
                Violation(
                    "config.mode-contradicts-auth",
                    f"does not go with {self.auth.type}",
                    f"Write `mode: {derived}`, or leave it out.",
                    ("mode",),
                )
            )
        mode = self.mode or derived
        if mode is None:
            refuse(
                Violation(
                    "config.missing-field",
                    "`mode` is required with an existing connection, but missing",
                    "Add `mode: S3`, `AZURE_BLOB` or `FTP`: the kind of storage behind the connection.",
                )
            )
        return mode


class _MarketingCloud(_SeveralModes):
    mode: Annotated[Literal["S3", "FTP"], Field(examples=["FTP"])] = "FTP"
    """FTP writes below `remotePath`. S3, with `bucketName` and `path`, is in Adobe's tutorials beside the same SFTP
    credentials; what it does there is not documented."""

    @property
    def effective_mode(self) -> str:
        """Adobe's ``mode``."""
        return self.mode


class OracleEloquaDestination(_MarketingCloud):
    """Oracle Eloqua, by way of an SFTP server."""

    type: Literal["oracle-eloqua"]
    """The destination of Adobe's catalogue."""
    auth: MarketingAuth
    """How Adobe may write there."""


class OracleResponsysDestination(_MarketingCloud):
    """Oracle Responsys, by way of an SFTP server."""

    type: Literal["oracle-responsys"]
    """The destination of Adobe's catalogue."""
    auth: MarketingAuth
    """How Adobe may write there."""


class SalesforceMarketingCloudDestination(_MarketingCloud):
    """Salesforce Marketing Cloud, by way of an SFTP server."""

    type: Literal["salesforce-marketing-cloud"]
    """The destination of Adobe's catalogue."""
    auth: MarketingAuth
    """How Adobe may write there."""


class FirstGenerationS3Destination(_FirstGeneration):
    """A bucket in Amazon S3, as Adobe's first generation of destinations has it."""

    type: Literal["amazon-s3-first-generation"]
    """The destination of Adobe's catalogue."""
    auth: FirstS3Auth
    """How Adobe may write there."""
    bucket_name: Annotated[BucketName, Field(examples=["my-bucket"])]
    """The bucket."""
    path: Annotated[TargetPath, FolderPath, Field(examples=["crm/audiences"])]
    """The folder in the bucket below which everything lands."""


class FirstGenerationBlobDestination(_FirstGeneration):
    """A container in Azure Blob Storage, as Adobe's first generation of destinations has it."""

    type: Literal["azure-blob-first-generation"]
    """The destination of Adobe's catalogue."""
    auth: FirstBlobAuth
    """How Adobe may write there."""
    container: Annotated[ContainerName, Field(examples=["exports"])]
    """The container."""
    path: Annotated[TargetPath, FolderPath, Field(examples=["crm/audiences"])]
    """The folder in the container below which everything lands."""


class FirstGenerationSftpDestination(_FirstGeneration):
    """A folder on an SFTP server, as Adobe's first generation of destinations has it."""

    type: Literal["sftp-first-generation"]
    """The destination of Adobe's catalogue."""
    auth: FirstSftpAuth
    """How Adobe may write there."""
    remote_path: Annotated[RemotePath, FolderPath, Field(examples=["exports/crm"])]
    """The folder on the server below which everything lands."""
