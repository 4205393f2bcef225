"""The destinations a delivery may name, each with its ways to authenticate and its target parameters."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from aep_delivery.config.destinations.auth import (
    AssumedRoleAuth,
    ExistingConnectionAuth,
    ReadingAuth,
    SecretAuth,
)
from aep_delivery.config.destinations.cloud_storage import (
    AdlsGen2Destination,
    AmazonS3Destination,
    AzureBlobDestination,
    DataLandingZoneDestination,
    GoogleCloudStorageDestination,
    SftpDestination,
)
from aep_delivery.config.destinations.files import (
    CloudFiles,
    Compression,
    CsvOptions,
    DatasetFileType,
    Encryption,
    FileType,
)
from aep_delivery.config.destinations.first_generation import (
    AdobeCampaignDestination,
    FirstGenerationBlobDestination,
    FirstGenerationS3Destination,
    FirstGenerationSftpDestination,
    OracleEloquaDestination,
    OracleResponsysDestination,
    SalesforceMarketingCloudDestination,
)

CloudDestination: TypeAlias = (
    AmazonS3Destination
    | AzureBlobDestination
    | AdlsGen2Destination
    | DataLandingZoneDestination
    | GoogleCloudStorageDestination
    | SftpDestination
)
"""The current generation: datasets, and audiences in several formats."""

FirstGenerationDestination: TypeAlias = (
    AdobeCampaignDestination
    | OracleEloquaDestination
    | OracleResponsysDestination
    | SalesforceMarketingCloudDestination
    | FirstGenerationS3Destination
    | FirstGenerationBlobDestination
    | FirstGenerationSftpDestination
)
"""The first generation and the e-mail marketing systems: audiences as CSV."""

Destination: TypeAlias = Annotated[CloudDestination | FirstGenerationDestination, Field(discriminator="type")]

__all__ = [
    "AdlsGen2Destination",
    "AdobeCampaignDestination",
    "AmazonS3Destination",
    "AssumedRoleAuth",
    "AzureBlobDestination",
    "CloudDestination",
    "CloudFiles",
    "Compression",
    "CsvOptions",
    "DataLandingZoneDestination",
    "DatasetFileType",
    "Destination",
    "Encryption",
    "ExistingConnectionAuth",
    "FileType",
    "FirstGenerationBlobDestination",
    "FirstGenerationDestination",
    "FirstGenerationS3Destination",
    "FirstGenerationSftpDestination",
    "GoogleCloudStorageDestination",
    "OracleEloquaDestination",
    "OracleResponsysDestination",
    "ReadingAuth",
    "SalesforceMarketingCloudDestination",
    "SecretAuth",
    "SftpDestination",
]
