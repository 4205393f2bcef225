"""What Adobe answers: typed where we look, tolerant everywhere else.

Sub-objects come and go with the age and the state of an entity, so everything but an id is optional. Credentials in an
answer (masked, in part or in full) are dropped before a model sees them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator
from pydantic.alias_generators import to_camel

from aep_delivery.adobe.etag import normalise_etag
from aep_delivery.adobe.redaction import redact
from aep_delivery.runtime.clock import from_epoch_millis

EntityId = Annotated[str, Field(pattern=r"^[!-~]*[0-9A-Za-z][ -~]*$", max_length=255)]
"""Printable ASCII that can be a part of an address, as ``..`` cannot, and of a message."""
EpochMillis = Annotated[int, Field(gt=-62_000_000_000_000, lt=253_000_000_000_000)]
"""A moment that the calendar has."""


class Answer(BaseModel):
    """Base of everything read from Adobe."""

    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        extra="allow",
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _without_credentials(cls, data: Any) -> Any:
        return redact(data)


class SpecRef(Answer):
    """A reference to a specification."""

    id: str
    version: str | None = None


class Created(Answer):
    """The answer to a create. Older services return the id alone, and the tag is stale within moments anyway."""

    id: EntityId
    etag: str | None = None

    @field_validator("etag")
    @classmethod
    def _one_pair_of_quotes(cls, etag: str | None) -> str | None:
        return normalise_etag(etag) if etag else None


class Entity(Created):
    """What the stored entities have in common."""

    etag: str | None = Field(default=None, validation_alias=AliasChoices("etag", "version"))
    """As ``If-Match`` wants it. Stored entities print the same tag as ``version`` too."""
    name: str | None = None
    description: str | None = None
    state: str | None = None
    created_at: EpochMillis | None = None
    updated_at: EpochMillis | None = None

    @property
    def created(self) -> datetime | None:
        """When Adobe created it."""
        return None if self.created_at is None else from_epoch_millis(self.created_at)


class Connection(Entity):
    """A base connection."""

    connection_spec: SpecRef | None = None


class SourceConnection(Entity):
    """A source connection."""

    connection_spec: SpecRef | None = None
    base_connection_id: str | None = None
    params: dict[str, JsonValue] | None = None

    @property
    def dataset_ids(self) -> list[str]:
        """The datasets it exports, in its own order."""
        datasets = (self.params or {}).get("datasets")
        listed = datasets if isinstance(datasets, list) else []
        return [str(item["dataSetId"]) for item in listed if isinstance(item, dict) and "dataSetId" in item]


class TargetConnection(Entity):
    """A target connection."""

    connection_spec: SpecRef | None = None
    base_connection_id: str | None = None
    params: dict[str, JsonValue] | None = None


class CodedMessage(Answer):
    """An error, a warning or a reason to skip, as runs and operations list them. The codes follow no one pattern."""

    code: str | None = None
    message: str | None = None
    count: int | None = None

    @property
    def text(self) -> str:
        """``code: message``, or the half there is."""
        return ": ".join(part for part in (self.code, self.message) if part) or "unspecified"


class OperationStatus(Answer):
    """How far an asynchronous operation is."""

    value: str | None = None
    errors: list[CodedMessage] | None = None


class LastOperation(Answer):
    """What Adobe is doing, or last did, to a dataflow after it said yes to the call."""

    operation: str | None = None
    percent_completed: float | None = None
    status: OperationStatus | None = None


class Dataflow(Entity):
    """A dataflow."""

    flow_spec: SpecRef | None = None
    source_connection_ids: list[str] = []
    target_connection_ids: list[str] = []
    transformations: list[JsonValue] | None = None
    schedule_params: dict[str, JsonValue] | None = None
    """As on the wire; ``startTime`` and ``endTime`` in epoch seconds."""
    last_operation: LastOperation | None = None

    @property
    def flow_spec_id(self) -> str | None:
        """Id of the flow specification."""
        return self.flow_spec.id if self.flow_spec else None


class DurationSummary(Answer):
    """When a run worked, in epoch milliseconds. Adobe's schema has ``stoppedAtUTC``, examples ``completedAtUTC``."""

    started_at: EpochMillis | None = Field(default=None, validation_alias=AliasChoices("startedAtUTC", "started_at"))
    completed_at: EpochMillis | None = Field(
        default=None, validation_alias=AliasChoices("completedAtUTC", "stoppedAtUTC", "completed_at")
    )


class SizeSummary(Answer):
    """Bytes."""

    output_bytes: int | None = None


class EntitySummary(Answer):
    """The part of one audience (``segment:<id>``) or dataset in a run."""

    id: str | None = None
    output_record_count: int | None = None
    created_record_count: int | None = None


class ConnectionSummary(Answer):
    """The part of one source or target connection in a run."""

    entity_summaries: list[EntitySummary] | None = None


class RecordSummary(Answer):
    """Records. ``outputRecordCount`` is in every example and missing in the schema, where ``createdRecordCount`` is."""

    input_record_count: int | None = None
    output_record_count: int | None = None
    created_record_count: int | None = None
    skipped_record_count: int | None = None
    failed_record_count: int | None = None
    source_summaries: list[ConnectionSummary] | None = None
    target_summaries: list[ConnectionSummary] | None = None
    failed_info: list[CodedMessage] | None = None
    skipped_info: list[CodedMessage] | None = None


class FileSummary(Answer):
    """Files."""

    output_file_count: int | None = None


class StatusSummary(Answer):
    """How a run stands."""

    status: str | None = None
    errors: list[CodedMessage] | None = None


class RunMetrics(Answer):
    """The figures of a run; a run under way or failed lacks most of them."""

    duration_summary: DurationSummary | None = None
    size_summary: SizeSummary | None = None
    record_summary: RecordSummary | None = None
    file_summary: FileSummary | None = None
    status_summary: StatusSummary | None = None


class Run(Entity):
    """A run of a dataflow."""

    flow_id: str | None = None
    metrics: RunMetrics | None = None


class FileDescription(Answer):
    """How a dataset is stored."""

    format: str | None = None


class ExportableDataset(Answer):
    """A dataset that may be exported."""

    id: str
    name: str
    description: str | None = None
    state: str | None = None
    file_description: FileDescription | None = None

    @property
    def format(self) -> str | None:
        """Its format in the data lake, usually ``parquet``."""
        return self.file_description.format if self.file_description else None


class Specification(Answer):
    """A connection specification or flow specification, as Adobe's own catalogue has it."""

    id: str
    name: str | None = None
    version: str | None = None
    provider_id: str | None = None
    attributes: dict[str, JsonValue] | None = None
