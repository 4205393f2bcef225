"""Dataflow runs and their metrics, in the full schema and with the vocabularies Adobe's sources disagree on."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import ClassVar

from emulator.adobe.clock import epoch_millis
from emulator.adobe.http import Json

SKIPPED = {
    "code": "ACTIVATION_BATCH-0000-SKIP",
    "message": "Records didn't match attribute filter.",
    "type": "ATTRIBUTE_FILTER",
}


class Stage(Enum):
    """Where a run stands, with the words Adobe's documents use for it; the first is the commonest."""

    QUEUED = ("queued", "QUEUED", "Waiting")
    PROCESSING = ("processing", "IN_PROGRESS", "Processing")
    SUCCESS = ("success", "Success", "COMPLETED")
    FAILED = ("failed", "Failed", "FAILED")

    @property
    def over(self) -> bool:
        return self in {Stage.SUCCESS, Stage.FAILED}


@dataclass(frozen=True)
class Tally:
    """What a run read and wrote of one dataset or audience."""

    kind: ClassVar[str]
    of: str
    input_records: int = 0
    output_records: int = 0
    input_bytes: int = 0
    output_bytes: int = 0
    files: int = 0
    skipped_records: int = 0

    @property
    def entity(self) -> str:
        """How ``entitySummaries`` call it."""
        return f"{self.kind}:{self.of}"


class DatasetTally(Tally):
    """Of one dataset."""

    kind = "dataset"


class AudienceTally(Tally):
    """Of one audience, whose records are skipped where a mandatory attribute is missing."""

    kind = "segment"


@dataclass
class Run:
    """One run of a dataflow. Times are emulated."""

    flow_id: str
    flow_spec: Json
    source_id: str
    target_id: str
    created_at: datetime
    wording: int = 0
    """Which of the vocabularies this run speaks."""
    datasets: tuple[str, ...] | None = None
    """The datasets asked for by an ad-hoc run; None for all of the flow's."""
    audiences: tuple[str, ...] = ()
    """Of an audience flow: the audiences that this run carries, all of one merge policy."""
    slot: datetime | None = None
    """The scheduled moment; None for an ad-hoc run."""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    stage: Stage = Stage.QUEUED
    updated_at: datetime = field(init=False)
    started_at: datetime | None = None
    completed_at: datetime | None = None
    tallies: tuple[Tally, ...] = ()
    errors: tuple[Json, ...] = ()
    failed_records: int = 0
    manifest: Json = field(default_factory=dict)
    etag: str = ""

    def __post_init__(self) -> None:
        self.move(Stage.QUEUED, self.created_at)

    def move(self, stage: Stage, now: datetime) -> None:
        self.stage, self.updated_at = stage, now
        self.etag = f'"{secrets.token_hex(4)}-0000-0200-0000-{epoch_millis(now) // 1000:08x}0000"'

    @property
    def status(self) -> str:
        words: tuple[str, ...] = self.stage.value
        return words[self.wording % len(words)]

    def brief(self) -> Json:
        """The ``lastRunDetails`` of its flow."""
        details: Json = {"id": self.id, "state": self.status}
        if self.started_at is not None:
            details["startedAtUTC"] = epoch_millis(self.started_at)
        if self.completed_at is not None:
            details["completedAtUTC"] = epoch_millis(self.completed_at)
        return details

    def view(self, *, sandbox_id: str, sandbox_name: str, org: str) -> Json:
        """The run as GET answers it. A waiting run has no metrics, a running one only its start."""
        body: Json = {
            "id": self.id,
            "createdAt": epoch_millis(self.created_at),
            "updatedAt": epoch_millis(self.updated_at),
            "createdBy": "aep_activation_batch@AdobeID",
            "updatedBy": "acp_foundation_connectors@AdobeID",
            "createdClient": "aep_activation_batch",
            "updatedClient": "acp_foundation_connectors",
            "sandboxId": sandbox_id,
            "sandboxName": sandbox_name,
            "imsOrgId": org,
            "flowId": self.flow_id,
            "flowSpec": self.flow_spec,
            "providerRefId": hashlib.blake2s(self.id.encode(), digest_size=16).hexdigest(),
            "etag": self.etag,
        }
        if self.stage is not Stage.QUEUED:
            body["metrics"] = self._metrics()
        if self.stage.over:
            body["activities"] = self._activities()
        return body

    def _metrics(self) -> Json:
        metrics: Json = {"durationSummary": self._duration()}
        if not self.stage.over:
            metrics["statusSummary"] = {"status": self.status}
            return metrics
        metrics["latencySummary"] = {"minMs": 0, "maxMs": 0, "avgMs": 0}
        metrics["recordSummary"] = self._records()
        # Adobe's published failure has neither sizes nor files.
        if self.stage is Stage.SUCCESS:
            metrics["sizeSummary"] = self._sizes()
            metrics["fileSummary"] = self._files()
        status: Json = {"status": self.status, "activityRefs": self._activity_ids(), "extensions": {}}
        status["errors"] = list(self.errors)
        metrics["statusSummary"] = status
        return metrics

    def _duration(self) -> Json:
        duration: Json = {}
        if self.started_at is not None:
            duration["startedAtUTC"] = epoch_millis(self.started_at)
        if self.completed_at is not None:
            # The schema says stoppedAtUTC, every published example completedAtUTC.
            name = "stoppedAtUTC" if self.wording % 3 == 1 else "completedAtUTC"
            duration[name] = epoch_millis(self.completed_at)
        return duration

    def _sizes(self) -> Json:
        return {
            "inputBytes": sum(tally.input_bytes for tally in self.tallies),
            "outputBytes": sum(tally.output_bytes for tally in self.tallies),
            "skippedBytes": 0,
            "failedBytes": 0,
        }

    def _files(self) -> Json:
        return {
            "inputFileCount": 0,
            "outputFileCount": sum(tally.files for tally in self.tallies),
            "skippedFileCount": 0,
            "failedFileCount": 0,
            "manifest": self.manifest,
            "activityRefs": self._activity_ids()[-1:],
        }

    def _records(self) -> Json:
        read = sum(tally.input_records for tally in self.tallies)
        written = sum(tally.output_records for tally in self.tallies)
        skipped = sum(tally.skipped_records for tally in self.tallies)
        return {
            "inputRecordCount": read,
            "outputRecordCount": written,
            "createdRecordCount": written,
            "updatedRecordCount": 0,
            "deletedRecordCount": 0,
            "skippedRecordCount": skipped,
            "failedRecordCount": self.failed_records,
            "warningRecordCount": 0,
            "sourceSummaries": [
                {
                    "id": self.source_id,
                    "inputRecordCount": read,
                    "skippedRecordCount": skipped,
                    "entitySummaries": [
                        {"id": tally.entity, "inputRecordCount": tally.input_records}
                        | {"skippedRecordCount": tally.skipped_records}
                        for tally in self.tallies
                    ],
                }
            ],
            "targetSummaries": [
                {
                    "id": self.target_id,
                    "outputRecordCount": written,
                    "createdRecordCount": written,
                    "entitySummaries": [
                        {"id": tally.entity, "outputRecordCount": tally.output_records} for tally in self.tallies
                    ],
                }
            ],
            "failedInfo": [],
            "warningInfo": [],
            "skippedInfo": [{**SKIPPED, "count": skipped}] if skipped else [],
        }

    def _activity_ids(self) -> list[str]:
        return [str(uuid.uuid5(uuid.UUID(self.id), name)) for name in ("processor", "publisher")]

    def _activities(self) -> list[Json]:
        names = ("Activation Batch XdmProcessor Activity", "Activation Batch Publisher Activity")
        failed = self.stage is Stage.FAILED
        return [
            {
                "id": activity_id,
                "name": name,
                "updatedAtUTC": epoch_millis(self.updated_at),
                "durationSummary": self._duration(),
                "latencySummary": {},
                "sizeSummary": {} if failed else self._sizes(),
                "recordSummary": {},
                "fileSummary": {} if failed or name == names[0] else self._files(),
                "statusSummary": {"status": self.status, "extensions": {}},
            }
            for activity_id, name in zip(self._activity_ids(), names, strict=True)
        ]
