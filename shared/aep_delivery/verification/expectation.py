"""What must have arrived: everything verification needs of the config and of the entities in Adobe."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aep_delivery.verification.dialect import RFC_4180, CsvDialect
from aep_delivery.verification.level import Level

FileType = Literal["CSV", "JSON", "PARQUET"]
Compression = Literal["NONE", "GZIP"]
Judgement = Literal["require", "report"]


class ExpectedDataset(BaseModel):
    """One dataset of the delivery."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str


class ExpectedAudience(BaseModel):
    """One audience of the delivery."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    filename_template: str | None = None
    """None is Adobe's default."""


class Expectation(BaseModel):
    """One delivery as it must be found in storage: datasets or audiences.

    Values of macros that are None stand for "any text without a slash": what Adobe puts there is then not judged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    location: str
    """The storage as a person writes it, ``s3://bucket``; the reader is already bound to it."""
    path: str = ""
    """``path`` or ``remotePath`` of the target connection; slashes around it do not matter. For audiences it may end in
    ``%SEGMENT_NAME%`` or ``%SEGMENT_ID%``."""
    datasets: tuple[ExpectedDataset, ...] = ()
    audiences: tuple[ExpectedAudience, ...] = ()
    file_type: FileType
    """``datasetFileType`` or ``fileType``; destinations of the first generation write CSV."""
    compression: Compression
    dialect: CsvDialect = RFC_4180
    """Of CSV files."""
    encrypted: bool = False
    """True where Adobe encrypts each file with PGP: then only its frame can be looked at."""
    level: Level = Level.CONTENT
    """How much of each file is looked at."""
    sample: float = Field(default=1.0, gt=0, le=1)
    """The share of the files that are looked at as far as `level` says; the others' structure is."""
    foldername_template: str | None = None
    """Of datasets. None is Adobe's default, ``%DATASET_ID%/%EXPORT_TIME%``."""
    destination_name: str | None = None
    """What ``%DESTINATION%`` and ``%DESTINATION_NAME%`` become."""
    destination_instance_id: str | None = None
    destination_instance_name: str | None = None
    sandbox_name: str | None = None
    organization_name: str | None = None
    manifest: bool = False
    """True where ``includeFileManifest`` asks Adobe to write ``manifest-<destination id>-<run id>.json`` beside the
    data."""
    columns: tuple[str, ...] = ()
    """The columns that audiences are mapped to, in order; not judged where there are none."""
    key_columns: tuple[str, ...] = ()
    """The columns of the deduplication key; not judged where there are none."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.datasets) == bool(self.audiences):
            raise ValueError("a delivery exports either datasets or audiences")
        return self

    @property
    def root(self) -> str:
        """Where everything lies, for a person: ``s3://bucket/exports``."""
        return f"{self.location.rstrip('/')}/{self.path.strip('/')}"


class Rules(BaseModel):
    """The ``verify`` section of the config: which differences decide."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_count: Judgement = "require"
    file_count: Judgement = "require"
    columns: Judgement | None = None
    """Whether columns decide. None: those that audiences are mapped to do, and what is different from the last
    delivery is only shown."""
