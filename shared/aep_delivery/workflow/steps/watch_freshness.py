"""Looks whether one delivery comes when it should, and will go on to; tells the event bus once of what is wrong."""

from __future__ import annotations

from datetime import timedelta

from aep_delivery.events.base import named
from aep_delivery.events.watches import CredentialExpiring
from aep_delivery.runtime.metrics import count
from aep_delivery.state.watching import FreshnessFinding
from aep_delivery.workflow.expiries import Expiry, expiries
from aep_delivery.workflow.freshness_check import DISABLED, ENDING, LATE, FreshnessCheck
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.telling import tell_once
from aep_delivery.workflow.watch_messages import FreshnessChecked, WatchFreshness
from aep_delivery.workflow.watched import NOTHING_APPLIED, Watched, applied_flow, watched


def watch_freshness(message: WatchFreshness, services: Services) -> FreshnessChecked:
    """Keep how the delivery stands, and tell what is new.

    Raises:
        UserError: A secret is missing or refused, or does not say in time when it expires.
        InternalError: A document of what was applied is missing or damaged.
        TransientError: Adobe, the store or the event bus asks to come back.
    """
    delivery_id = message.delivery_id
    known = applied_flow(delivery_id, services)
    if known is None:
        return FreshnessChecked(delivery_id=delivery_id, skipped=NOTHING_APPLIED)
    delivery = watched(delivery_id, known.applied, known.flow_id, services)
    freshness, found = FreshnessCheck(delivery_id, delivery, message.execution, services).look(known.since)
    told = tell_once(delivery_id, found, services)
    credentials = _credentials(message, delivery, services)
    for subject, expiring in credentials.items():
        told += tell_once(f"~{subject}", expiring, services)
    expiring_soon = [detail for by_kind in credentials.values() for detail in by_kind.values()]
    findings = (
        *freshness.findings,
        *(FreshnessFinding(code=detail.code, reason=detail.reason) for detail in expiring_soon),
    )
    # Whoever looks at the same moment keeps the same.
    services.store.write_freshness(delivery_id, freshness.model_copy(update={"findings": findings}))
    count(
        DeliveriesLate=LATE in found,
        SchedulesEnding=ENDING in found,
        DataflowsDisabled=DISABLED in found,
        CredentialsExpiring=len(expiring_soon),
    )
    if freshness.last_verified_at is not None:
        count(SecondsSinceVerified=(freshness.checked_at - freshness.last_verified_at).total_seconds())
    return FreshnessChecked(delivery_id=delivery_id, findings=[one.code for one in findings], told=told)


def _credentials(
    message: WatchFreshness, delivery: Watched, services: Services
) -> dict[str, dict[str, CredentialExpiring]]:
    """What expires soon or has expired, by what it is in and what it is; with an empty entry where nothing does."""
    soon = services.clock.now() + timedelta(days=services.settings.ending_within_days)
    return {
        secret: {one.credential: _expiring(one, message, services) for one in found if one.at <= soon}
        for secret, found in expiries(delivery.config, services).items()
    }


def _expiring(expiry: Expiry, message: WatchFreshness, services: Services) -> CredentialExpiring:
    now = services.clock.now()
    expired, left = expiry.at <= now, max(0, (expiry.at - now).days)
    of_all = expiry.secret == services.settings.adobe_secret
    who = {} if of_all else {**named(message.delivery_id), "deliveries": [message.delivery_id]}
    said = "has expired" if expired else f"expires in {left} days"
    return CredentialExpiring.model_validate(
        {
            **who,
            "execution": message.execution,
            "reason": f"The {expiry.credential} in {expiry.secret} {said}, at {expiry.at:%Y-%m-%d %H:%M} UTC.",
            "code": "credential-expired" if expired else "credential-expiring",
            "secret": expiry.secret,
            "credential": expiry.credential,
            "expires_at": expiry.at,
            "days_left": left,
            "detected_at": now,
        }
    )
