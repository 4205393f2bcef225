from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from aep_delivery.adobe.credentials import AdobeCredentials
from aep_delivery.adobe.endpoints import AdobeEndpoints
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.token import TokenSource
from aep_delivery.adobe.transport import AdobeTransport
from aep_delivery.runtime.clock import FixedClock
from tests.unit.adobe.scripted import CLIENT_SECRET, ScriptedAdobe


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 1, 5, 12, 0, tzinfo=UTC))


@pytest.fixture
def adobe() -> ScriptedAdobe:
    return ScriptedAdobe()


@pytest.fixture
def http(adobe: ScriptedAdobe) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(adobe.answer))


@pytest.fixture
def credentials() -> AdobeCredentials:
    return AdobeCredentials(client_id="client-1", client_secret=CLIENT_SECRET, org_id="0123@AdobeOrg")


@pytest.fixture
def tokens(http: httpx.Client, credentials: AdobeCredentials, clock: FixedClock) -> TokenSource:
    return TokenSource(http, AdobeEndpoints(), lambda: credentials, clock)


@pytest.fixture
def transport(http: httpx.Client, tokens: TokenSource, clock: FixedClock) -> AdobeTransport:
    return AdobeTransport(http, tokens, AdobeEndpoints(), "sand-1", clock)


@pytest.fixture
def flow_service(transport: AdobeTransport) -> FlowService:
    return FlowService(transport)
