"""One file of the corpus and what must be found in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from aep_delivery.verification.dialect import RFC_4180, CsvDialect


@dataclass(frozen=True)
class Case:
    """A file and its truth."""

    name: str
    file_type: Literal["JSON", "PARQUET", "CSV"]
    compression: Literal["NONE", "GZIP", "ZIP"]
    data: bytes
    rows: int | None = None
    """Rows of a sound file."""
    code: str | None = None
    """The first deciding finding of a damaged file; None where the file is sound."""
    where: str | None = None
    """Its place."""
    dialect: CsvDialect = RFC_4180
    columns: tuple[str, ...] | None = None
    encrypted: bool = False

    @property
    def verdict(self) -> Literal["VALID", "INVALID"]:
        return "VALID" if self.code is None else "INVALID"

    @property
    def file_name(self) -> str:
        suffix = {"JSON": ".json", "PARQUET": ".parquet", "CSV": ".csv"}[self.file_type]
        return (
            self.name + suffix + {"NONE": "", "GZIP": ".gz", "ZIP": ".zip"}[self.compression] + ".pgp" * self.encrypted
        )
