"""One execution verifies a run of Adobe's: whoever claims it first, whichever workflow it is of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.runtime.clock import epoch_seconds
from aep_delivery.runtime.errors import TransientError
from aep_delivery.state.watching import CLAIM_LIFETIME, RunClaim
from aep_delivery.verification.report import Verdict
from aep_delivery.workflow.documents import folder_of
from aep_delivery.workflow.messages import CheckRun, Recorded, RunProgress
from aep_delivery.workflow.services import Services

if TYPE_CHECKING:
    from aep_delivery.verification.receipt.models import Receipt

HELD_FOR = timedelta(hours=24)
"""Longer than a verification may take: a claim without a verdict by then is of an execution that failed."""
MOST_ATTEMPTS = 3
"""Executions that try to verify one run, a day apart. What fails as often needs a person."""
_TRIES = 5
_LOOK_AGAIN = 300
"""Seconds: another that never comes to a verdict is waited for a day, and that many looks must not fill a history."""


def is_held(claim: RunClaim, now: datetime) -> bool:
    """Whether the execution may still be at it."""
    return claim.verdict is None and now < claim.claimed_at + HELD_FOR


def is_settled(claim: RunClaim, now: datetime) -> bool:
    """Whether nobody needs to look at the run any more."""
    return claim.verdict is not None or (claim.attempt >= MOST_ATTEMPTS and not is_held(claim, now))


def claim_run(delivery_id: str, run_id: str, execution: str, services: Services) -> RunClaim:
    """Claim a run for an execution, unless it is another's.

    Args:
        delivery_id: ``sandbox/name``.
        run_id: Adobe's id of the run.
        execution: Who wants to verify it.
        services: The collaborators.

    Returns:
        The claim that stands: this execution's, or another's that is at it or has come to a verdict.

    Raises:
        TransientError: ``state.conflict``; others change it all the time.
    """
    now = services.clock.now()
    for _ in range(_TRIES):
        there = services.store.run_claim(delivery_id, run_id)
        if there is not None and (there.execution == execution or there.verdict is not None or is_held(there, now)):
            return there
        claim = RunClaim(
            version=there.version if there else 0,
            run_id=run_id,
            execution=execution,
            attempt=there.attempt + 1 if there else 1,
            claimed_at=now,
            expires_at=epoch_seconds(now + CLAIM_LIFETIME),
        )
        if services.store.write_run_claim(delivery_id, claim):
            return claim
    raise TransientError(
        f"Others claim run {run_id} at the same moment.", code="state.conflict", place=f"{delivery_id} {run_id}"
    )


def taken_elsewhere(outcome: RunOutcome, message: CheckRun, services: Services) -> RunProgress | None:
    """Claim the runs of an outcome for the execution that awaits them.

    Returns:
        None where they are this execution's to verify. Else how another stands with its one run: its verdict, or the
        time to wait for that. What adds up several runs is verified although another has verified some of them.

    Raises:
        TransientError: ``state.conflict``.
    """
    if outcome.status is RunStatus.NO_RUN:
        # What is still going may end well later, and is then verified by whoever finds it.
        return None
    delivery_id, execution = message.delivery.delivery_id, message.execution
    claims = [claim_run(delivery_id, run_id, execution, services) for run_id in outcome.run_ids]
    if len(claims) != 1 or claims[0].execution == execution:
        return None
    recorded = _recorded(claims[0])
    if recorded is not None:
        _copy_receipt(folder_of(delivery_id, claims[0].execution), folder_of(delivery_id, execution), services)
    return RunProgress(
        finished=recorded is not None,
        status=outcome.status,
        wait_seconds=0 if recorded else _LOOK_AGAIN,
        recorded=recorded,
        begun=message.begun,
    )


def _copy_receipt(there: str, here: str, services: Services) -> None:
    """Whoever waits for an execution looks for the receipt in its own folder."""
    for name, content_type in (("receipt.html", "text/html"), ("receipt.json", "application/json")):
        services.documents.put(f"{here}/{name}", services.documents.get(f"{there}/{name}"), content_type)


def settle_runs(receipt: Receipt, recorded: Recorded, services: Services) -> None:
    """Keep the verdict of runs with the claims that the receipt's execution holds."""
    for run_id in receipt.run.run_ids if receipt.run else ():
        claim = services.store.run_claim(receipt.delivery.id, run_id)
        if claim is None or claim.execution != receipt.request.execution:
            continue
        changes = {
            "verdict": recorded.verdict,
            "reason": recorded.summary,
            "receipt_uri": recorded.receipt,
            "receipt_page": recorded.receipt_page,
            "expires_at": epoch_seconds(services.clock.now() + CLAIM_LIFETIME),
        }
        # Only who takes over a claim that has lapsed writes beside us, and then the verdict is theirs to find.
        services.store.write_run_claim(receipt.delivery.id, claim.model_copy(update=changes))


def _recorded(claim: RunClaim) -> Recorded | None:
    """What the execution that verified a run has recorded; None while it is at it."""
    if claim.verdict is None:
        return None
    return Recorded(
        verdict=claim.verdict,
        good=Verdict(claim.verdict).is_good,
        summary=claim.reason or "",
        receipt=claim.receipt_uri or "",
        receipt_page=claim.receipt_page or "",
    )
