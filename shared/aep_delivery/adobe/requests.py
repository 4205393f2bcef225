"""What is sent to Flow Service: strict models whose ``body()`` is the exact JSON, in the order of Adobe's samples.

Sources: Adobe: Export datasets by using the Flow Service API; Connect to batch destinations and activate audiences by
API; Flow Service API reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, SecretStr, model_validator

from aep_delivery.adobe.answers import JsonObject
from aep_delivery.adobe.catalogue import DestinationRow, Exports, load_catalogue
from aep_delivery.adobe.patches import JsonPatchOperation
from aep_delivery.adobe.request_model import NonEmpty, RequestModel, SpecReference
from aep_delivery.adobe.target_params import FirstGenerationTargetParams, TargetParams
from aep_delivery.adobe.transformations import GeneralTransform

__all__ = [
    "Authentication",
    "DatasetReference",
    "DatasetSourceParams",
    "EncryptionParams",
    "FileEncryption",
    "JsonPatchOperation",
    "NewBaseConnection",
    "NewDataflow",
    "NewFirstGenerationBaseConnection",
    "NewFirstGenerationProfileSource",
    "NewFirstGenerationTargetConnection",
    "NewProfileSource",
    "NewSourceConnection",
    "NewTargetConnection",
    "RequestModel",
    "ScheduleParams",
    "SpecReference",
]

EpochSeconds = Annotated[int, Field(strict=True, ge=0, lt=100_000_000_000)]
"""Thirteen digits would be milliseconds, which Adobe takes for a year far away."""


class Authentication(RequestModel):
    """How Adobe gets into the storage."""

    spec_name: NonEmpty
    params: dict[str, SecretStr | int]
    """A port is a number, everything else a text."""

    def body(self) -> JsonObject:
        """Both halves, the credentials in clear."""
        return {**self.public_body(), "params": {name: _in_clear(value) for name, value in self.params.items()}}

    def public_body(self) -> JsonObject:
        """The kind of authentication alone."""
        return {"specName": self.spec_name}


def _in_clear(value: SecretStr | int) -> str | int:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


class EncryptionParams(RequestModel):
    """The key that files are encrypted with. It is public."""

    encryption_algo: Literal["PGP/GPG"] = "PGP/GPG"
    public_key: NonEmpty
    """In base64."""


class FileEncryption(RequestModel):
    """Encrypts every file. Adobe's spec has other names for both; these are what stored connections show."""

    spec_name: Literal["File Encryption"] = "File Encryption"
    params: EncryptionParams


class _BaseConnection(RequestModel):
    """What both generations have in common; their samples print the fields in different orders."""

    @model_validator(mode="after")
    def _as_the_catalogue_has_it(self) -> Self:
        # What stands beside Adobe's own in a secret, such as the host key of a server, stays here.
        auth, row = self._parts()
        if auth is not None and row is not None:
            spec = next((spec for spec in row.auth_specs if spec.name == auth.spec_name), None)
            if spec is None:
                raise ValueError(f"{row.title} has no authentication of the name {auth.spec_name}")
            sent = [param for param in spec.params if not param.reading]
            _same_names(auth.params, {param.name: param.required for param in sent}, f"{row.title}, {spec.name}")
        return self

    def body(self) -> JsonObject:
        """The whole, the credentials in clear."""
        auth, _ = self._parts()
        return self._with_auth(auth.body() if auth else None)

    def public_body(self) -> JsonObject:
        """The whole but ``auth.params``."""
        auth, _ = self._parts()
        return self._with_auth(auth.public_body() if auth else None)

    def _parts(self) -> tuple[Authentication | None, DestinationRow | None]:
        raise NotImplementedError

    def _with_auth(self, auth: JsonObject | None) -> JsonObject:
        dumped = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return {name: auth if name == "auth" and auth else value for name, value in dumped.items()}


class NewBaseConnection(_BaseConnection):
    """The connection to a storage; without ``auth`` to one that needs none."""

    name: NonEmpty
    description: str | None = None
    auth: Authentication | None = None
    encryption: FileEncryption | None = None
    connection_spec: SpecReference

    def _parts(self) -> tuple[Authentication | None, DestinationRow | None]:
        return self.auth, _row(self.connection_spec)


class NewFirstGenerationBaseConnection(_BaseConnection):
    """The connection to a storage of the first generation; without ``auth`` to the profile store."""

    name: NonEmpty
    description: str | None = None
    connection_spec: SpecReference
    auth: Authentication | None = None

    def _parts(self) -> tuple[Authentication | None, DestinationRow | None]:
        return self.auth, _row(self.connection_spec)


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


class NewProfileSource(RequestModel):
    """A connection to the profile store, from which audiences come."""

    name: NonEmpty
    description: str | None = None
    connection_spec: SpecReference


def _profile_data(value: JsonObject) -> JsonObject:
    if value != _PROFILE_DATA:
        raise ValueError("data is always a CSV without a schema")
    return value


_PROFILE_DATA: JsonObject = {"format": "CSV", "schema": None}


class NewFirstGenerationProfileSource(RequestModel):
    """A connection to the profile store, by way of a base connection, as the first generation needs it."""

    name: NonEmpty
    description: str | None = None
    connection_spec: SpecReference
    base_connection_id: NonEmpty
    data: Annotated[dict[str, JsonValue], AfterValidator(_profile_data)] = _PROFILE_DATA
    params: Annotated[dict[str, JsonValue], Field(default_factory=dict, max_length=0)]


class NewTargetConnection(RequestModel):
    """The place in a storage of the current generation."""

    name: NonEmpty
    description: str | None = None
    base_connection_id: NonEmpty
    params: TargetParams
    connection_spec: SpecReference

    @model_validator(mode="after")
    def _as_the_catalogue_has_it(self) -> Self:
        _check_target(self.connection_spec, self.params, self.params.exports)
        return self


class TargetData(RequestModel):
    """The same for every target of the first generation; the files are CSV nevertheless."""

    format: Literal["json"] = "json"
    json_schema: SpecReference = Field(default=SpecReference(id="1.0"), alias="schema")


class NewFirstGenerationTargetConnection(RequestModel):
    """The place in a storage of the first generation."""

    name: NonEmpty
    description: str | None = None
    base_connection_id: NonEmpty
    connection_spec: SpecReference
    data: TargetData = TargetData()
    params: FirstGenerationTargetParams

    @model_validator(mode="after")
    def _as_the_catalogue_has_it(self) -> Self:
        _check_target(self.connection_spec, self.params, "audiences")
        return self


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
    """The dataflow from a source connection to a target connection.

    One of datasets has a schedule and no transformations. One of audiences has the skeleton of a transformation, into
    which audiences with their schedules are patched later, and no schedule of its own.
    """

    name: NonEmpty
    description: str | None = None
    flow_spec: SpecReference
    source_connection_ids: Annotated[list[NonEmpty], Field(min_length=1)]
    target_connection_ids: Annotated[list[NonEmpty], Field(min_length=1)]
    transformations: Annotated[list[GeneralTransform], Field(default_factory=list, max_length=1)]
    schedule_params: ScheduleParams | None = None

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if (self.schedule_params is None) != bool(self.transformations):
            raise ValueError("scheduleParams go with datasets, a transformation with audiences: exactly one of them")
        return self


def _row(spec: SpecReference) -> DestinationRow | None:
    return load_catalogue().by_connection_spec(spec.id)


def _check_target(spec: SpecReference, params: RequestModel, exports: Exports) -> None:
    """See that the target parameters are those of the destination."""
    row = _row(spec)
    if row is not None:
        given = params.public_body()
        wanted = {param.name: param.required for param in row.target_params_for(str(given["mode"]), exports)}
        _same_names(given, wanted, row.title)


def _same_names(given: Mapping[str, object], wanted: Mapping[str, bool], where: str) -> None:
    unknown = [name for name in given if name not in wanted]
    missing = [name for name, required in wanted.items() if required and name not in given]
    if unknown or missing:
        said = [f"{name} is unknown" for name in unknown] + [f"{name} is missing" for name in missing]
        raise ValueError(f"{where}: {', '.join(said)}")
