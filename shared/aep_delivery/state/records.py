"""What the store keeps of a delivery besides its lock: journal entries, what was applied, and the latest outcome.

A journal entry is changed by the methods here and by nothing else, so that both stores obey one set of rules and no
rule can lose the id of something that exists in Adobe.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from aep_delivery.runtime.errors import InternalError
from aep_delivery.state.instant import Instant


class Record(BaseModel):
    """Base of what is stored. A field nobody knows is refused: dropping it at the next write would lose state."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class ResourceKind(StrEnum):
    """The resources of a delivery in Flow Service, in the order in which they are made."""

    BASE_CONNECTION = "base-connection"
    PROFILE_STORE_CONNECTION = "profile-store-connection"
    """The base connection to the profile store; only audiences to destinations of the first generation need one."""
    SOURCE_CONNECTION = "source-connection"
    TARGET_CONNECTION = "target-connection"
    DATAFLOW = "dataflow"


class RunKind(StrEnum):
    """What is started by a POST that is as unsafe to repeat as one that creates."""

    AD_HOC_RUN = "ad-hoc-run"


class ActivationKind(StrEnum):
    """What is done so that audiences are exported, beside the entities of Flow Service."""

    MAPPING_SET = "mapping-set"
    """The attributes as Data Prep maps them to columns."""
    ACTIVATION = "activation"
    """Which audiences of the dataflow are the delivery's."""


JournalKey = ResourceKind | RunKind | ActivationKind
"""What has a journal entry of its own in each delivery."""


class Action(StrEnum):
    """What is done to a resource."""

    CREATE = "create"
    ADOPT = "adopt"
    UPDATE = "update"
    DELETE = "delete"


class Intent(Record):
    """What is about to be sent to Adobe."""

    intent_id: str = Field(min_length=1)
    """Names this intent and nothing else; its ``Done`` repeats it."""
    action: Action
    fingerprint: str
    """Of the body to be sent, without secrets."""
    resource_id: str | None = None
    """What is changed or deleted; None where Adobe has yet to give an id."""
    etag: str | None = None
    """The ``If-Match`` to be sent."""
    credential_version: str | None = None
    """The secret's version in use; never the secret."""
    audience_ids: tuple[str, ...] = ()
    """For an activation: the audiences to be added to the dataflow."""


class IntentRecord(Intent):
    """An intent as stored. Its outcome is unknown until it is resolved."""

    written_at: Instant
    """When it was first written: whatever Adobe created earlier does not come from it."""
    fencing_token: int


class Done(Record):
    """What Adobe has confirmed."""

    intent_id: str | None = None
    """The intent this resolves; None where nothing was sent, as when the ETag alone is read anew."""
    action: Action
    resource_id: str = Field(min_length=1)
    """Adobe's id. For an ad-hoc run and an activation: of the dataflow."""
    etag: str | None = None
    """None where Adobe's answer had none; creating need not answer with one. Of a mapping set: its version."""
    fingerprint: str
    credential_version: str | None = None
    run_ids: tuple[str, ...] = ()
    """For an ad-hoc run: the runs Adobe named."""
    audience_ids: tuple[str, ...] = ()
    """For an activation: the audiences that the delivery has put on the dataflow."""


class DoneRecord(Done):
    """A confirmation as stored."""

    intended_at: Instant | None = None
    """When the intent it resolved was first written."""
    written_at: Instant
    fencing_token: int


class JournalEntry(Record):
    """What is known of one resource: what was last confirmed, and beside it what may have happened since."""

    key: JournalKey
    done: DoneRecord | None = None
    intent: IntentRecord | None = None
    superseded: tuple[str, ...] = ()
    """Ids of earlier resources that were replaced and are still to be removed from Adobe."""

    @property
    def is_empty(self) -> bool:
        return self.done is None and self.intent is None and not self.superseded

    def with_intent(self, intent: Intent, *, written_at: datetime, fencing_token: int) -> JournalEntry:
        """This entry with an intent beside what is done. Repeating the same intent keeps its first time.

        Raises:
            InternalError: ``state.intent-pending``; another intent is unresolved, and would be forgotten.
        """
        if self.intent is not None:
            if self.intent.model_dump(exclude={"written_at", "fencing_token"}) != intent.model_dump():
                raise self._pending(f"intent {intent.intent_id} cannot be written")
            written_at = self.intent.written_at
        stored = IntentRecord(**intent.model_dump(), written_at=written_at, fencing_token=fencing_token)
        return self._replace(intent=stored)

    def with_done(self, done: Done, *, written_at: datetime, fencing_token: int) -> JournalEntry:
        """This entry with a confirmation, and the intent it names resolved. Repeating it changes nothing but the time.

        A resource with another id than before supersedes the earlier one, whose id is kept until it is removed.

        Raises:
            InternalError: ``state.intent-pending``; an intent other than the one named is unresolved.
                ``state.intent-unknown``; the intent named was never written, or was given up.
        """
        intended_at = None
        if self.intent is not None:
            if self.intent.intent_id != done.intent_id:
                raise self._pending(f"{done.resource_id} cannot be recorded as done under intent {done.intent_id}")
            intended_at = self.intent.written_at
        elif done.intent_id is not None:
            if self.done is None or self.done.intent_id != done.intent_id:
                raise InternalError(
                    f"The journal of {self.key} has no intent {done.intent_id} that could be done.",
                    code="state.intent-unknown",
                )
            intended_at = self.done.intended_at
        superseded = set(self.superseded)
        if self.done is not None and isinstance(self.key, ResourceKind):
            superseded.add(self.done.resource_id)
        superseded.discard(done.resource_id)
        stored = DoneRecord(
            **done.model_dump(), intended_at=intended_at, written_at=written_at, fencing_token=fencing_token
        )
        return self._replace(done=stored, intent=None, superseded=tuple(sorted(superseded)))

    def without_intent(self) -> JournalEntry:
        """This entry with its intent given up: for when it is certain that it changed nothing in Adobe."""
        return self._replace(intent=None)

    def without_superseded(self, resource_id: str) -> JournalEntry:
        """This entry without an earlier resource that is gone from Adobe."""
        return self._replace(superseded=tuple(old for old in self.superseded if old != resource_id))

    def forgotten(self) -> JournalEntry:
        """The empty entry, once the resource is gone from Adobe.

        Raises:
            InternalError: ``state.superseded-remain``; earlier resources would be orphaned.
        """
        if self.superseded:
            raise InternalError(
                f"The journal of {self.key} cannot be forgotten: {len(self.superseded)} replaced resources remain.",
                code="state.superseded-remain",
                details=list(self.superseded),
            )
        return JournalEntry(key=self.key)

    def _replace(self, **changes: object) -> Self:
        return self.model_copy(update=changes)

    def _pending(self, what: str) -> InternalError:
        pending = self.intent.intent_id if self.intent else None
        return InternalError(
            f"The journal of {self.key} has an unresolved intent {pending}: {what}.",
            code="state.intent-pending",
            hint="Look in Adobe for what it did, then record it as done or give it up.",
        )


class Applied(Record):
    """What was last applied of a delivery: which config and which plan, to compare Adobe with later."""

    config_key: str
    """Key of the normalised config in the work bucket."""
    plan_key: str
    """Key of the plan in the work bucket."""
    execution: str
    config_fingerprint: str
    """Of the normalised config: equal fingerprints, equal wishes."""
    applied_at: Instant


REMOVED = "REMOVED"
"""The verdict of the outcome that a removal leaves behind."""


class Outcome(Record):
    """How an execution of a delivery ended."""

    execution: str
    verdict: str
    """The receipt's verdict, the error's class where there was none, or :data:`REMOVED`."""
    finished_at: Instant
    receipt_uri: str | None = None
    flow_id: str | None = None
    rows: int | None = None
    bytes: int | None = None
    files: int | None = None
