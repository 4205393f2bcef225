"""``detail`` of what the watches find: nothing has failed, but somebody should look before something does."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from aep_delivery.events.base import Announcement, OfDelivery, RunIds

DELIVERY_LATE = "Delivery Late"
SCHEDULE_ENDING = "Schedule Ending"
DATAFLOW_DISABLED = "Dataflow Disabled"
CREDENTIAL_EXPIRING = "Credential Expiring"


class _Found(OfDelivery):
    MOMENT: ClassVar[str] = "detected_at"

    flow_id: str | None = None
    """Adobe's id of the dataflow; null where none is known."""
    detected_at: datetime
    """When the watch saw it, UTC."""


class DeliveryLate(_Found):
    """No verified delivery has come by the time that the delivery's own schedule and tolerance allow."""

    DETAIL_TYPE: ClassVar[str] = DELIVERY_LATE
    FACT: ClassVar[tuple[str, ...]] = ("delivery_id", "due_at")

    code: Literal["delivery-late"] = "delivery-late"
    """Stable: what is wrong, in one word."""
    due_at: datetime
    """By when a verified delivery should have come, tolerance included, UTC."""
    slot: datetime | None = None
    """The scheduled slot it was expected for, UTC; null where the delivery has none."""
    late_seconds: Annotated[int, Field(ge=0)]
    """How long after `dueAt` that was seen."""
    tolerance_minutes: Annotated[int, Field(ge=0)]
    """How long after its slot a delivery may take before it is late."""
    last_verified_at: datetime | None = None
    """When the last good delivery ended, UTC; null where there was none yet."""
    last_verdict: str | None = None
    """How the last delivery ended, good or not; null where there was none yet."""
    last_receipt: str | None = None
    """S3 URI of its receipt; null where there is none."""
    run_ids: RunIds = Field(default_factory=list)
    """Adobe's ids of the runs since the slot, newest first; empty where Adobe has made none."""


class ScheduleEnding(_Found):
    """A dataflow's schedule ends soon, or has ended: after that nothing is exported any more."""

    DETAIL_TYPE: ClassVar[str] = SCHEDULE_ENDING
    FACT: ClassVar[tuple[str, ...]] = ("delivery_id", "flow_id", "ends_at", "code")

    code: Literal["schedule-ending", "schedule-ended"]
    """Stable: `schedule-ended` once it is too late."""
    ends_at: datetime
    """When the schedule ends, UTC; of audiences, when the first of them does."""
    days_left: Annotated[int, Field(ge=0)]
    """Whole days until then; 0 where it has ended."""


class DataflowDisabled(_Found):
    """A delivery's dataflow is disabled in Adobe: nothing is exported while it is."""

    DETAIL_TYPE: ClassVar[str] = DATAFLOW_DISABLED
    FACT: ClassVar[tuple[str, ...]] = ("delivery_id", "flow_id", "changed_at")

    code: Literal["dataflow-disabled"] = "dataflow-disabled"
    """Stable: what is wrong, in one word."""
    flow_id: str
    """Adobe's id of the dataflow."""
    changed_at: datetime | None = None
    """When the dataflow was last changed in Adobe, which is when it was disabled or later, UTC."""
    changed_by: str | None = None
    """Who changed it last, as Adobe names them."""


class CredentialExpiring(Announcement):
    """A credential expires soon, or has expired."""

    DETAIL_TYPE: ClassVar[str] = CREDENTIAL_EXPIRING
    FACT: ClassVar[tuple[str, ...]] = ("secret", "credential", "expires_at", "code")
    MOMENT: ClassVar[str] = "detected_at"

    code: Literal["credential-expiring", "credential-expired"]
    """Stable: `credential-expired` once it is too late."""
    delivery_id: str | None = None
    """`sandbox/delivery`, the first that uses it; null for the credentials for Adobe, which all deliveries use."""
    delivery: str | None = None
    """The delivery's name; null as above."""
    sandbox: str | None = None
    """The Experience Platform sandbox; null as above."""
    deliveries: list[str] = Field(default_factory=list, max_length=100)
    """Deliveries that use it, at most 100; empty for the credentials for Adobe."""
    secret: str
    """Name of the secret in AWS Secrets Manager. Never what is in it."""
    credential: str
    """What in the secret expires: `SAS token`, `client secret`."""
    expires_at: datetime
    """When, UTC."""
    days_left: Annotated[int, Field(ge=0)]
    """Whole days until then; 0 where it has expired."""
    detected_at: datetime
    """When the watch saw it, UTC."""
