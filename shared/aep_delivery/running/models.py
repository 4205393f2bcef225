"""What is known of the run of a delivery."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from aep_delivery.running.audience_slots import SlotKind


class RunStatus(StrEnum):
    """Adobe's several vocabularies in one. ``EMPTY`` and ``PARTIAL`` are our reading of what Adobe calls success."""

    RUNNING = "RUNNING"
    SUCCESS = "SUCCESS"
    EMPTY = "EMPTY"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    NO_RUN = "NO_RUN"
    UNKNOWN = "UNKNOWN"


class RunTrigger(StrEnum):
    """How the run of this delivery comes about."""

    NOW = "NOW"
    SCHEDULED = "SCHEDULED"


class AwaitedRun(BaseModel):
    """The run a delivery waits for, as told apart from all other runs of its dataflow."""

    model_config = ConfigDict(frozen=True)

    flow_id: str
    trigger: RunTrigger
    slot: datetime
    """The scheduled slot, or for an ad-hoc run the moment it was asked for. Runs created before it are not ours."""
    deadline: datetime
    """No run by then is ``NO_RUN``; a run still going then is reported as it stands."""
    next_slot: datetime | None = None
    """Runs created from here on belong to the next slot; None where there is no next one."""
    next_of_any: datetime | None = None
    """From here on a run that does not say which audiences it is of may be of another slot, of other audiences."""
    audiences: list[str] = []
    """Ids of the audiences that are due; empty for datasets."""
    slot_kind: SlotKind = SlotKind.MOMENT
    """A day where the export follows segmentation; ``slot`` is then its beginning."""
    run_ids: list[str] = []
    """The runs Adobe named in its answer to the ad-hoc call; empty where the slot decides."""


class RunOutcome(BaseModel):
    """How the awaited run ended; several runs of one slot (one per merge policy) are added up."""

    model_config = ConfigDict(frozen=True)

    status: RunStatus
    flow_id: str
    slot: datetime
    run_ids: list[str] = []
    started_at: datetime | None = None
    completed_at: datetime | None = None
    records: int | None = None
    """Records written, where the run reports it."""
    files: int | None = None
    """Files written, where the run reports it."""
    bytes: int | None = None
    """Bytes written, where the run reports it."""
    skipped_records: int | None = None
    failed_records: int | None = None
    errors: list[str] = []
    """Adobe's errors and skip reasons, ``code: message``."""
    audiences: list[str] = []
    """Ids of the audiences that were due; empty for datasets."""
    audience_records: dict[str, int] = {}
    """Records written by audience, of those the runs report; they may be fewer than were due."""
    slot_kind: SlotKind = SlotKind.MOMENT
    backfill: bool = False
    """True for the first run of an incremental dataflow: it carries all existing data."""
