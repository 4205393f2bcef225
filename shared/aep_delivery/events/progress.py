"""``detail`` of the events on the way: from a config that was read to a run that has ended."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from aep_delivery.events.base import OfDelivery, RunIds, Sent

DELIVERY_ACCEPTED = "Delivery Accepted"
"""Not "Requested": that is what others send, and an event of ours that asks for a delivery would start one for ever."""
PLAN_READY = "Plan Ready"
PLAN_APPLIED = "Plan Applied"
RUN_STARTED = "Run Started"
RUN_FINISHED = "Run Finished"

Count = Annotated[int, Field(ge=0)]


class DeliveryAccepted(OfDelivery):
    """A request was understood and its config read without an error: the delivery is on its way."""

    DETAIL_TYPE: ClassVar[str] = DELIVERY_ACCEPTED
    MOMENT: ClassVar[str] = "accepted_at"

    trigger: str
    """What asked for it: `upload`, `schedule`, `event` or `cli`; there may come others."""
    bucket: str
    """The config's bucket."""
    key: str
    """The config's key."""
    version_id: str | None
    """The version of the config that was asked for; null for the latest."""
    config: str
    """S3 URI of the config as it was understood, without secrets."""
    requested_at: datetime
    """When it was asked for, UTC."""
    accepted_at: datetime
    """When the config was read, UTC."""


class PlannedCounts(Sent):
    """How many resources, and audiences, attributes and fields on the dataflow, there are of each action."""

    create: Count = 0
    """To be made."""
    update: Count = 0
    """To be changed."""
    replace: Count = 0
    """To be made anew, and the old one removed."""
    adopt: Count = 0
    """To be taken over."""
    remove: Count = 0
    """Audiences, attributes and fields to be taken off the dataflow."""
    keep: Count = 0
    """Already as declared, or somebody else's and only used."""


class PlanReady(OfDelivery):
    """It is known what the delivery changes in Adobe. Nothing has been changed yet."""

    DETAIL_TYPE: ClassVar[str] = PLAN_READY
    MOMENT: ClassVar[str] = "planned_at"

    plan: str
    """S3 URI of the plan."""
    changes: Count
    """How many resources, audiences and attributes will be different in Adobe."""
    actions: PlannedCounts
    """What is planned, by action."""
    warnings: Count
    """How many things the plan warns of."""
    planned_at: datetime
    """When the plan was made, UTC."""


class AppliedResource(Sent):
    """A resource that now is as planned."""

    kind: Literal["base-connection", "profile-store-connection", "source-connection", "target-connection", "dataflow"]
    """Which of the resources."""
    id: str
    """Adobe's id."""
    action: Literal["create", "update", "replace", "adopt", "keep", "use"]
    """What was done to it."""


class PlanApplied(OfDelivery):
    """Adobe was changed, and now is as planned. Not sent where there was nothing to change."""

    DETAIL_TYPE: ClassVar[str] = PLAN_APPLIED
    MOMENT: ClassVar[str] = "applied_at"

    plan: str
    """S3 URI of the plan."""
    changes: Count
    """How many resources, audiences and attributes are different in Adobe."""
    actions: PlannedCounts
    """What was planned and now is done, by action."""
    resources: Annotated[list[AppliedResource], Field(max_length=10)]
    """The delivery's resources."""
    flow_id: str
    """Adobe's id of the dataflow."""
    applied_at: datetime
    """When the last change was made, UTC."""


class _OfRun(OfDelivery):
    trigger: Literal["NOW", "SCHEDULED"]
    """Whether the delivery asked for the run, or waited for a scheduled one."""
    flow_id: str
    """Adobe's id of the dataflow."""
    run_ids: RunIds
    """Adobe's ids of the runs; empty where Adobe has named none yet."""
    slot: datetime
    """The scheduled slot, or when the run was asked for, UTC."""


class RunStarted(_OfRun):
    """Adobe has taken the request for a run, or the awaited scheduled run has begun."""

    DETAIL_TYPE: ClassVar[str] = RUN_STARTED
    MOMENT: ClassVar[str] = "seen_at"

    deadline: datetime
    """Until when the delivery waits for the run's end, UTC."""
    seen_at: datetime
    """When that was seen, UTC."""


class RunFinished(_OfRun):
    """The run has ended, well or not, as Adobe reports it. What arrived is not judged yet."""

    DETAIL_TYPE: ClassVar[str] = RUN_FINISHED
    MOMENT: ClassVar[str] = "seen_at"

    status: Literal["SUCCESS", "EMPTY", "PARTIAL", "FAILED"]
    """How: `EMPTY` and `PARTIAL` are what Adobe calls a success without records, and one of which some failed."""
    records: int | None
    """Records that Adobe says it exported; null where it does not say."""
    files: int | None
    """Files that Adobe says it wrote; null where it does not say."""
    bytes: int | None
    """Bytes that Adobe says it wrote; null where it does not say."""
    skipped_records: int | None
    """Records that Adobe says it left out; null where it does not say."""
    failed_records: int | None
    """Records that Adobe says failed; null where it does not say."""
    outcome: str
    """S3 URI of all that is known of the run."""
    started_at: datetime | None
    """When Adobe says it began, UTC; null where it does not say."""
    completed_at: datetime | None
    """When Adobe says it ended, UTC; null where it does not say."""
    seen_at: datetime
    """When that was seen, UTC."""
