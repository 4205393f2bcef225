"""How deliveries stand, from what is remembered of them. Adobe is not asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from aep_delivery.state.records import Action, JournalEntry, JournalKey, Outcome, ResourceKind
from aep_delivery.state.store import StateStore

_ORDER: tuple[JournalKey, ...] = tuple(ResourceKind)


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class HeldLock(_View):
    """Who is at work on a delivery."""

    execution: str
    since: datetime
    until: datetime
    """At the latest."""


class Pending(_View):
    """What was sent to Adobe and may or may not have happened."""

    action: Action
    sent_at: datetime


class Remembered(_View):
    """What the journal knows of one resource, or of the latest ad-hoc run."""

    kind: JournalKey
    id: str | None = None
    """Adobe's, once that is confirmed."""
    action: Action | None = None
    """Confirmed last."""
    confirmed_at: datetime | None = None
    pending: Pending | None = None
    superseded: tuple[str, ...] = ()
    """Ids of replaced resources that are still to be removed."""


class Latest(_View):
    """How a delivery ended last."""

    verdict: str
    finished_at: datetime
    execution: str
    receipt: str | None
    rows: int | None
    files: int | None
    bytes: int | None


class Standing(_View):
    """One delivery."""

    delivery_id: str
    serial: int
    """How many writes its journal has seen."""
    lock: HeldLock | None
    resources: list[Remembered]
    """In the order in which they are made."""
    latest: Latest | None

    @property
    def made(self) -> int:
        """How many of its resources are in Adobe."""
        return sum(one.id is not None and one.kind in _ORDER for one in self.resources)

    @property
    def expected(self) -> int:
        """How many there are once all are made: deliveries to the first generation have one more than others."""
        has_profile_store = any(one.kind is ResourceKind.PROFILE_STORE_CONNECTION for one in self.resources)
        return len(ResourceKind) - (not has_profile_store)

    @property
    def is_known(self) -> bool:
        """Whether anything is remembered of it."""
        return bool(self.resources or self.latest or self.lock)


def standing(store: StateStore, delivery_id: str) -> Standing:
    """What is remembered of one delivery; nothing, where nobody ever heard of it."""
    journal = store.read_journal(delivery_id)
    outcome = store.latest_outcome(delivery_id)
    return Standing(
        delivery_id=delivery_id,
        serial=store.read_serial(delivery_id),
        lock=_lock(store, delivery_id),
        resources=[_remembered(journal[key]) for key in sorted(journal, key=_place)],
        latest=_latest(outcome) if outcome else None,
    )


def standings(store: StateStore) -> Iterator[Standing]:
    """All deliveries, by name."""
    for delivery_id in sorted(store.deliveries()):
        yield standing(store, delivery_id)


def _place(key: JournalKey) -> int:
    return _ORDER.index(key) if key in _ORDER else len(_ORDER)


def _lock(store: StateStore, delivery_id: str) -> HeldLock | None:
    held = store.read_lock(delivery_id)
    return HeldLock(execution=held.owner, since=held.acquired_at, until=held.expires_at) if held else None


def _remembered(entry: JournalEntry) -> Remembered:
    done, intent = entry.done, entry.intent
    return Remembered(
        kind=entry.key,
        id=done.resource_id if done else None,
        action=done.action if done else None,
        confirmed_at=done.written_at if done else None,
        pending=Pending(action=intent.action, sent_at=intent.written_at) if intent else None,
        superseded=entry.superseded,
    )


def _latest(outcome: Outcome) -> Latest:
    return Latest(
        verdict=outcome.verdict,
        finished_at=outcome.finished_at,
        execution=outcome.execution,
        receipt=outcome.receipt_uri,
        rows=outcome.rows,
        files=outcome.files,
        bytes=outcome.bytes,
    )
