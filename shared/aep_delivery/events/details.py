"""``detail`` of the events that tell how a delivery ended, was removed, or has drifted; and the list of all events."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, get_args

from pydantic import Field, model_validator

from aep_delivery.events.base import Announcement, EventError, OfDelivery, RunIds, Sent
from aep_delivery.events.progress import DeliveryAccepted, PlanApplied, PlanReady, RunFinished, RunStarted
from aep_delivery.events.watches import CredentialExpiring, DataflowDisabled, DeliveryLate, ScheduleEnding

DELIVERY_VERIFIED = "Delivery Verified"
DELIVERY_MISMATCH_FOUND = "Delivery Mismatch Found"
DELIVERY_FAILED = "Delivery Failed"
DELIVERY_REMOVED = "Delivery Removed"
DELIVERY_REMOVAL_FAILED = "Delivery Removal Failed"
DATAFLOW_DRIFT_FOUND = "Dataflow Drift Found"

LONGEST_VALUE = 400
"""Characters of a value that drifted, as JSON."""
MOST_CHANGES = 30
"""Fields of one entity that an event names: five entities then have room in EventBridge's 256 KB."""

GoodVerdict: TypeAlias = Literal["VERIFIED", "EMPTY"]
MismatchVerdict: TypeAlias = Literal[
    "UNSTABLE", "CORRUPT", "INCOMPLETE", "SIZE_MISMATCH", "UNEXPECTED_FILES", "COUNT_MISMATCH", "RUN_PARTIAL"
]
FailedVerdict: TypeAlias = Literal["RUN_FAILED", "NO_RUN"]
Kind: TypeAlias = Literal[
    "base-connection", "profile-store-connection", "source-connection", "target-connection", "dataflow"
]


class _Detail(Announcement):
    delivery_id: str | None
    """`sandbox/delivery`; null where not even the config could be read."""
    delivery: str | None
    """The delivery's name; null where the config could not be read."""
    sandbox: str | None
    """The Experience Platform sandbox; null where the config could not be read."""
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
    run_ids: RunIds = Field(default_factory=list)
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

    DETAIL_TYPE: ClassVar[str] = DELIVERY_VERIFIED

    verdict: GoodVerdict
    """`VERIFIED`, or `EMPTY` where there was nothing to deliver."""


class DeliveryMismatchFound(_Judged):
    """What arrived is not what was promised."""

    DETAIL_TYPE: ClassVar[str] = DELIVERY_MISMATCH_FOUND

    verdict: MismatchVerdict
    """What is wrong, in one word."""


class DeliveryFailed(_Detail):
    """There is nothing to judge: no run, a failed run, or an error on the way."""

    DETAIL_TYPE: ClassVar[str] = DELIVERY_FAILED

    verdict: FailedVerdict | None = None
    """`NO_RUN` or `RUN_FAILED`; null where an error ended the delivery before."""
    error: EventError | None = None
    """The error; null where the verdict says it all."""

    @model_validator(mode="after")
    def _says_why(self) -> DeliveryFailed:
        if self.verdict is None and self.error is None:
            raise ValueError("a failed delivery has a verdict or an error")
        return self


class RemovedResource(Sent):
    """A resource that is gone from Adobe."""

    kind: Kind
    """Which of the resources."""
    id: str
    """Adobe's id."""
    name: str | None = None
    """Its name in Adobe; null where it was gone before."""


class DeliveryRemoved(OfDelivery):
    """Nothing of the delivery is left in Adobe. What it exported lies where it was."""

    DETAIL_TYPE: ClassVar[str] = DELIVERY_REMOVED

    resources: list[RemovedResource]
    """What was removed; empty where nothing was left to remove."""
    record: str
    """S3 URI of the record of the removal."""
    finished_at: datetime
    """When the removal ended, UTC."""


class DeliveryRemovalFailed(Announcement):
    """An error ended a removal. It may be asked for again: what is gone already is no obstacle."""

    DETAIL_TYPE: ClassVar[str] = DELIVERY_REMOVAL_FAILED

    delivery_id: str | None
    """`sandbox/delivery`; null where the request named none."""
    delivery: str | None
    """The delivery's name; null where the request named none."""
    sandbox: str | None
    """The Experience Platform sandbox; null where the request named none."""
    error: EventError
    """Why."""
    finished_at: datetime
    """When the removal ended, UTC."""


class FieldDifference(Sent):
    """A field that is not as applied."""

    path: str
    """Dotted: `scheduleParams.interval`."""
    before: Any
    """As it was found in Adobe."""
    after: Any
    """As it was applied."""

    def within_bounds(self) -> FieldDifference:
        """This difference with values of some size at most: a longer one becomes the beginning of its JSON."""
        return self.model_copy(update={"before": _within(self.before), "after": _within(self.after)})


def _within(value: Any) -> Any:
    text = json.dumps(value, ensure_ascii=False)
    return value if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


class DriftedEntity(Sent):
    """An entity in Adobe that is not as applied."""

    kind: Kind
    """Which of the resources."""
    id: str | None
    """Adobe's id; null where it is gone."""
    name: str
    """As it should be called."""
    drift: Literal["deleted", "disabled", "changed"]
    """What happened to it."""
    changes: list[FieldDifference] = Field(default_factory=list)
    """Field by field; empty where it is gone, or where what differs cannot be changed back but only made anew."""
    more_changes: Annotated[int, Field(ge=0)] = 0
    """How many more there are than an event has room for."""

    def within_bounds(self) -> DriftedEntity:
        """This entity with as many changes, and as much of each, as an event has room for."""
        kept = [change.within_bounds() for change in self.changes[:MOST_CHANGES]]
        return self.model_copy(update={"changes": kept, "more_changes": len(self.changes) - len(kept)})


class DataflowDriftFound(OfDelivery):
    """Somebody has changed in Adobe what was applied from a config."""

    DETAIL_TYPE: ClassVar[str] = DATAFLOW_DRIFT_FOUND
    MOMENT: ClassVar[str] = "detected_at"

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


Detail: TypeAlias = (
    DeliveryAccepted
    | PlanReady
    | PlanApplied
    | RunStarted
    | RunFinished
    | DeliveryVerified
    | DeliveryMismatchFound
    | DeliveryFailed
    | DeliveryRemoved
    | DeliveryRemovalFailed
    | DataflowDriftFound
    | DeliveryLate
    | ScheduleEnding
    | DataflowDisabled
    | CredentialExpiring
)
DETAILS: dict[str, type[Detail]] = {model.DETAIL_TYPE: model for model in get_args(Detail)}
"""The model of ``detail`` for each detail-type, in the order of a delivery's life."""
