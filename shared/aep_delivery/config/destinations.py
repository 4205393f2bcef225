"""The destinations a delivery may name, each with its ways to authenticate and its target parameters.

A further destination is a model with a ``type`` of its own; with the second one :data:`Destination` becomes
``Annotated[AmazonS3Destination | …, Field(discriminator="type")]``, and nothing else changes.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from aep_delivery.config.base import ConfigModel, Violation, refuse
from aep_delivery.config.folders import TargetPath
from aep_delivery.config.naming import SECRET_SCHEME, BucketName, EntityId, SecretReference


class DatasetFileType(StrEnum):
    """The format of the exported files; ``JSON`` is one object a line."""

    JSON = "JSON"
    PARQUET = "PARQUET"


class Compression(StrEnum):
    """``GZIP`` compresses JSON files as a whole and Parquet files page by page."""

    NONE = "NONE"
    GZIP = "GZIP"


class AccessKeyAuth(ConfigModel):
    """Adobe writes to the bucket with the access key of an IAM user."""

    type: Literal["access-key"]
    """How Adobe authenticates at the destination."""
    secret: Annotated[SecretReference, Field(examples=["secret://flights-destination"])]
    """The secret in AWS Secrets Manager that holds `{"s3AccessKey": …, "s3SecretKey": …}`; never the key itself."""

    @property
    def secret_name(self) -> str:
        """The name of the secret, without the scheme."""
        return self.secret.removeprefix(SECRET_SCHEME)


class ExistingConnectionAuth(ConfigModel):
    """Adobe writes through a base connection that is there already. It is used, never changed and never removed."""

    type: Literal["existing-connection"]
    """How Adobe authenticates at the destination."""
    base_connection_id: Annotated[EntityId, Field(examples=["72a6f3d1-5e0b-4c9f-8f1d-2b7e4c0a9d63"])]
    """The id of the base connection, in the delivery's sandbox."""
    secret: Annotated[SecretReference | None, Field(examples=["secret://flights-destination"])] = None
    """A secret of the same form as with `access-key`, for reading back what was delivered. Verification reads with the
    function's own role where it is left out."""

    @property
    def secret_name(self) -> str | None:
        """The name of the secret, without the scheme; None where there is none."""
        return None if self.secret is None else self.secret.removeprefix(SECRET_SCHEME)


Auth: TypeAlias = Annotated[AccessKeyAuth | ExistingConnectionAuth, Field(discriminator="type")]

_UNCOMPRESSED_JSON_SCHEMA: dict[str, Any] = {
    "if": {
        "properties": {"datasetFileType": {"const": "JSON"}, "compression": {"const": "NONE"}},
        "required": ["datasetFileType", "compression"],
    },
    "then": {"properties": {"allowUncompressedJson": {"const": True}}, "required": ["allowUncompressedJson"]},
}


class AmazonS3Destination(ConfigModel):
    """A bucket in Amazon S3."""

    model_config = ConfigDict(json_schema_extra=_UNCOMPRESSED_JSON_SCHEMA)

    type: Literal["amazon-s3"]
    """The destination of Adobe's catalogue."""
    auth: Annotated[Auth, Field(examples=[{"type": "access-key", "secret": "secret://flights-destination"}])]
    """How Adobe may write there."""
    bucket_name: Annotated[BucketName, Field(examples=["my-bucket"])]
    """The bucket."""
    path: Annotated[TargetPath, AfterValidator(lambda path: path.rstrip("/")), Field(examples=["exports/flights"])]
    """The folder in the bucket below which everything lands."""
    dataset_file_type: Annotated[DatasetFileType, Field(strict=False, examples=["PARQUET"])]
    """The format of the files."""
    compression: Annotated[Compression, Field(strict=False, examples=["GZIP"])]
    """The compression of the files."""
    include_file_manifest: Annotated[bool, Field(examples=[True])] = False
    """Whether Adobe writes a manifest of names and sizes beside the files."""
    allow_uncompressed_json: Annotated[bool, Field(examples=[True])] = False
    """Allows JSON with compression NONE, which Adobe's tutorials show and its current documentation excludes."""

    @model_validator(mode="after")
    def _json_is_compressed(self) -> Self:
        uncompressed = self.dataset_file_type is DatasetFileType.JSON and self.compression is Compression.NONE
        if uncompressed and not self.allow_uncompressed_json:
            refuse(
                Violation(
                    "config.uncompressed-json",
                    "JSON without compression is no longer in Adobe's documentation of dataset exports",
                    "Write `compression: GZIP`, or insist with `allowUncompressedJson: true`.",
                    ("compression",),
                )
            )
        return self


Destination: TypeAlias = AmazonS3Destination
