"""An Adobe that has nothing but the datasets and audiences a config names: enough to plan any config in."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import httpx

from aep_delivery.adobe.credentials import AdobeCredentials
from aep_delivery.adobe.data_prep import DataPrep
from aep_delivery.adobe.endpoints import IMS_TOKEN, AdobeEndpoints
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.token import TokenSource
from aep_delivery.adobe.transport import AdobeTransport
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.audiences import ResolvedAudience
from aep_delivery.planning.declared import DatasetToExport
from aep_delivery.planning.make import make_plan
from aep_delivery.planning.plan import Plan
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.workflow.plan_making import uses_mapping_sets

NOW = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
CREDENTIALS = AdobeCredentials(client_id="client-1", client_secret="p8e-canary-secret", org_id="0123@AdobeOrg")


def transport_to(answering: httpx.BaseTransport, clock: FixedClock, sandbox: str = "prod") -> AdobeTransport:
    """The product's way to Adobe, with something else at its end."""
    http = httpx.Client(transport=answering, follow_redirects=False)
    tokens = TokenSource(http, AdobeEndpoints(), lambda: CREDENTIALS, clock)
    return AdobeTransport(http, tokens, AdobeEndpoints(), sandbox, clock)


def _empty(request: httpx.Request) -> httpx.Response:
    if request.url.path == IMS_TOKEN:
        return httpx.Response(200, json={"access_token": "canary-token", "expires_in": 86399})
    return httpx.Response(200, json={"items": []})


_EMPTY = httpx.MockTransport(_empty)


def plan_in_empty_adobe(config: DeliveryConfig) -> Plan:
    """The plan of a config whose datasets and audiences are there, and nothing else is."""
    clock = FixedClock(NOW)
    adobe = transport_to(_EMPTY, clock, config.sandbox)
    ids = random.Random(7)  # noqa: S311 - the same every time
    return make_plan(
        config,
        owner="the-stack",
        flow_service=FlowService(adobe),
        store=MemoryStateStore(clock),
        datasets=[
            DatasetToExport(id=one.id or f"{ids.getrandbits(96):024x}", name=one.name or "A dataset")
            for one in config.datasets
        ],
        audiences=[
            ResolvedAudience(id=one.id or f"{ids.getrandbits(96):024x}", name=one.name or "An audience")
            for one in config.audiences
        ],
        flow_spec_id="spec-1",
        mapping_sets=DataPrep(adobe) if uses_mapping_sets(config) else None,
        credential_version="1",
        now=NOW,
    )
