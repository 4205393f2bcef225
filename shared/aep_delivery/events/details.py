"""``detail`` of the events that tell the world how a delivery ended, that it was removed, or that it has drifted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from aep_delivery.runtime.errors import ErrorDocument

DELIVERY_VERIFIED = "Delivery Verified"
DELIVERY_MISMATCH_FOUND = "Delivery Mismatch Found"
DELIVERY_FAILED = "Delivery Failed"
DELIVERY_REMOVED = "Delivery Removed"
DELIVERY_REMOVAL_FAILED = "Delivery Removal Failed"
DATAFLOW_DRIFT_FOUND = "Dataflow Drift Found"

GoodVerdict: TypeAlias = Literal["VERIFIED", "EMPTY"]
MismatchVerdict: TypeAlias = Literal[
    "UNSTABLE", "CORRUPT", "INCOMPLETE", "SIZE_MISMATCH", "UNEXPECTED_FILES", "COUNT_MISMATCH", "RUN_PARTIAL"
]
FailedVerdict: TypeAlias = Literal["RUN_FAILED", "NO_RUN"]
Kind: TypeAlias = Literal[
    "base-connection", "profile-store-connection", "source-connection", "target-connection", "dataflow"
]


class _Sent(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


class EventError(_Sent):
    """Why a delivery failed. Holds no secret and no row content."""

    code: str
    """Stable dotted code, as in the reference of errors: `config.unknown-field`."""
    message: str
    """One sentence for the person who must act."""
    hint: str | None = None
    """What to do about it."""
    place: str | None = None
    """Where: `flights.yaml:12:9`, an object key."""

    @classmethod
    def of(cls, error: ErrorDocument) -> EventError:
        return cls(code=error.code, message=error.message, hint=error.hint, place=error.place)


class _Detail(_Sent):
    schema_version: Literal["1"] = "1"
    """The version of this schema. New fields may come within a version; none goes or changes."""
    delivery_id: str | None
    """`sandbox/delivery`; null where not even the config could be read."""
    delivery: str | None
    """The delivery's name; null where the config could not be read."""
    sandbox: str | None
    """The Experience Platform sandbox; null where the config could not be read."""
    execution: str
    """The name of the workflow's execution."""
    reason: str
    """The verdict in one sentence."""
    receipt: str | None
    """S3 URI of the receipt as JSON; null where none could be written."""
    receipt_page: str | None
    """S3 URI of the receipt as a page; null where none could be written."""
    rows: Annotated[int | None, Field(ge=0)] = 0
    """Rows counted in the delivered files; null where not all could be counted, as in encrypted files."""
    bytes: Annotated[int, Field(ge=0)] = 0
    """Bytes of the delivered files, as stored."""
    files: Annotated[int, Field(ge=0)] = 0
    """Data files delivered."""
    level: Literal["listing", "structure", "content"] | None = None
    """How far every file was looked into; null where nothing was."""
    location: str | None = None
    """Where the files lie: `s3://bucket/prefix`."""
    flow_id: str | None = None
    """Adobe's id of the dataflow."""
    run_ids: list[str] = []
    """Adobe's ids of the runs."""
    finished_at: datetime
    """When the delivery ended, UTC."""


class _Judged(_Detail):
    delivery_id: str
    """`sandbox/delivery`."""
    delivery: str
    """The delivery's name."""
    sandbox: str
    """The Experience Platform sandbox."""
    receipt: str
    """S3 URI of the receipt as JSON."""
    receipt_page: str
    """S3 URI of the receipt as a page."""


class DeliveryVerified(_Judged):
    """Everything arrived, whole and countable; or the run had nothing to export and nothing arrived."""

    verdict: GoodVerdict
    """`VERIFIED`, or `EMPTY` where there was nothing to deliver."""


class DeliveryMismatchFound(_Judged):
    """What arrived is not what was promised."""

    verdict: MismatchVerdict
    """What is wrong, in one word."""


class DeliveryFailed(_Detail):
    """There is nothing to judge: no run, a failed run, or an error on the way."""

    verdict: FailedVerdict | None = None
    """`NO_RUN` or `RUN_FAILED`; null where an error ended the delivery before."""
    error: EventError | None = None
    """The error; null where the verdict says it all."""

    @model_validator(mode="after")
    def _says_why(self) -> DeliveryFailed:
        if self.verdict is None and self.error is None:
            raise ValueError("a failed delivery has a verdict or an error")
        return self


class RemovedResource(_Sent):
    """A resource that is gone from Adobe."""

    kind: Kind
    """Which of the resources."""
    id: str
    """Adobe's id."""
    name: str | None = None
    """Its name in Adobe; null where it was gone before."""


class _Removal(_Sent):
    schema_version: Literal["1"] = "1"
    """The version of this schema. New fields may come within a version; none goes or changes."""
    execution: str
    """The name of the workflow's execution."""
    reason: str
    """What happened, in one sentence."""
    finished_at: datetime
    """When the removal ended, UTC."""


class DeliveryRemoved(_Removal):
    """Nothing of the delivery is left in Adobe. What it exported lies where it was."""

    delivery_id: str
    """`sandbox/delivery`."""
    delivery: str
    """The delivery's name."""
    sandbox: str
    """The Experience Platform sandbox."""
    resources: list[RemovedResource]
    """What was removed; empty where nothing was left to remove."""
    record: str
    """S3 URI of the record of the removal."""


class DeliveryRemovalFailed(_Removal):
    """An error ended a removal. It may be asked for again: what is gone already is no obstacle."""

    delivery_id: str | None
    """`sandbox/delivery`; null where the request named none."""
    delivery: str | None
    """The delivery's name; null where the request named none."""
    sandbox: str | None
    """The Experience Platform sandbox; null where the request named none."""
    error: EventError
    """Why."""


class FieldDifference(_Sent):
    """A field that is not as applied."""

    path: str
    """Dotted: `scheduleParams.interval`."""
    before: Any
    """As it was found in Adobe."""
    after: Any
    """As it was applied."""


class DriftedEntity(_Sent):
    """An entity in Adobe that is not as applied."""

    kind: Kind
    """Which of the resources."""
    id: str | None
    """Adobe's id; null where it is gone."""
    name: str
    """As it should be called."""
    drift: Literal["deleted", "disabled", "changed"]
    """What happened to it."""
    changes: list[FieldDifference] = []
    """Field by field; empty where it is gone, or where what differs cannot be changed back but only made anew."""


class DataflowDriftFound(_Sent):
    """Somebody has changed in Adobe what was applied from a config."""

    schema_version: Literal["1"] = "1"
    """The version of this schema. New fields may come within a version; none goes or changes."""
    delivery_id: str
    """`sandbox/delivery`."""
    delivery: str
    """The delivery's name."""
    sandbox: str
    """The Experience Platform sandbox."""
    execution: str
    """The name of the workflow's execution that looked."""
    reason: str
    """What was found, in one sentence."""
    policy: Literal["report", "repair"]
    """`drift` in the config."""
    repaired: bool
    """Whether all is again as applied."""
    resources: Annotated[list[DriftedEntity], Field(min_length=1)]
    """What was found."""
    error: EventError | None = None
    """Why a repair did not come to its end; null where there was none to try, or it did."""
    detected_at: datetime
    """When it was found, UTC."""

    @property
    def finished_at(self) -> datetime:
        """When it happened, as far as anybody knows."""
        return self.detected_at


Detail: TypeAlias = (
    DeliveryVerified
    | DeliveryMismatchFound
    | DeliveryFailed
    | DeliveryRemoved
    | DeliveryRemovalFailed
    | DataflowDriftFound
)
DETAILS: dict[str, type[Detail]] = {
    DELIVERY_VERIFIED: DeliveryVerified,
    DELIVERY_MISMATCH_FOUND: DeliveryMismatchFound,
    DELIVERY_FAILED: DeliveryFailed,
    DELIVERY_REMOVED: DeliveryRemoved,
    DELIVERY_REMOVAL_FAILED: DeliveryRemovalFailed,
    DATAFLOW_DRIFT_FOUND: DataflowDriftFound,
}
"""The model of ``detail`` for each detail-type."""
