"""Input and output of every step. Ids and pointers only: their size does not depend on the size of a delivery."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_camel

from aep_delivery.events.inbound import DeliveryRequest
from aep_delivery.events.removal import DeliveryId
from aep_delivery.running.models import AwaitedRun, RunStatus
from aep_delivery.state.records import ResourceKind
from aep_delivery.verification.report import Estimate, Verdict


class Message(BaseModel):
    """Base of all messages: camel case on the wire, strict, immutable."""

    model_config = ConfigDict(
        # A function has one message of these; the others are not built.
        defer_build=True,
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
    )


class DeliveryRef(Message):
    """A delivery whose config was read."""

    delivery_id: str
    """``sandbox/name``."""
    config: str
    """Key of the normalised config in the work bucket."""


class DeliveryName(Message):
    """A delivery by its id alone: nothing of its config is needed."""

    delivery_id: DeliveryId
    """``sandbox/name``."""


class LockRef(Message):
    """The lock this execution holds."""

    token: int


class PlanRef(Message):
    """A plan in the work bucket."""

    plan: str
    """Key of the plan."""
    changes: int
    """How many resources it creates, updates or replaces."""
    warnings: int
    audiences: int = 0
    """How many audiences are to be mapped onto the dataflow; 0 for a delivery of datasets."""


class EnsuredResource(Message):
    """A resource in Adobe that now is as planned."""

    kind: ResourceKind
    id: str
    action: str


class TimelineEntry(Message):
    """One step as the workflow saw it."""

    step: str
    entered_at: datetime
    left_at: datetime
    attempts: int = 1


class LoadConfig(Message):
    execution: str
    request: DeliveryRequest


class AcquireLock(Message):
    execution: str
    delivery: DeliveryRef | DeliveryName


class ReleaseLock(Message):
    execution: str
    delivery: DeliveryRef | DeliveryName


class Released(Message):
    released: bool = True


class PlanChanges(Message):
    execution: str
    delivery: DeliveryRef


class EnsureResource(Message):
    execution: str
    delivery: DeliveryRef
    lock: LockRef
    plan: PlanRef
    resources: list[EnsuredResource] = []
    """What the steps before have ensured."""

    def resource_id(self, kind: ResourceKind) -> str:
        """The id of a resource ensured before this step. Raises ``LookupError`` where the workflow lost it."""
        for resource in self.resources:
            if resource.kind is kind:
                return resource.id
        raise LookupError(kind)


class ActivateAudiences(EnsureResource):
    pass


class ActivatedAudiences(Message):
    """The dataflow's audiences and attributes now are as planned."""

    audiences: int
    """How many of the delivery's audiences are on the dataflow."""
    added: int
    updated: int
    removed: int
    attributes: int
    """How many attributes and keys were changed."""


class StartRun(EnsureResource):
    pass


class CheckRun(Message):
    execution: str
    delivery: DeliveryRef
    run: AwaitedRun
    polls: int = Field(ge=0)
    begun: bool = False
    """Whether an earlier look has told that the scheduled run has begun."""


class Recorded(Message):
    """The end of a delivery that has a verdict."""

    verdict: str
    good: bool
    summary: str
    receipt: str
    """``s3://`` URI of the receipt."""
    receipt_page: str
    """``s3://`` URI of its HTML page."""


class RunProgress(Message):
    """How the awaited run stands."""

    finished: bool
    status: RunStatus
    wait_seconds: int
    """How long to wait before the next look; 0 when finished."""
    outcome: str | None = None
    """Key of the run's outcome, when finished."""
    recorded: Recorded | None = None
    """The verdict of another execution that has verified the run already; None where this one is to."""
    begun: bool = False
    """Whether it was told that the scheduled run has begun."""


class VerifyDelivery(Message):
    execution: str
    delivery: DeliveryRef
    plan: PlanRef
    outcome: str


class Verified(Message):
    """The files are judged, or handed out."""

    verdict: Verdict | None = None
    report: str | None = None
    """Key of the verification report; None where others are to check the files."""
    batches: int = 0
    """How many batches are to be checked; 0 where the files are judged."""
    estimate: Estimate | None = None
    """What opening the files was expected to take, before the first was opened."""


class CheckFiles(Message):
    execution: str
    delivery: DeliveryRef
    batch: int = Field(ge=0)
    leg: int = Field(default=0, ge=0)
    """How many functions have read of the file before, where one reads on where another has stopped."""
    seal: SecretStr = SecretStr("")
    """What opens the last one's handover; empty for the first."""

    def following(self, checked: CheckedFiles) -> CheckFiles | None:
        """Who is to read on; None where the batch is checked."""
        if not checked.leg:
            return None
        return self.model_copy(update={"leg": checked.leg, "seal": SecretStr(checked.seal)})


class CheckedFiles(Message):
    """One batch was checked; what was found lies in the work bucket."""

    batch: int
    files: int
    leg: int = 0
    """The next one; 0 where the batch is checked."""
    seal: str = Field(default="", repr=False)
    """What opens the handover to it."""


class KeepFailure(Message):
    execution: str
    delivery: DeliveryRef
    batch: int = Field(ge=0)
    error: str
    """The ASL error name."""
    cause: str = ""


class KeptFailure(Message):
    """Why a batch could not be checked lies in the work bucket."""

    code: str


class JudgeFiles(Message):
    execution: str
    delivery: DeliveryRef
    plan: PlanRef
    outcome: str
    batches: int = Field(ge=1)


class Judged(Message):
    verdict: Verdict
    report: str
    """Key of the verification report."""


class RecordOutcome(Message):
    execution: str
    request: DeliveryRequest
    delivery: DeliveryRef
    plan: PlanRef
    resources: list[EnsuredResource]
    outcome: str
    report: str
    timeline: list[TimelineEntry]


class HandleFailure(Message):
    execution: str
    request: dict[str, Any]
    """As it came: it may be what is wrong."""
    delivery: DeliveryRef | None = None
    plan: PlanRef | None = None
    resources: list[EnsuredResource] = []
    failed_step: str
    error: str
    """The ASL error name."""
    cause: str = ""
    timeline: list[TimelineEntry] = []


class FailureHandled(Message):
    error: str
    """For the Fail state: the error's code."""
    cause: str
    """For the Fail state: the error as a person reads it."""
    receipt: str | None = None
    receipt_page: str | None = None
    superseded: bool = False
    """True where nothing failed: a newer version of the config has an execution, a receipt and events of its own."""
