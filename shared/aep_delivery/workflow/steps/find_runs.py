"""Finds the runs of one delivery that Adobe has made by itself and nobody has verified."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from aep_delivery.adobe.run_status import concerns
from aep_delivery.planning.plan import Plan
from aep_delivery.running.past_runs import is_ripe
from aep_delivery.runtime.log import logger
from aep_delivery.state.records import Applied
from aep_delivery.state.watching import RunCursor
from aep_delivery.workflow.documents import read_document
from aep_delivery.workflow.run_claims import is_held, is_settled
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.watch_messages import FindRuns, FoundRun, FoundRuns
from aep_delivery.workflow.watched import NOTHING_APPLIED, AppliedFlow, applied_flow

LOOK_BACK = timedelta(days=14)
"""Runs that are older are left alone. Less than claims are kept, so that what was verified is never met again."""
OVERLAP = timedelta(hours=6)
"""How far the cursor stays behind Adobe's clock: a run may show in a list after one that was created later."""
CLOCK_SKEW = timedelta(minutes=5)
_MOST_APPLIED = 10


def find_runs(message: FindRuns, services: Services) -> FoundRuns:
    """Look through the runs since those that are settled.

    Raises:
        UserError: A secret is missing or refused.
        TransientError: Adobe or the store asks to come back.
    """
    delivery_id = message.delivery_id
    known = applied_flow(delivery_id, services)
    if known is None:
        return FoundRuns(delivery_id=delivery_id, skipped=NOTHING_APPLIED)
    flow_id = known.flow_id
    flow_service = services.flow_service(delivery_id.partition("/")[0])
    cursor = services.store.run_cursor(delivery_id) or _first(known)
    cursor = cursor.model_copy(update={"applied": _applied_until_now(cursor, known.applied)})
    since = max(cursor.since, flow_service.server_time() - LOOK_BACK)
    runs = flow_service.runs(flow_id, created_after=since)
    now, ours = flow_service.server_time(), services.clock.now()
    audiences = {audience.id for audience in read_document(services.documents, known.applied.plan_key, Plan).audiences}
    found: list[FoundRun] = []
    settled_until = now - OVERLAP
    for run in reversed(runs):
        if run.created is None or (audiences and not concerns(run, audiences)):
            continue
        claim = services.store.run_claim(delivery_id, run.id)
        if claim is not None and is_settled(claim, ours):
            continue
        settled_until = min(settled_until, run.created)
        if is_ripe(run, now) and not (claim is not None and is_held(claim, ours)):
            attempt = claim.attempt + 1 if claim else 1
            found.append(FoundRun(run_id=run.id, created_at=run.created, attempt=attempt))
    # Whoever looks at the same moment moves it as far.
    services.store.write_run_cursor(delivery_id, _moved(cursor, max(cursor.since, settled_until)))
    if found:
        logger.info("runs to be verified", extra={"delivery": delivery_id, "runs": len(found)})
    return FoundRuns(delivery_id=delivery_id, runs=found[: message.most], waiting=len(found))


def applied_at_the_time(cursor: RunCursor | None, applied: Applied, created: datetime) -> Applied:
    """What was applied when a run was created, as far as the watch has seen it."""
    seen = _applied_until_now(cursor, applied) if cursor else (applied,)
    return next((one for one in reversed(seen) if one.applied_at - CLOCK_SKEW <= created), seen[0])


def _first(known: AppliedFlow) -> RunCursor:
    applied = known.applied.model_copy(update={"applied_at": known.since})
    return RunCursor(since=known.since - CLOCK_SKEW, applied=(applied,))


def _applied_until_now(cursor: RunCursor, applied: Applied) -> tuple[Applied, ...]:
    """What was applied one after another, with what is applied now as the last."""
    *earlier, last = cursor.applied
    if last.config_fingerprint != applied.config_fingerprint:
        return (*cursor.applied, applied)[-_MOST_APPLIED:]
    # Applied again, with the same wishes: they hold since they were applied first.
    return (*earlier, applied.model_copy(update={"applied_at": last.applied_at}))


def _moved(cursor: RunCursor, since: datetime) -> RunCursor:
    """The cursor further on, without what was applied to runs that are all settled."""
    seen = cursor.applied
    needed = [one for one, following in pairwise(seen) if following.applied_at > since]
    return cursor.model_copy(update={"since": since, "applied": (*needed, seen[-1])})
