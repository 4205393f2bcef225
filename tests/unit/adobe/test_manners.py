from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta

import httpx
import pytest

from aep_delivery.adobe import manners as manners_module
from aep_delivery.adobe.budget import Budget, MemoryBudgets
from aep_delivery.adobe.circuit import Circuit
from aep_delivery.adobe.endpoints import AdobeEndpoints
from aep_delivery.adobe.errors import Action, AdobeTransientError, EntityNotFoundError
from aep_delivery.adobe.manners import (
    LONGEST_PAUSE,
    PAUSE_SECONDS,
    UNASKED_SECONDS,
    BudgetExhaustedError,
    CircuitOpenError,
    Happening,
    Manners,
    counted,
)
from aep_delivery.adobe.rate import Rate
from aep_delivery.adobe.token import TokenSource
from aep_delivery.adobe.transport import AdobeTransport
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.errors import InternalError, TransientError
from aep_delivery.runtime.metrics import collected
from tests.unit.adobe.scripted import ScriptedAdobe

FLOWS = "/data/foundation/flowservice/flows"
ORGANISATION = "0123@AdobeOrg"
RATE = Rate(per_second=2, burst=20, ramp_seconds=100)
CIRCUIT = Circuit(failures=4, open_seconds=30)


class Budgets(MemoryBudgets):
    """Counts what it is asked, and can be out of reach."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__()
        self.clock = clock
        self.told: list[Happening] = []
        self.requests = 0
        self.error: Exception | None = None
        self.lost_races = 0

    def read(self, organisation: str) -> Budget | None:
        self._asked()
        return super().read(organisation)

    def write(self, organisation: str, budget: Budget) -> bool:
        self._asked()
        if self.lost_races:
            self.lost_races -= 1
            return False
        return super().write(organisation, budget)

    def now(self) -> Budget:
        budget = super().read(ORGANISATION)
        assert budget is not None
        return budget

    def _asked(self) -> None:
        self.requests += 1
        if self.error is not None:
            raise self.error


@pytest.fixture
def budgets(clock: FixedClock) -> Budgets:
    return Budgets(clock)


@pytest.fixture
def function(http: httpx.Client, tokens: TokenSource, clock: FixedClock, budgets: Budgets):
    """Makes the transports of functions that know of each other through the budget alone."""

    def make() -> AdobeTransport:
        manners = Manners(budgets, lambda: ORGANISATION, RATE, CIRCUIT, clock, told=budgets.told.append)
        return AdobeTransport(http, tokens, AdobeEndpoints(), "prod", clock, manners=manners)

    return make


@pytest.fixture
def longest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has every random wait be as long as it may be."""

    def uniform(least: float, most: float) -> float:
        assert least == 0, "some come back at once"
        return most

    monkeypatch.setattr(manners_module.random, "uniform", uniform)


def ok() -> httpx.Response:
    return httpx.Response(200, json={"items": []})


def down(function, adobe: ScriptedAdobe, calls: int = CIRCUIT.failures) -> None:
    """Has Adobe fail until the circuit is open."""
    adobe.script = [httpx.Response(503)] * calls
    while adobe.script:
        with pytest.raises(TransientError):
            function().request("POST", FLOWS, json={})


@pytest.mark.parametrize(
    ("happening", "figures"),
    [
        (Happening.THROTTLED, {"AdobeThrottled": [1.0]}),
        (Happening.OPENED, {"CircuitOpen": [1.0]}),
        (Happening.REFUSED, {"CircuitOpen": [1.0]}),
        (Happening.CLOSED, {"CircuitOpen": [0.0]}),
    ],
)
def test_what_an_operator_hears(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    happening: Happening,
    figures: dict[str, list[float]],
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "the-stack")
    with collected():
        counted(happening)
    line = json.loads(capsys.readouterr().out)
    assert {name: line[name] for name in ("AdobeThrottled", "CircuitOpen") if name in line} == figures


class TestRate:
    def test_a_step_of_a_few_calls_costs_two_requests(
        self, function, adobe: ScriptedAdobe, budgets: Budgets, clock: FixedClock
    ) -> None:
        adobe.script = [ok()] * 5
        step = function()
        for _ in range(5):
            step.request("GET", FLOWS)
        assert budgets.requests == 2
        assert clock.slept == []

    def test_what_was_granted_is_used_up(self, function, adobe: ScriptedAdobe, budgets: Budgets) -> None:
        adobe.script = [ok()] * 8
        step = function()
        for _ in range(8):
            step.request("GET", FLOWS)
        # Five of the twenty, then three of the fifteen.
        assert budgets.requests == 4
        assert budgets.now().window_calls == 8

    def test_calls_granted_together_are_good_for_a_moment(
        self, function, adobe: ScriptedAdobe, budgets: Budgets, clock: FixedClock
    ) -> None:
        adobe.script = [ok()] * 2
        step = function()
        step.request("GET", FLOWS)
        clock.sleep(2)
        step.request("GET", FLOWS)
        assert budgets.requests == 4

    def test_who_has_to_wait_for_a_moment_waits(
        self, function, adobe: ScriptedAdobe, budgets: Budgets, clock: FixedClock
    ) -> None:
        budgets.write(ORGANISATION, Budget.full(0, clock.now()))
        adobe.script = [ok()]
        function().request("GET", FLOWS)
        assert clock.slept == [0.5]

    def test_who_would_have_to_wait_for_long_leaves_it_to_the_workflow(
        self, function, adobe: ScriptedAdobe, budgets: Budgets, clock: FixedClock
    ) -> None:
        budgets.write(ORGANISATION, Budget.full(-40, clock.now()))
        with pytest.raises(BudgetExhaustedError) as caught:
            function().request("POST", FLOWS, json={})
        assert (caught.value.code, caught.value.family) == ("adobe.budget-exhausted", "TransientError")
        assert caught.value.retry_after_seconds == 20.5
        assert (adobe.calls, clock.slept) == ([], [])
        document = caught.value.document()
        assert (document.place, caught.value.action) == ("POST /flows", Action.WAIT)
        assert document.message
        assert document.hint
        assert caught.value.problem.http_status is None

    def test_a_short_wait_is_one_request(
        self, function, adobe: ScriptedAdobe, budgets: Budgets, clock: FixedClock
    ) -> None:
        budgets.write(ORGANISATION, Budget.full(-3, clock.now()))
        budgets.requests = 0
        adobe.script = [ok()]
        function().request("GET", FLOWS)
        assert clock.slept == [2.0]
        assert budgets.requests == 2, "read and written, and not read again"

    def test_nobody_waits_longer_than_its_function_may_take(
        self, function, adobe: ScriptedAdobe, budgets: Budgets, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        budgets.write(ORGANISATION, Budget.full(-19, clock.now()))
        monkeypatch.setattr(manners_module, "seconds_left", lambda: 49.0)
        with pytest.raises(BudgetExhaustedError):
            function().request("GET", FLOWS)
        monkeypatch.setattr(manners_module, "seconds_left", lambda: 51.0)
        adobe.script = [ok()]
        function().request("GET", FLOWS)
        assert clock.slept == [10]

    def test_without_time_nobody_waits_at_all(
        self, function, budgets: Budgets, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        budgets.write(ORGANISATION, Budget.full(0, clock.now()))
        monkeypatch.setattr(manners_module, "seconds_left", lambda: 1.0)
        with pytest.raises(BudgetExhaustedError) as caught:
            function().request("GET", FLOWS)
        assert caught.value.place == "GET /flows"
        assert clock.slept == []

    def test_repeated_calls_are_counted_too(self, function, adobe: ScriptedAdobe, budgets: Budgets) -> None:
        adobe.script = [httpx.Response(503), httpx.Response(503), ok()]
        function().request("GET", FLOWS)
        # Two that failed, and what is granted at a time; once more where the waits between them took long.
        assert budgets.now().window_calls in {2 + 3, 2 + 3 + 1}
        assert budgets.now().window_failures == 2

    def test_who_loses_the_race_for_the_budget_tries_again(
        self, function, adobe: ScriptedAdobe, budgets: Budgets
    ) -> None:
        budgets.lost_races = 3
        adobe.script = [ok()]
        function().request("GET", FLOWS)
        assert budgets.now().version == 1

    def test_who_loses_races_stays_away_for_longer_each_time(
        self, function, adobe: ScriptedAdobe, budgets: Budgets, clock: FixedClock, longest: None
    ) -> None:
        budgets.lost_races = 3
        adobe.script = [ok()]
        function().request("GET", FLOWS)
        assert clock.slept == pytest.approx([0.02, 0.04, 0.06])

    def test_so_does_who_has_an_outage_to_tell(
        self, function, adobe: ScriptedAdobe, budgets: Budgets, clock: FixedClock, longest: None
    ) -> None:
        def down_and_busy(_: httpx.Request) -> httpx.Response:
            budgets.lost_races = 3
            return httpx.Response(503)

        adobe.script = [down_and_busy]
        with pytest.raises(TransientError):
            function().request("POST", FLOWS, json={})
        assert clock.slept == pytest.approx([0.02, 0.04, 0.06])
        assert budgets.now().window_failures == 1

    def test_who_always_loses_it_leaves_the_waiting_to_the_workflow(self, function, budgets: Budgets) -> None:
        budgets.lost_races = 1_000
        with pytest.raises(BudgetExhaustedError) as caught:
            function().request("GET", FLOWS)
        assert (caught.value.place, caught.value.retry_after_seconds) == ("GET /flows", 1.0)


class TestPause:
    @pytest.mark.parametrize(
        ("asked", "pause"),
        [
            pytest.param("60", 60, id="as long as Adobe asks"),
            pytest.param("99999999", LONGEST_PAUSE, id="not for ever"),
        ],
    )
    def test_t07_too_many_requests_keep_everybody_waiting(
        self,
        function,
        adobe: ScriptedAdobe,
        budgets: Budgets,
        asked: str,
        pause: float,
    ) -> None:
        adobe.script = [httpx.Response(429, headers={"Retry-After": asked})]
        with pytest.raises(AdobeTransientError) as caught:
            function().request("POST", FLOWS, json={})
        assert caught.value.code == "adobe.throttled"
        assert budgets.told == [Happening.THROTTLED]
        assert budgets.now().counted_at - budgets.now().window_from == timedelta(seconds=pause)
        with pytest.raises(BudgetExhaustedError) as another:
            function().request("GET", FLOWS)
        assert (another.value.retry_after_seconds or 0) >= pause
        assert len(adobe.calls) == 1

    def test_t08_where_adobe_does_not_say_how_long_it_is_a_while(
        self, function, adobe: ScriptedAdobe, clock: FixedClock
    ) -> None:
        adobe.script = [httpx.Response(429), ok()]
        began = clock.now()
        function().request("GET", FLOWS)
        assert clock.now() - began >= timedelta(seconds=PAUSE_SECONDS)

    def test_who_has_waited_for_its_turn_looks_whether_it_still_has_one(
        self, function, adobe: ScriptedAdobe, budgets: Budgets, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        budgets.write(ORGANISATION, Budget.full(-9, clock.now()))
        sleep = clock.sleep

        def meanwhile(seconds: float) -> None:
            sleep(seconds)
            if seconds == 5:
                budgets.write(ORGANISATION, budgets.now().model_copy(update={"opened_at": clock.now(), "epoch": 1}))
                budgets.write(
                    ORGANISATION,
                    budgets.now().model_copy(update={"probe_at": clock.now() + timedelta(seconds=30)}),
                )

        monkeypatch.setattr(clock, "sleep", meanwhile)
        with pytest.raises(CircuitOpenError):
            function().request("GET", FLOWS)
        assert adobe.calls == []

    @pytest.mark.parametrize("second", [9.5, 16])
    def test_all_its_waits_together_are_no_longer_than_one_may_be(
        self,
        function,
        adobe: ScriptedAdobe,
        budgets: Budgets,
        monkeypatch: pytest.MonkeyPatch,
        second: float,
    ) -> None:
        clock = budgets.clock
        budgets.write(ORGANISATION, Budget.full(-9, clock.now()))
        sleep = clock.sleep

        def meanwhile(seconds: float) -> None:
            sleep(seconds)
            if seconds == 5:
                behind = int(1000 - second * RATE.per_second * 1000)
                later = {"epoch": 1, "millitokens": behind, "counted_at": clock.now()}
                budgets.write(ORGANISATION, budgets.now().model_copy(update=later))

        monkeypatch.setattr(clock, "sleep", meanwhile)
        adobe.script = [ok()]
        # Twenty seconds in all: 5 and 9.5 are less, 5 and 16 are more.
        with suppress(BudgetExhaustedError):
            function().request("GET", FLOWS)
        assert clock.slept == ([5, second] if second < 15 else [5])
        assert len(adobe.calls) == (second < 15)


class TestCircuit:
    @pytest.mark.parametrize(
        "failure",
        [
            pytest.param(httpx.Response(500), id="500"),
            pytest.param(httpx.Response(504), id="504"),
            pytest.param(httpx.ReadTimeout("slow"), id="no answer"),
            pytest.param(httpx.ConnectError("refused"), id="no connection"),
        ],
    )
    def test_once_adobe_is_down_nobody_asks_it(
        self,
        function,
        adobe: ScriptedAdobe,
        budgets: Budgets,
        failure: httpx.Response | httpx.TransportError,
    ) -> None:
        adobe.script = [failure] * CIRCUIT.failures
        with pytest.raises(AdobeTransientError):
            function().request("GET", FLOWS)
        with pytest.raises(CircuitOpenError):
            function().request("GET", FLOWS)
        assert adobe.script == []
        with pytest.raises(CircuitOpenError) as caught:
            function().request("POST", FLOWS, json={})
        assert (caught.value.code, caught.value.family) == ("adobe.circuit-open", "TransientError")
        assert 0 < (caught.value.retry_after_seconds or 0) <= 30
        document = caught.value.document()
        assert (document.place, caught.value.action) == ("POST /flows", Action.WAIT)
        assert f"{budgets.now().opened_at:%H:%M}" in document.message
        assert document.hint
        assert caught.value.problem.http_status is None
        assert budgets.told == [Happening.OPENED, Happening.REFUSED, Happening.REFUSED]

    @pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 422, 429])
    def test_what_adobe_refuses_one_caller_is_no_outage(
        self, function, adobe: ScriptedAdobe, budgets: Budgets, status: int
    ) -> None:
        adobe.script = [httpx.Response(status, headers={"Retry-After": "0"})] * 12
        for _ in range(4):
            with pytest.raises(Exception, match="Adobe"):
                function().request("POST", FLOWS, json={})
        assert budgets.now().window_failures == 0
        assert budgets.now().opened_at is None

    def test_an_identity_service_that_fails_is_an_outage(
        self, function, adobe: ScriptedAdobe, budgets: Budgets
    ) -> None:
        adobe.identity_script = [httpx.Response(503)] * 12
        for _ in range(4):
            with pytest.raises(AdobeTransientError):
                function().request("GET", FLOWS)
        assert budgets.now().opened_at is not None
        assert adobe.calls == []

    @pytest.mark.parametrize("answer", [ok(), httpx.Response(404)])
    def test_one_call_tries_and_any_answer_closes_it(
        self,
        function,
        adobe: ScriptedAdobe,
        budgets: Budgets,
        answer: httpx.Response,
    ) -> None:
        down(function, adobe)
        budgets.clock.sleep(30)
        adobe.script = [answer]
        with suppress(EntityNotFoundError):
            function().request("GET", FLOWS)
        assert budgets.told[-1] is Happening.CLOSED
        assert (budgets.now().opened_at, budgets.now().ramp_from) == (None, budgets.clock.now())
        assert budgets.now().millitokens == 0, "no burst"

    def test_while_one_tries_the_others_do_not(self, function, adobe: ScriptedAdobe, clock: FixedClock) -> None:
        down(function, adobe)
        clock.sleep(30)

        def during_the_try(_: httpx.Request) -> httpx.Response:
            with pytest.raises(CircuitOpenError):
                function().request("GET", FLOWS)
            return ok()

        adobe.script = [during_the_try]
        function().request("GET", FLOWS)
        assert adobe.script == []

    def test_a_try_in_vain_costs_one_call(
        self, function, adobe: ScriptedAdobe, budgets: Budgets, clock: FixedClock
    ) -> None:
        down(function, adobe)
        clock.sleep(30)
        adobe.script = [httpx.Response(503), ok()]
        with pytest.raises(CircuitOpenError):
            function().request("GET", FLOWS)
        assert len(adobe.script) == 1
        assert budgets.told == [Happening.OPENED, Happening.REFUSED, Happening.REFUSED], "in vain, and not again"

    def test_adobe_that_throttles_the_one_that_tries_is_up(
        self, function, adobe: ScriptedAdobe, clock: FixedClock, budgets: Budgets
    ) -> None:
        down(function, adobe)
        clock.sleep(30)
        adobe.script = [httpx.Response(429, headers={"Retry-After": "60"})]
        with pytest.raises(AdobeTransientError):
            function().request("GET", FLOWS)
        assert budgets.now().opened_at is None
        assert budgets.now().counted_at == clock.now() + timedelta(seconds=60)


class TestStoreOutOfReach:
    @pytest.mark.parametrize(
        "error",
        [
            TransientError("gone", code="state.unavailable"),
            InternalError("no", code="state.access-denied"),
        ],
    )
    def test_calls_are_made_all_the_same(
        self,
        function,
        adobe: ScriptedAdobe,
        budgets: Budgets,
        clock: FixedClock,
        error: Exception,
    ) -> None:
        budgets.error = error
        adobe.script = [ok(), ok(), ok()]
        step = function()
        step.request("GET", FLOWS)
        step.request("GET", FLOWS)
        assert budgets.requests == 1, "it is left alone for a while"
        clock.sleep(UNASKED_SECONDS)
        budgets.error = None
        step.request("GET", FLOWS)
        assert budgets.requests == 3

    def test_failures_are_not_counted_then_and_stay_what_they_are(
        self, function, adobe: ScriptedAdobe, budgets: Budgets
    ) -> None:
        budgets.error = TransientError("gone", code="state.unavailable")
        adobe.script = [httpx.Response(503)] * 3
        with pytest.raises(AdobeTransientError) as caught:
            function().request("GET", FLOWS)
        assert caught.value.code == "adobe.unavailable"
        assert budgets.requests == 1
