"""How long a request whose answer was lost may still take effect."""

from __future__ import annotations

from datetime import timedelta

from aep_delivery.runtime.clock import Clock
from aep_delivery.runtime.errors import TransientError
from aep_delivery.state.records import IntentRecord

SETTLING_TIME = timedelta(seconds=45)
"""How old an announcement must be before "not found" means "it never happened".

It is written before the request is sent, the client waits up to 30 seconds for an answer, and what Adobe takes in at
the very end of that still has to show in its lists.
"""


def wait_until_settled(intent: IntentRecord, clock: Clock, what: str, settling: timedelta = SETTLING_TIME) -> None:
    """Refuse to take "not found" for an answer while the announced request may be on its way.

    Args:
        intent: The announcement.
        clock: Ours, by which it was written.
        what: What was announced, for the message.
        settling: The time it takes.

    Raises:
        TransientError: ``adobe.outcome-unknown``, with the seconds that are left.
    """
    left = intent.written_at + settling - clock.now()
    if left > timedelta():
        raise TransientError(
            f"An earlier request to {what} may still be on its way.",
            code="adobe.outcome-unknown",
            retry_after_seconds=left.total_seconds(),
        )
