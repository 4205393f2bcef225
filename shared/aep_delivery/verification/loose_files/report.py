"""What a check of loose files answers: the document that ``aep-delivery check --json`` prints."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from aep_delivery.runtime.described import Described
from aep_delivery.verification.expectation import FileType
from aep_delivery.verification.level import Level
from aep_delivery.verification.loose_files.kinds import Packing
from aep_delivery.verification.report import FileState

SCHEMA_ID = "urn:aep-delivery:schema:check-report:1"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class CheckVerdict(StrEnum):
    """The answer in one word."""

    VALID = "VALID"
    """All files are there and whole, as far as the level looks."""
    INVALID = "INVALID"
    """There is at least one finding."""


class Found(_Model):
    """One thing that is not as it should be."""

    code: str = Field(description="Stable: `file.truncated`, `manifest.size-mismatch`.")
    path: str | None = Field(description="The file; null where it is about all of them.")
    where: str | None = Field(description="The place in the file: `row 17`, `byte 1024`, `row group 2, column a`.")
    message: str = Field(description="One sentence for a person. It never quotes the content of a file.")


class Remark(_Model):
    """Something odd in a file that is no damage."""

    code: str
    where: str | None
    message: str


class CheckedPath(_Model):
    """One file."""

    path: str = Field(description="As it was named on the command line, with what is below it.")
    state: FileState
    type: FileType | None = Field(description="Null where nothing tells it: what is inside of an encrypted file.")
    compression: Packing | None = Field(description="Around the file. Parquet compresses its pages and has `NONE`.")
    encrypted: bool = False
    size: int = Field(description="Bytes; of a missing file as its manifest says.")
    rows: int | None = Field(description="Null where they could not be counted, or the level does not.")
    sha256: str | None = Field(description="Of the file as stored, hexadecimal; null where not every byte was read.")
    level: Level | None = Field(description="What was looked at; null for a file that is missing or unreadable.")
    checksummed: bool | None = Field(
        description="True where checksums inside the file cover all its data; false where a changed byte may go unseen."
    )
    warnings: list[Remark] = Field(default=[], description="They do not decide.")


class CheckReport(_Model):
    """The whole answer."""

    verdict: CheckVerdict
    rows: int = Field(description="Rows of the files in which they could be counted.")
    files: list[CheckedPath] = Field(description="Every data file, the missing ones of a manifest included, by path.")
    unchecksummed: int = Field(
        default=0,
        description="Files that were read and carry no checksums over all their data: a changed byte may stay unseen.",
    )
    findings: list[Found] = Field(description="What decides. Empty if and only if the verdict is VALID.")

    def of(self, path: str) -> Iterator[Found]:
        """The findings of one file."""
        return (found for found in self.findings if found.path == path)


def check_report_schema() -> dict[str, Any]:
    """The schema of the document, in JSON Schema 2020-12. Later releases may add properties."""
    schema = CheckReport.model_json_schema(mode="serialization", schema_generator=Described)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **schema,
        "title": "Check report",
    }
