"""One writer per delivery: a lock with an expiry and a fencing token, as rules without a store."""

from __future__ import annotations

from datetime import datetime, timedelta

from aep_delivery.runtime.errors import TransientError
from aep_delivery.state.instant import Instant, as_text
from aep_delivery.state.records import Record


class LockHeldError(TransientError):
    """Another execution is at work on the delivery. Raised when the lock is asked for before it expires."""


class LockLostError(TransientError):
    """The lock was released, expired, or passed to another. Raised instead of writing what could overtake the new
    holder; the step may be repeated, and then asks for the lock again.
    """


class Fence(Record):
    """What a writer shows to be let in: small enough to travel from step to step."""

    delivery_id: str
    owner: str
    """The execution."""
    token: int
    """Higher than that of every earlier holder, for ever."""


class Lock(Fence):
    """A lock as it is held."""

    acquired_at: Instant
    expires_at: Instant
    """From this moment on anyone may take it."""


class LockRecord(Record):
    """The lock of one delivery as stored. Releasing it keeps the token, so that the next one is higher still."""

    token: int = 0
    holder: Lock | None = None

    def acquire(self, delivery_id: str, owner: str, *, ttl: timedelta, now: datetime) -> LockRecord:
        """The record with `owner` as holder: with the same token where it is the holder still, else the next.

        Raises:
            LockHeldError: ``state.delivery-locked``; another holds it and has not let it expire.
        """
        held = self.holder
        if held is not None and held.owner == owner:
            return self._renewed(held, now + ttl)
        if held is not None and now < held.expires_at:
            raise LockHeldError(
                f"Delivery {delivery_id} is locked by {held.owner} since {as_text(held.acquired_at)}, "
                f"until {as_text(held.expires_at)} at the latest.",
                code="state.delivery-locked",
                place=delivery_id,
                hint="One execution works on a delivery at a time; this one may go on when that one has ended.",
            )
        token = self.token + 1
        lock = Lock(delivery_id=delivery_id, owner=owner, token=token, acquired_at=now, expires_at=now + ttl)
        return LockRecord(token=token, holder=lock)

    def renew(self, fence: Fence, *, ttl: timedelta, now: datetime) -> LockRecord:
        """The record with a later expiry, even if it has expired, as long as nobody else took it.

        Raises:
            LockLostError: ``state.lock-lost``.
        """
        return self._renewed(self._held_by(fence), now + ttl)

    def release(self, owner: str) -> LockRecord:
        """The record without a holder, if that is `owner`; else as it is."""
        if self.holder is None or self.holder.owner != owner:
            return self
        return LockRecord(token=self.token)

    def check(self, fence: Fence, *, now: datetime) -> Lock:
        """The lock, if `fence` is its holder and it has not expired.

        Raises:
            LockLostError: ``state.lock-lost``.
        """
        lock = self._held_by(fence)
        if now >= lock.expires_at:
            raise lock_lost(fence, f"it expired at {as_text(lock.expires_at)}")
        return lock

    def _held_by(self, fence: Fence) -> Lock:
        if self.holder is None:
            raise lock_lost(fence, "it was released")
        if (self.holder.owner, self.holder.token) != (fence.owner, fence.token):
            raise lock_lost(fence, f"{self.holder.owner} holds it with token {self.holder.token}")
        return self.holder

    def _renewed(self, held: Lock, expires_at: datetime) -> LockRecord:
        return LockRecord(token=self.token, holder=Lock(**held.model_dump() | {"expires_at": expires_at}))


def lock_lost(fence: Fence, why: str) -> LockLostError:
    """The error for a writer that is no longer the one writer."""
    return LockLostError(
        f"{fence.owner} lost the lock of delivery {fence.delivery_id} (token {fence.token}): {why}.",
        code="state.lock-lost",
        place=fence.delivery_id,
    )
