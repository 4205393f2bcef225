"""What the exported files are: format, compression, the options of CSV, encryption."""

from __future__ import annotations

import base64
import binascii
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from aep_delivery.config.base import ConfigModel, Violation, refuse


class DatasetFileType(StrEnum):
    """The format of the files of a dataset export; ``JSON`` is one object a line."""

    JSON = "JSON"
    PARQUET = "PARQUET"


class FileType(StrEnum):
    """The format of the files of an audience export."""

    CSV = "CSV"
    JSON = "JSON"
    PARQUET = "PARQUET"


class Compression(StrEnum):
    """``GZIP`` compresses JSON and CSV files as a whole and Parquet files page by page."""

    NONE = "NONE"
    GZIP = "GZIP"


class CsvOptions(ConfigModel):
    """How CSV files are written. Adobe's own defaults differ between its sources, so all five are always sent."""

    delimiter: Annotated[Literal[",", "\t", "|", ";", ":"], Field(examples=[";"])] = ","
    """What separates two values."""
    quote: Annotated[Literal['"', ""], Field(examples=['"'])] = '"'
    """What surrounds a value that holds a delimiter or a line break; nothing does where it is empty."""
    escape: Annotated[Literal["\\", "'"], Field(examples=["\\"])] = "\\"
    """What stands before a quote inside of a quoted value."""
    null_value: Annotated[Literal["null", '""', ""], Field(examples=["null"])] = "null"
    """What is written where there is no value."""
    empty_value: Annotated[Literal["null", '""', ""], Field(examples=[""])] = ""
    """What is written for a text without characters."""


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        refuse(
            Violation("config.public-key", "is not base64", "Encode the whole public key: base64 -w0 public-key.asc.")
        )
    return text


class Encryption(ConfigModel):
    """Adobe encrypts every file with PGP. Verification cannot look into encrypted files, and says so."""

    public_key: Annotated[
        str,
        Field(max_length=16_384, examples=["LS0tLS1CRUdJTiBQR1AgUFVCTElDIEtFWSBCTE9DSy0tLS0t"]),
        AfterValidator(_base64),
    ]
    """The RSA public key, in base64. It is no secret."""


class CloudFiles(ConfigModel):
    """The files at the six storages of the current generation: datasets as JSON or Parquet, audiences as CSV, too."""

    dataset_file_type: Annotated[DatasetFileType | None, Field(strict=False, examples=["PARQUET"])] = None
    """The format of the files, where `datasets` are exported."""
    file_type: Annotated[FileType | None, Field(strict=False, examples=["CSV"])] = None
    """The format of the files, where `audiences` are exported."""
    csv_options: Annotated[CsvOptions | None, Field(examples=[{"delimiter": ";"}])] = None
    """How CSV files are written; with `fileType: CSV` alone."""
    compression: Annotated[Compression, Field(strict=False, examples=["GZIP"])]
    """The compression of the files."""
    include_file_manifest: Annotated[bool, Field(examples=[True])] = False
    """Whether Adobe writes a manifest of names and sizes beside the files."""
    encryption: Encryption | None = None
    """Encrypts the files with PGP."""
    allow_uncompressed_json: Annotated[bool, Field(examples=[True])] = False
    """Allows datasets as JSON with compression NONE, which Adobe's tutorials show and its current documentation
    excludes."""

    @model_validator(mode="after")
    def _files_fit_together(self) -> Self:
        violations = [*self._uncompressed(), *self._types(), *self._csv()]
        if violations:
            refuse(*violations)
        return self

    @property
    def effective_csv_options(self) -> CsvOptions | None:
        """The options of CSV in full; None for other formats."""
        return (self.csv_options or CsvOptions()) if self.file_type is FileType.CSV else None

    def _uncompressed(self) -> list[Violation]:
        uncompressed = self.dataset_file_type is DatasetFileType.JSON and self.compression is Compression.NONE
        if not uncompressed or self.allow_uncompressed_json:
            return []
        return [
            Violation(
                "config.uncompressed-json",
                "JSON without compression is no longer in Adobe's documentation of dataset exports",
                "Write `compression: GZIP`, or insist with `allowUncompressedJson: true`.",
                ("compression",),
            )
        ]

    def _types(self) -> list[Violation]:
        if self.dataset_file_type is None or self.file_type is None:
            return []
        return [
            Violation(
                "config.two-file-types",
                "stands beside `datasetFileType`, and a delivery exports either datasets or audiences",
                "Keep `datasetFileType` for datasets, `fileType` for audiences.",
                ("fileType",),
                at_name=True,
            )
        ]

    def _csv(self) -> list[Violation]:
        if self.csv_options is None or self.file_type is FileType.CSV:
            return []
        return [
            Violation(
                "config.csv-options",
                "go with `fileType: CSV` alone",
                "Remove them, or export CSV.",
                ("csvOptions",),
                at_name=True,
            )
        ]


FolderPath = AfterValidator(lambda path: path.rstrip("/") or path)
"""A folder with or without its last slash is the same."""
