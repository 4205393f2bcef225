"""Tells the event bus of a finding once: again only when it is another, or after some days in which it has not passed.

What is to be told is first written down as being told, on the condition that nobody else has written since. Of two
watches at the same moment one is turned away; of one that is killed in between, the next tells it a little later.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from aep_delivery.events.details import Detail
from aep_delivery.events.outbound import OutboundEvent
from aep_delivery.runtime.log import logger
from aep_delivery.state.watching import Announcements, Told
from aep_delivery.workflow.in_process import patiently
from aep_delivery.workflow.services import Services

TELLING_TAKES = timedelta(minutes=15)
"""As long as a function may run: whoever is telling for longer was killed."""


def tell_once(subject: str, found: Mapping[str, Detail], services: Services) -> int:
    """Tell what is new of a delivery or of a secret, and take note of what has passed.

    Args:
        subject: A delivery's id, or a ``~`` and what else the findings are about.
        found: What is wrong now, by its kind; empty where all is well.
        services: The collaborators. The clock is slept on where the event bus is busy.

    Returns:
        How many findings were told.

    Raises:
        TransientError: The event bus was busy in all attempts; what was not told is told by a later watch.
    """
    store, now = services.store, services.clock.now()
    known = store.announcements(subject)
    if known.telling_since is not None and now < known.telling_since + TELLING_TAKES:
        return 0
    remind_after = timedelta(days=services.settings.remind_after_days)
    due = {kind: detail for kind, detail in found.items() if _is_due(known.told.get(kind), detail, now - remind_after)}
    passed = known.told.keys() - found.keys()
    if not due and not passed and known.telling_since is None:
        return 0
    if not store.write_announcements(subject, known.model_copy(update={"telling_since": now})):
        return 0
    for detail in due.values():
        patiently(partial(services.publisher.publish, OutboundEvent(detail=detail)), services.clock)
    for kind in sorted(passed):
        logger.info("a finding has passed", extra={"subject": subject, "finding": kind})
    kept = {kind: told for kind, told in known.told.items() if kind in found}
    kept |= {kind: _told(known.told.get(kind), detail, services) for kind, detail in due.items()}
    store.write_announcements(subject, Announcements(version=known.version + 1, told=kept))
    return len(due)


def _is_due(told: Told | None, detail: Detail, before: datetime) -> bool:
    return told is None or told.event_id != detail.event_id or told.told_at <= before


def _told(before: Told | None, detail: Detail, services: Services) -> Told:
    now = services.clock.now()
    same = before is not None and before.event_id == detail.event_id
    since = before.since if before is not None and same else now
    return Told(event_id=detail.event_id, reason=detail.reason, since=since, told_at=now)
