"""The config file as a model: what one delivery declares."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, ValidationError, field_validator, model_validator

from aep_delivery.config.audiences import Activation, Audience
from aep_delivery.config.base import ConfigModel, Violation, refuse
from aep_delivery.config.changes import Adoption, Allowances, DriftPolicy, EntityNames
from aep_delivery.config.destinations import Destination
from aep_delivery.config.exports import broken_export_rules
from aep_delivery.config.naming import DatasetId, DatasetName, DeliveryName, SandboxName
from aep_delivery.config.schedule import ScheduleParams
from aep_delivery.runtime.errors import InternalError

CONFIG_VERSION = 1
MAX_DEADLINE_MINUTES = 7 * 24 * 60


class Judgement(StrEnum):
    """``require``: a difference decides the verdict; ``report``: it is shown and decides nothing."""

    REQUIRE = "require"
    REPORT = "report"


class DatasetReference(ConfigModel):
    """One dataset, by id or by name."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["id"]}, {"required": ["name"]}]})

    id: Annotated[DatasetId | None, Field(examples=["5ef3e324052581191aa6a466"])] = None
    """The dataset's id: 24 hexadecimal digits."""
    name: Annotated[DatasetName | None, Field(examples=["Flights 2013"])] = None
    """The dataset's name, exactly as in Experience Platform."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if self.id is not None and self.name is not None:
            refuse(Violation("config.dataset-ambiguous", "has both `id` and `name`", "Keep one of the two.", ("name",)))
        if self.id is None and self.name is None:
            refuse(Violation("config.dataset-unnamed", "has neither `id` nor `name`", "Give one of the two."))
        return self

    def __str__(self) -> str:
        return self.id or self.name or ""


class RunOptions(ConfigModel):
    """The run that the delivery waits for."""

    trigger: Annotated[Literal["SCHEDULED", "NOW"], Field(examples=["NOW"])] = "SCHEDULED"
    """SCHEDULED waits for the next scheduled run; NOW asks Adobe for an ad-hoc run."""
    deadline_minutes: Annotated[int, Field(ge=1, le=MAX_DEADLINE_MINUTES, examples=[240])] = 240
    """Minutes after the slot. No run by then is the verdict NO_RUN."""


class VerificationLevel(StrEnum):
    """``listing``: names, sizes and that nothing changes; ``structure``: also footers, headers and ends of files;
    ``content``: every byte.
    """

    LISTING = "listing"
    STRUCTURE = "structure"
    CONTENT = "content"


class VerifyOptions(ConfigModel):
    """What decides the verdict, and how far files are looked into.

    Adobe mixes the metrics of dataset runs with profile numbers, so a difference may be its figure's fault.
    """

    record_count: Annotated[Judgement, Field(strict=False, examples=["report"])] = Judgement.REQUIRE
    """Rows counted in the files against the records the run reports."""
    file_count: Annotated[Judgement, Field(strict=False, examples=["report"])] = Judgement.REQUIRE
    """Files found against the files the run reports."""
    columns: Annotated[Judgement | None, Field(strict=False, examples=["require"])] = None
    """Columns of the files: `require` refuses any difference from the mapped attributes and from the last delivery,
    `report` shows them. Left out, missing mapped columns decide and changes since the last delivery do not."""
    level: Annotated[VerificationLevel, Field(strict=False, examples=["structure"])] = VerificationLevel.CONTENT
    """How far files are looked into. The receipt never claims more than that."""
    sample: Annotated[float, Field(ge=0.001, le=1, examples=[0.1])] = 1
    """The share of the files that is looked into as far as `level` says; of the others the structure is. For huge
    deliveries."""


_ONE_KIND_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {
            "required": ["datasets", "scheduleParams"],
            "properties": {
                "audiences": False,
                "activation": False,
                "destination": {"required": ["datasetFileType"], "properties": {"path": {"pattern": "^[^%]*$"}}},
            },
        },
        {
            "required": ["audiences", "activation"],
            "properties": {
                "datasets": False,
                "scheduleParams": False,
                "destination": {"properties": {"datasetFileType": False}},
            },
        },
    ]
}


class DeliveryConfig(ConfigModel):
    """One delivery: datasets or audiences of one sandbox, exported to one destination, and how to check them."""

    model_config = ConfigDict(json_schema_extra=_ONE_KIND_SCHEMA)

    version: Annotated[int, Field(json_schema_extra={"const": CONFIG_VERSION}, examples=[CONFIG_VERSION])]
    """The version of this file's format."""
    name: Annotated[DeliveryName, Field(examples=["nyc-flights"])]
    """The delivery's name, unique in its sandbox. Renaming makes it another delivery."""
    sandbox: Annotated[SandboxName, Field(examples=["prod"])]
    """The name of the Experience Platform sandbox. There is no default: leaving it out would mean `prod` to Adobe."""
    description: Annotated[str | None, Field(max_length=500, examples=["Flights for the warehouse"])] = None
    """What the delivery is for, in words for people."""
    destination: Destination
    """Where the files go."""
    datasets: Annotated[
        tuple[DatasetReference, ...],
        Field(
            strict=False, json_schema_extra={"minItems": 1, "uniqueItems": True}, examples=[[{"name": "Flights 2013"}]]
        ),
    ] = ()
    """The datasets to export."""
    schedule_params: ScheduleParams | None = None
    """When datasets are exported, and which folders the export writes."""
    audiences: Annotated[
        tuple[Audience, ...],
        Field(
            strict=False, json_schema_extra={"minItems": 1, "uniqueItems": True}, examples=[[{"name": "Loyalty gold"}]]
        ),
    ] = ()
    """The audiences to export, instead of datasets."""
    activation: Annotated[
        Activation | None, Field(examples=[{"attributes": [{"source": "personalEmail.address"}]}])
    ] = None
    """What of the audiences' members is exported, and when."""
    run: RunOptions = RunOptions()
    """Which run this delivery waits for, and how long."""
    verify: VerifyOptions = VerifyOptions()
    """What decides the verdict."""
    names: EntityNames = EntityNames()
    """How the entities are called in Experience Platform."""
    adopt: Adoption | None = None
    """An existing dataflow to take over instead of creating one."""
    allow: Annotated[Allowances, Field(examples=[["schedule-change"]])] = ()
    """What a plan refuses unless it is allowed here."""
    drift: Annotated[DriftPolicy, Field(strict=False, examples=["repair"])] = DriftPolicy.REPORT
    """What happens when somebody has changed the delivery's entities in Experience Platform."""

    @field_validator("version")
    @classmethod
    def _known_version(cls, version: int) -> int:
        if version != CONFIG_VERSION:
            refuse(Violation("config.version", f"only version {CONFIG_VERSION} is known here", "Write `version: 1`."))
        return version

    # Not min_length: pydantic counts the valid items only, and would complain of a list that is not empty.
    @field_validator("datasets")
    @classmethod
    def _some_datasets_once_each(cls, datasets: tuple[DatasetReference, ...]) -> tuple[DatasetReference, ...]:
        if not datasets:
            refuse(Violation("config.no-datasets", "lists nothing to export", "Add `- name: …` or `- id: …`."))
        duplicates = list(_duplicates([str(item) for item in datasets], "datasets", "config.dataset-duplicate"))
        if duplicates:
            refuse(*duplicates)
        return datasets

    @field_validator("audiences")
    @classmethod
    def _some_audiences_once_each(cls, audiences: tuple[Audience, ...]) -> tuple[Audience, ...]:
        if not audiences:
            refuse(Violation("config.no-audiences", "lists nothing to export", "Add `- name: …` or `- id: …`."))
        duplicates = list(_duplicates([str(item) for item in audiences], "audiences", "config.audience-duplicate"))
        if duplicates:
            refuse(*duplicates)
        return audiences

    @model_validator(mode="after")
    def _exports_one_kind(self) -> Self:
        violations = list(broken_export_rules(self))
        if violations:
            refuse(*violations)
        return self

    @property
    def exports_audiences(self) -> bool:
        """True for audiences, False for datasets."""
        return bool(self.audiences)

    @property
    def dataset_schedule(self) -> ScheduleParams:
        """``scheduleParams`` of a delivery of datasets."""
        if self.schedule_params is None:
            raise InternalError("A delivery of audiences has no scheduleParams.", code="config.no-schedule-params")
        return self.schedule_params

    @property
    def audience_activation(self) -> Activation:
        """``activation`` of a delivery of audiences."""
        if self.activation is None:
            raise InternalError("A delivery of datasets has no activation.", code="config.no-activation")
        return self.activation

    @property
    def delivery_id(self) -> str:
        """What tells this delivery from all others: ``sandbox/name``."""
        return f"{self.sandbox}/{self.name}"

    @property
    def fingerprint(self) -> str:
        """Of the normalised config: equal fingerprints, equal wishes."""
        canonical = json.dumps(self.document(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:32]

    def document(self) -> dict[str, Any]:
        """The normalised config as JSON-ready data: defaults spelled out, times in UTC. Holds no secret."""
        whole = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return {name: value for name, value in whole.items() if value or name not in ("datasets", "audiences")}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """The config of :meth:`document`.

        Raises:
            InternalError: The document is not a config; ``load_config`` is for what users write.
        """
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            raise InternalError(
                "A normalised config in the work bucket cannot be read.",
                code="config.document-unreadable",
                hint="Drop the config file again: it is normalised anew.",
                details=[".".join(map(str, found["loc"])) for found in error.errors(include_input=False)],
            ) from None


def _duplicates(names: Sequence[str], section: str, code: str) -> Iterator[Violation]:
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        earlier = first.setdefault(name, index)
        if earlier != index:
            yield Violation(
                code,
                f"names the same {section.removesuffix('s')} as {section}[{earlier}]",
                "Keep one of the two.",
                (index,),
            )
