"""Input and output of the steps that look for new runs, and of those that look how fresh deliveries are."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from aep_delivery.events.inbound import DeliveryRequest
from aep_delivery.events.removal import DeliveryId
from aep_delivery.running.models import AwaitedRun
from aep_delivery.workflow.messages import DeliveryRef, EnsuredResource, Message, PlanRef


class FindRuns(Message):
    execution: str
    delivery_id: DeliveryId
    most: int = Field(default=1, ge=1)
    """How many runs to name, the oldest: what is found of all deliveries travels in one message."""


class FoundRun(Message):
    """A run of Adobe's that nobody has verified yet."""

    run_id: str
    created_at: datetime
    attempt: int = Field(default=1, ge=1)
    """1 for the first; more where earlier verifications ended without a verdict."""


class FoundRuns(Message):
    """What is to be verified of one delivery."""

    delivery_id: DeliveryId
    runs: list[FoundRun] = Field(default_factory=list)
    """The oldest of them."""
    waiting: int = 0
    """How many there are."""
    skipped: str | None = None
    """Why nobody looked; None where somebody did."""


class StartVerifications(Message):
    execution: str
    found: list[FoundRuns]


class VerificationsStarted(Message):
    """What is under way now."""

    started: int
    waiting: int
    """Runs that wait for the next time."""


class LoadRun(Message):
    execution: str
    delivery_id: DeliveryId
    run_id: str


class RunToVerify(Message):
    """All that verifying one run needs, or why it is not verified."""

    request: DeliveryRequest | None = None
    delivery: DeliveryRef | None = None
    plan: PlanRef | None = None
    resources: list[EnsuredResource] = Field(default_factory=list)
    run: AwaitedRun | None = None
    skipped: str | None = None
    """None where there is something to verify."""


class WatchFreshness(Message):
    execution: str
    delivery_id: DeliveryId


class FreshnessChecked(Message):
    """How one delivery stands."""

    delivery_id: DeliveryId
    findings: list[str] = Field(default_factory=list)
    """Codes of what is wrong; none where all is well."""
    told: int = 0
    """How many of them the event bus was told of now."""
    skipped: str | None = None
    """Why nobody looked; None where somebody did."""
