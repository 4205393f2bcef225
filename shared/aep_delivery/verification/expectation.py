"""What must have arrived: everything verification needs of the config and of the entities in Adobe."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FileType = Literal["JSON", "PARQUET"]
Compression = Literal["NONE", "GZIP"]
Judgement = Literal["require", "report"]


class ExpectedDataset(BaseModel):
    """One dataset of the delivery."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str


class Expectation(BaseModel):
    """One delivery as it must be found in storage.

    Values of folder macros that are None stand for "any one folder name": what Adobe puts there is then not judged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    location: str
    """The bucket as a person writes it, ``s3://bucket``; the reader is already bound to it."""
    path: str = ""
    """``path`` of the target connection; slashes around it do not matter."""
    datasets: tuple[ExpectedDataset, ...] = Field(min_length=1)
    dataset_file_type: FileType
    compression: Compression
    foldername_template: str | None = None
    """None is Adobe's default, ``%DATASET_ID%/%EXPORT_TIME%``."""
    destination_name: str | None = None
    """What ``%DESTINATION%`` becomes."""
    destination_instance_id: str | None = None
    destination_instance_name: str | None = None
    sandbox_name: str | None = None
    organization_name: str | None = None
    manifest: bool = False
    """True where ``includeFileManifest`` asks Adobe to write ``manifest-<destination id>-<run id>.json`` beside the
    data."""


class Rules(BaseModel):
    """The ``verify`` section of the config: which of Adobe's figures decide."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_count: Judgement = "require"
    file_count: Judgement = "require"
