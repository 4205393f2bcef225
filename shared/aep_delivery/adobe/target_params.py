"""Where and how files are written: the ``params`` of a target connection, a strict model for each form Adobe knows.

Sources: Adobe: Export datasets by using the Flow Service API; Connect to batch destinations and activate audiences by
API; Destinations API reference. The order of the fields is that of Adobe's samples, the mode first, then the place.
"""

from __future__ import annotations

from typing import Any, Literal, Self, TypeAlias

from pydantic import model_validator

from aep_delivery.adobe.request_model import NonEmpty, RequestModel


class CsvOptions(RequestModel):
    """How CSV is written. Adobe's sources disagree on the default of ``quote``, so all five are sent, always."""

    null_value: Literal["null", '""', ""] = "null"
    empty_value: Literal["null", '""', ""] = ""
    escape: Literal["\\", "'"] = "\\"
    quote: Literal['"', ""] = '"'
    delimiter: Literal[",", "\t", "|", ";", ":"] = ","


class _Mode(RequestModel):
    mode: Literal["Server-to-server"] = "Server-to-server"


class _Bucket(RequestModel):
    bucket_name: NonEmpty
    path: NonEmpty


class _Container(RequestModel):
    container: NonEmpty
    path: NonEmpty


class _Folder(RequestModel):
    path: NonEmpty


class _RemoteFolder(RequestModel):
    remote_path: NonEmpty


class _Files(RequestModel):
    compression: Literal["NONE", "GZIP"]
    dataset_file_type: Literal["JSON", "PARQUET"] | None = None
    file_type: Literal["CSV", "JSON", "PARQUET"] | None = None
    csv_options: CsvOptions | None = None
    include_file_manifest: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _csv_options_in_full(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "CSV" not in (data.get("fileType"), data.get("file_type")):
            return data
        given = data.get("csvOptions", data.get("csv_options"))
        rest = {name: value for name, value in data.items() if name not in ("csvOptions", "csv_options")}
        return {**rest, "csvOptions": CsvOptions() if given is None else given}

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if (self.dataset_file_type is None) == (self.file_type is None):
            raise ValueError("exactly one of datasetFileType and fileType must be given")
        if self.csv_options is not None and self.file_type != "CSV":
            raise ValueError("csvOptions go with fileType CSV alone")
        return self

    @property
    def exports(self) -> Literal["datasets", "audiences"]:
        """What the files are of."""
        return "audiences" if self.dataset_file_type is None else "datasets"


# Pydantic lists the fields of the last base first: mode, place, files.


class BucketParams(_Files, _Bucket, _Mode):
    """A bucket: Amazon S3, Google Cloud Storage."""


class ContainerParams(_Files, _Container, _Mode):
    """A container: Azure Blob Storage."""


class FolderParams(_Files, _Folder, _Mode):
    """A folder, the rest being said by the connection: Azure Data Lake Storage Gen2, Data Landing Zone."""


class RemoteFolderParams(_Files, _RemoteFolder, _Mode):
    """A folder on a server: SFTP."""


class _CsvFiles(RequestModel):
    format: Literal["CSV"] | None = None
    """All destinations want it but plain SFTP, whose sample has none."""
    include_file_manifest: bool | None = None


class _S3Mode(RequestModel):
    mode: Literal["S3"] = "S3"


class _AzureMode(RequestModel):
    mode: Literal["AZURE_BLOB"] = "AZURE_BLOB"


class _FtpMode(RequestModel):
    mode: Literal["FTP"] = "FTP"


class FirstGenerationBucketParams(_CsvFiles, _Bucket, _S3Mode):
    """A bucket in Amazon S3, as the first generation has it."""


class FirstGenerationContainerParams(_CsvFiles, _Container, _AzureMode):
    """A container in Azure Blob Storage, as the first generation has it."""


class FirstGenerationRemoteFolderParams(_CsvFiles, _RemoteFolder, _FtpMode):
    """A folder on an SFTP server, as the first generation has it."""


TargetParams: TypeAlias = BucketParams | ContainerParams | FolderParams | RemoteFolderParams
FirstGenerationTargetParams: TypeAlias = (
    FirstGenerationBucketParams | FirstGenerationContainerParams | FirstGenerationRemoteFolderParams
)
