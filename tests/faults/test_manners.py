"""An outage of ten minutes under fifty executions: the load falls, comes back without a burst, and every delivery ends.

Everything is the product's own but time and Adobe: the transport with its retries and tokens, the bucket and the
circuit in a shared record, and the retries of the workflow as ``deliver.asl.json`` has them.
"""

from __future__ import annotations

import json
import math
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import pytest

from aep_delivery.adobe.budget import Budget, MemoryBudgets
from aep_delivery.adobe.circuit import Circuit
from aep_delivery.adobe.credentials import AdobeCredentials
from aep_delivery.adobe.endpoints import FLOW_SERVICE, AdobeEndpoints
from aep_delivery.adobe.manners import Happening, Manners
from aep_delivery.adobe.rate import Rate
from aep_delivery.adobe.token import TokenSource
from aep_delivery.adobe.transport import AdobeTransport
from aep_delivery.runtime.errors import TransientError
from aep_delivery.runtime.log import logger
from aep_delivery.runtime.settings import Settings
from tests.faults.virtual_time import VirtualTime

EXECUTIONS = 50
DELIVERIES = 3
"""That each execution makes one after another, so that there is always work."""
OUTAGE = (600.0, 1200.0)
AGREED = Settings(owner="stack", state_table="t", work_bucket="w")
"""The defaults are what is proved."""
RATE = Rate(AGREED.adobe_requests_per_second, AGREED.adobe_burst, AGREED.adobe_ramp_seconds)
CIRCUIT = Circuit(AGREED.adobe_circuit_failures, AGREED.adobe_circuit_seconds)
STEPS = {
    "PlanChanges": 12,
    "EnsureBaseConnection": 3,
    "EnsureSourceConnection": 3,
    "EnsureTargetConnection": 3,
    "EnsureDataflow": 4,
    "CheckRun": 2,
    "VerifyDelivery": 1,
}
"""And the calls that each makes to Adobe."""
DEFINITION = json.loads((Path(__file__).parents[2] / "statemachines/deliver.asl.json").read_text("utf-8"))


@dataclass
class Outage:
    """An Adobe that answers after a fifth of a second, and in between fails in one of several ways."""

    time: VirtualTime
    fails: Callable[[VirtualTime], httpx.Response]
    outage: tuple[float, float]
    calls: list[float] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if "/ims/" in request.url.path:
            return httpx.Response(200, json={"access_token": "t", "expires_in": 86_400})
        self.calls.append(self.time.seconds)
        if self.outage[0] <= self.time.seconds < self.outage[1]:
            return self.fails(self.time)
        self.time.sleep(0.2)
        return httpx.Response(200, json={"items": []})


def unavailable(time: VirtualTime) -> httpx.Response:
    time.sleep(0.2)
    return httpx.Response(503)


def silent(time: VirtualTime) -> httpx.Response:
    time.sleep(30)
    raise httpx.ReadTimeout("timed out")


def refusing(_: VirtualTime) -> httpx.Response:
    raise httpx.ConnectError("refused")


class SlowBudgets(MemoryBudgets):
    """A table that takes its time, so that writers meet."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time
        self.requests = 0

    def read(self, organisation: str) -> Budget | None:
        self.requests += 1
        found = super().read(organisation)
        self._time.sleep(0.004)
        return found

    def write(self, organisation: str, budget: Budget) -> bool:
        self.requests += 1
        self._time.sleep(0.006)
        return super().write(organisation, budget)


@dataclass
class Installation:
    """Fifty executions and what they share."""

    fails: Callable[[VirtualTime], httpx.Response]
    outage: tuple[float, float] = OUTAGE
    mannered: bool = True
    time: VirtualTime = field(default_factory=VirtualTime)
    happened: list[tuple[float, Happening]] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    gave_up: Counter[str] = field(default_factory=Counter)
    steps: int = 0

    def __post_init__(self) -> None:
        self.adobe = Outage(self.time, self.fails, self.outage)
        self.budgets = SlowBudgets(self.time)

    def run(self) -> Installation:
        self.time.run([partial(self._execution, number) for number in range(EXECUTIONS)])
        return self

    def _execution(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - repeatable jitter
        transport = self._function()
        self.time.sleep(chance.uniform(0, 60))
        for _ in range(DELIVERIES):
            if all(self._step(name, calls, transport, chance) for name, calls in STEPS.items()):
                self.ended.append(self.time.seconds)

    def _step(self, name: str, calls: int, transport: AdobeTransport, chance: random.Random) -> bool:
        retry = DEFINITION["States"][name]["Retry"][0]
        self.steps += 1
        for attempt in range(retry["MaxAttempts"] + 1):
            try:
                for _ in range(calls):
                    transport.request("GET", f"{FLOW_SERVICE}/flows")
            except TransientError as error:
                longest = min(retry["IntervalSeconds"] * retry["BackoffRate"] ** attempt, retry["MaxDelaySeconds"])
                self.time.sleep(chance.uniform(0, longest))
                code = error.code
            else:
                self.time.sleep(1)
                return True
        self.gave_up[f"{name} {code}"] += 1
        return False

    def _function(self) -> AdobeTransport:
        http = httpx.Client(transport=httpx.MockTransport(self.adobe.answer))
        credentials = AdobeCredentials(client_id="c", client_secret="s", org_id="o@AdobeOrg")
        tokens = TokenSource(http, AdobeEndpoints(), lambda: credentials, self.time)
        manners = Manners(self.budgets, lambda: "o@AdobeOrg", RATE, CIRCUIT, self.time, told=self._told)
        return AdobeTransport(
            http, tokens, AdobeEndpoints(), "prod", self.time, manners=manners if self.mannered else None
        )

    def _told(self, happening: Happening) -> None:
        self.happened.append((self.time.seconds, happening))

    def when(self, happening: Happening) -> list[float]:
        return [at for at, what in self.happened if what is happening]

    def calls(self, since: float, until: float) -> int:
        return sum(since <= at < until for at in self.adobe.calls)

    def most_a_minute(self, since: float = 0, until: float = math.inf) -> int:
        """The calls of the busiest sixty seconds, wherever they begin."""
        calls = sorted(at for at in self.adobe.calls if since <= at < until)
        return max((bisect_left(calls, start + 60) - i for i, start in enumerate(calls)), default=0)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    level = logger.log_level
    logger.setLevel("CRITICAL")
    yield
    logger.setLevel(level)


@pytest.mark.parametrize(
    ("fails", "noticed_within", "closed_within"),
    [
        pytest.param(unavailable, 5, 31, id="503"),
        pytest.param(refusing, 5, 31, id="connection refused"),
        # Each call takes thirty seconds to fail, the one that tries too.
        pytest.param(silent, 35, 65, id="no answer"),
    ],
)
def test_ten_minutes_of_outage(
    fails: Callable[[VirtualTime], httpx.Response], noticed_within: float, closed_within: float
) -> None:
    began, ended = OUTAGE
    stack = Installation(fails).run()
    healthy = stack.calls(120, began) / (began - 120) * 60
    (opened,), (closed,) = stack.when(Happening.OPENED), stack.when(Happening.CLOSED)
    first, second, third = (stack.calls(closed + 60 * i, closed + 60 * (i + 1)) for i in range(3))
    print(
        f"\n{fails.__name__}: healthy {healthy:.0f} calls a minute; at most {stack.most_a_minute()} in any minute; "
        f"opened after {opened - began:.1f} s; {stack.calls(opened, ended)} calls from then to the end of the outage; "
        f"closed {closed - ended:.1f} s after it; then {first}, {second}, {third} calls a minute; "
        f"{len(stack.ended)} of {EXECUTIONS * DELIVERIES} deliveries ended well; "
        f"{stack.budgets.requests / len(stack.adobe.calls):.1f} requests to DynamoDB for a call"
    )

    assert stack.most_a_minute() <= 1.2 * healthy
    assert opened - began <= noticed_within
    assert stack.calls(opened, ended) <= (ended - opened) / CIRCUIT.open_seconds + 2 * EXECUTIONS / CIRCUIT.failures
    assert closed - ended <= closed_within
    assert first < second < third <= 1.05 * healthy
    assert first <= 0.5 * healthy
    assert stack.most_a_minute(closed, closed + RATE.ramp_seconds) <= healthy
    assert stack.gave_up == {}
    assert len(stack.ended) == EXECUTIONS * DELIVERIES


def test_without_manners_the_load_does_not_fall() -> None:
    """What the figures above are to be compared with; and the retries of the workflow outlive the outage by themselves."""
    began, ended = outage = (30.0, 630.0)
    stack = Installation(unavailable, outage, mannered=False).run()
    print(f"\nwithout manners: {stack.calls(began, ended)} calls during the outage")

    assert stack.calls(began, ended) > 1000
    assert stack.gave_up == {}
