"""The receipt as a document."""

from __future__ import annotations

import json
from datetime import date
from enum import StrEnum
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from aep_delivery import __version__
from aep_delivery.running.models import RunOutcome, RunTrigger
from aep_delivery.runtime.errors import ErrorDocument
from aep_delivery.verification.receipt.wire import camel_name, rename_keys, snake_name
from aep_delivery.verification.report import Verdict, VerificationReport

FAILED: Literal["FAILED"] = "FAILED"
"""The verdict of a delivery that an error ended before there was anything to judge."""


class _Part(BaseModel):
    """Tolerant when read, so that an older release can read the receipts of a newer one."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=camel_name,
        populate_by_name=True,
    )


class Delivery(_Part):
    """Whose receipt this is."""

    id: str
    """``sandbox/name``."""
    name: str
    """The name in the config, or the config's file name where the config could not be read."""
    sandbox: str | None = None
    """The Adobe sandbox; null where the config could not be read."""
    description: str | None = None


class Request(_Part):
    """What set this delivery going."""

    bucket: str | None = None
    """The bucket the config lies in."""
    key: str | None = None
    """The config's object key."""
    version_id: str | None = None
    """The version of the config object that was read."""
    trigger: str
    """What asked for it: a dropped config, a schedule, an event, the command line."""
    execution: str
    """Name or ARN of the workflow execution."""
    requested_at: AwareDatetime


class AskedCsvOptions(_Part):
    """How CSV files are written."""

    delimiter: str
    quote: str
    escape: str
    null_value: str
    empty_value: str


class AskedDestination(_Part):
    """Where to, in Adobe's own field names. What a destination does not have is null."""

    type: str
    """The destination's name: ``amazon-s3``."""
    mode: str | None = None
    """The kind of storage, where a destination has several."""
    bucket_name: str | None = None
    container: str | None = None
    path: str | None = None
    remote_path: str | None = None
    dataset_file_type: str | None = None
    file_type: str | None = None
    csv_options: AskedCsvOptions | None = None
    compression: str | None = None
    include_file_manifest: bool = False
    encryption: bool = False
    """True where Adobe encrypts each file with PGP."""


class AskedDataset(_Part):
    """One dataset; a failed look-up leaves only what the config said."""

    id: str | None = None
    name: str | None = None


class AskedSchedule(_Part):
    """When, in Adobe's own field names."""

    export_mode: str
    interval: int
    time_unit: str
    start_time: AwareDatetime | None = None
    end_time: AwareDatetime | None = None
    foldername_template: str | None = None


class AskedAudience(_Part):
    """One audience, its schedule and file name in Adobe's own field names; days and hours are UTC."""

    id: str | None = None
    name: str | None = None
    export_mode: str | None = None
    frequency: str | None = None
    trigger_type: str | None = None
    start_date: date | None = None
    start_time: str | None = None
    end_date: date | None = None
    """Nothing is exported on this day any more."""
    filename_template: str | None = None
    """Null is Adobe's default, ``<destinationName>_segment<segmentID>_<yyyymmddhhmmss>``."""


class AskedAttribute(_Part):
    """One column of the audiences' files."""

    source: str
    column: str


class AskedActivation(_Part):
    """What of the audiences' members."""

    attributes: list[AskedAttribute] = []
    mandatory_fields: list[str] = []
    primary_fields: list[str] = []
    """The deduplication key: attributes, or an identity namespace."""


class Asked(_Part):
    """What the config asked for: datasets and their schedule, or audiences and their activation."""

    destination: AskedDestination
    datasets: list[AskedDataset] = []
    schedule: AskedSchedule | None = None
    audiences: list[AskedAudience] = []
    activation: AskedActivation | None = None
    trigger: RunTrigger = RunTrigger.SCHEDULED
    """``NOW`` for an ad-hoc run, ``SCHEDULED`` for the next one of the schedule."""


class ResourceKind(StrEnum):
    BASE_CONNECTION = "base connection"
    PROFILE_STORE_CONNECTION = "profile store connection"
    """Only audiences to destinations of the first generation need one."""
    SOURCE_CONNECTION = "source connection"
    TARGET_CONNECTION = "target connection"
    DATAFLOW = "dataflow"


class ResourceAction(StrEnum):
    CREATE = "CREATE"
    ADOPT = "ADOPT"
    UPDATE = "UPDATE"
    REPLACE = "REPLACE"
    KEEP = "KEEP"


class Resource(_Part):
    """One entity in Adobe's Flow Service and what this delivery did to it."""

    kind: ResourceKind
    id: str | None = None
    """Adobe's id; null where the delivery ended before there was one."""
    action: ResourceAction
    name: str | None = None


class TimelineStep(_Part):
    """One step of the workflow."""

    step: str
    entered_at: AwareDatetime
    left_at: AwareDatetime | None = None
    """Null where the step was not left in good order."""
    attempts: int = Field(default=1, ge=1)


class EarlierRun(_Part):
    """The figures of an earlier delivery of the same name."""

    execution: str
    verdict: str
    finished_at: AwareDatetime
    backfill: bool = False
    """True for a first full export, which is not comparable with what comes after it."""
    files: int | None = None
    """Null where storage was not looked at."""
    rows: int | None = None
    """Null where not all rows could be counted."""
    bytes: int | None = None


class Product(_Part):
    """What wrote this receipt."""

    name: str = "aep-delivery"
    version: str = Field(default_factory=lambda: __version__)


class Receipt(_Part):
    """What was asked, what Adobe's run reports, what lies in storage, and the verdict.

    A delivery that fails at its first step still gets one: only whose it is, what set it going, the verdict, its
    reason and the time are always there.
    """

    schema_version: Literal["1"] = "1"
    delivery: Delivery
    request: Request
    verdict: Verdict | Literal["FAILED"]
    """The one word this delivery ends in; ``FAILED`` where `failure` says why nothing could be judged."""
    reason: str
    """One sentence for a person."""
    finished_at: AwareDatetime
    asked: Asked | None = None
    resources: list[Resource] = []
    warnings: list[str] = []
    """What the plan warned of."""
    run: RunOutcome | None = None
    """How Adobe's run ended, in Adobe's figures."""
    verification: VerificationReport | None = None
    """What lies in storage."""
    timeline: list[TimelineStep] = []
    earlier: list[EarlierRun] = []
    """Deliveries of the same name before this one, the newest first, as far as the work bucket tells of them."""
    failure: ErrorDocument | None = None
    """The error that ended the delivery."""
    product: Product = Field(default_factory=Product)

    @model_validator(mode="after")
    def _one_verdict(self) -> Self:
        if (self.verdict == FAILED) != (self.failure is not None):
            raise ValueError("the verdict is FAILED exactly where there is a failure")
        if self.failure is None and self.verification is not None and self.verification.verdict != self.verdict:
            raise ValueError(f"the verdict is {self.verdict}, but verification says {self.verification.verdict}")
        return self

    @property
    def is_good(self) -> bool:
        """True where a consumer may go on."""
        return isinstance(self.verdict, Verdict) and self.verdict.is_good

    def to_json(self) -> str:
        """The receipt as indented JSON in camelCase, keys in the order of declaration, unknown values null.

        The same receipt gives the same text, whatever the machine.
        """
        document = rename_keys(self.model_dump(mode="json", by_alias=True), camel_name)
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what :meth:`to_json` wrote; unknown fields are ignored.

        Raises:
            ValueError: The text is no JSON, or no receipt (``pydantic.ValidationError``).
        """
        return cls.model_validate(rename_keys(json.loads(text), snake_name))
