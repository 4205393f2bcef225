"""What is sent to Flow Service: strict models whose ``body()`` is the exact JSON.

Sources: Adobe: Export datasets by using the Flow Service API; Flow Service API reference.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, InstanceOf, JsonValue, SecretStr, model_validator
from pydantic.alias_generators import to_camel

from aep_delivery.adobe.answers import JsonObject

NonEmpty = Annotated[str, Field(min_length=1)]
EpochSeconds = Annotated[int, Field(strict=True, ge=0, lt=100_000_000_000)]
"""Thirteen digits would be milliseconds, which Adobe takes for a year far away."""


class RequestModel(BaseModel):
    """Base of everything sent to Adobe."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    def body(self) -> JsonObject:
        """The JSON to send. For a connection with ``auth`` it holds the credentials in clear."""
        return self.public_body()

    def public_body(self) -> JsonObject:
        """The JSON without credentials: for fingerprints, plans and logs."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class SpecReference(RequestModel):
    """Names a specification; Adobe refuses it without a version."""

    id: NonEmpty
    version: str = "1.0"


class Authentication(RequestModel):
    """How Adobe gets into the storage."""

    spec_name: NonEmpty
    params: dict[str, SecretStr]

    def body(self) -> JsonObject:
        """Both halves, the credentials in clear."""
        return {**self.public_body(), "params": {name: value.get_secret_value() for name, value in self.params.items()}}

    def public_body(self) -> JsonObject:
        """The kind of authentication alone."""
        return {"specName": self.spec_name}


class NewBaseConnection(RequestModel):
    """The connection to the storage."""

    name: NonEmpty
    description: str | None = None
    connection_spec: SpecReference
    auth: Authentication | None = None

    def body(self) -> JsonObject:
        """The whole, the credentials in clear."""
        return self._with_auth(self.auth.body() if self.auth else None)

    def public_body(self) -> JsonObject:
        """The whole but ``auth.params``."""
        return self._with_auth(self.auth.public_body() if self.auth else None)

    def _with_auth(self, auth: JsonObject | None) -> JsonObject:
        rest = self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"auth"})
        return {**rest, "auth": auth} if auth else rest


class DatasetReference(RequestModel):
    """A dataset to export. Adobe writes ``dataSetId`` with a capital S and wants the name beside it."""

    data_set_id: NonEmpty
    name: NonEmpty


class DatasetSourceParams(RequestModel):
    """The datasets of a source connection; Adobe can't change them later."""

    datasets: Annotated[list[DatasetReference], Field(min_length=1)]


class NewSourceConnection(RequestModel):
    """The datasets to export, as a connection to the data lake."""

    name: NonEmpty
    description: str | None = None
    connection_spec: SpecReference
    params: DatasetSourceParams


class S3DatasetTargetParams(RequestModel):
    """Where and how files are written to Amazon S3."""

    mode: Literal["Server-to-server"] = "Server-to-server"
    bucket_name: NonEmpty
    path: NonEmpty
    compression: Literal["NONE", "GZIP"]
    dataset_file_type: Literal["JSON", "PARQUET"]
    include_file_manifest: bool | None = None


class NewTargetConnection(RequestModel):
    """The place in the storage."""

    name: NonEmpty
    description: str | None = None
    base_connection_id: NonEmpty
    params: S3DatasetTargetParams
    connection_spec: SpecReference


class ScheduleParams(RequestModel):
    """When a dataset dataflow exports.

    Adobe's pages disagree on the intervals; these are the ones that its API pages and its schema share, and 0 days,
    which is a single full export.
    """

    export_mode: Literal["FIRST_FULL_THEN_INCREMENTAL", "DAILY_FULL_EXPORT"] | None = None
    interval: Literal[0, 1, 3, 6, 9, 12]
    time_unit: Literal["hour", "day"]
    start_time: EpochSeconds
    end_time: EpochSeconds | None = None
    """Without one Adobe stops the export six months after its creation."""
    foldername_template: str | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        allowed = (0, 1) if self.time_unit == "day" else (3, 6, 9, 12)
        if self.interval not in allowed:
            raise ValueError(f"interval with timeUnit {self.time_unit} must be one of {allowed}")
        if self.end_time is not None and self.end_time <= self.start_time:
            raise ValueError("endTime must be later than startTime")
        return self


class NewDataflow(RequestModel):
    """The dataflow from a source connection to a target connection."""

    name: NonEmpty
    description: str | None = None
    flow_spec: SpecReference
    source_connection_ids: Annotated[list[NonEmpty], Field(min_length=1)]
    target_connection_ids: Annotated[list[NonEmpty], Field(min_length=1)]
    transformations: list[JsonValue] = []
    schedule_params: ScheduleParams


class JsonPatchOperation(RequestModel):
    """One change of an entity (RFC 6902). Adobe knows no ``move``, ``copy`` or ``test``; ``op`` is lower case."""

    op: Literal["add", "replace", "remove"]
    path: Annotated[str, Field(pattern=r"^/")]
    value: dict[str, InstanceOf[SecretStr]] | InstanceOf[SecretStr] | JsonValue = None
    """The new value. What replaces something below ``/auth`` is kept secret, however it is given."""

    @model_validator(mode="before")
    @classmethod
    def _keep_credentials_secret(cls, data: Any) -> Any:
        if isinstance(data, dict) and str(data.get("path")).startswith("/auth"):
            return {**data, "value": _hidden(data.get("value"))}
        return data

    def body(self) -> JsonObject:
        """The operation, the credentials in clear."""
        if self.op == "remove":
            return self.public_body()
        return {**self.public_body(), "value": _revealed(self.value)}

    def public_body(self) -> JsonObject:
        """The operation, its value left out where it holds credentials."""
        target: JsonObject = {"op": self.op, "path": self.path}
        hidden = isinstance(self.value, SecretStr) or (
            isinstance(self.value, dict) and any(isinstance(member, SecretStr) for member in self.value.values())
        )
        return target if self.op == "remove" or hidden else {**target, "value": _revealed(self.value)}


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _hidden(member) for name, member in value.items()}
    return SecretStr(value) if isinstance(value, str) else value


def _revealed(value: dict[str, SecretStr] | SecretStr | JsonValue) -> JsonValue:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {name: _revealed(member) for name, member in value.items()}
    return value
