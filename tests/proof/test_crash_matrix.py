"""The process dies right before and right after anything that a step does, and the step is done again by another.

What a step does is not written down: each scenario is run once with nobody dying, and what it did are the moments to
die at: every write to Adobe, every call of the journal, every document, every event.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any

import httpx
import pytest

from aep_delivery.events.outbound import OutboundEvent
from tests.faults.test_crashes import KilledError
from tests.proof.adobe_faults import operation_of
from tests.proof.conftest import Ground, ProofInstallation
from tests.proof.figures import PROOF, write_figures
from tests.proof.leaks import LEAKS
from tests.proof.scenarios import SCENARIOS, Scenario

Moment = tuple[str, int, str]
"""What is done, which time it is, and ``before`` or ``after``."""


class Fate:
    """Counts what is done, and ends the process once."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.moment: Moment | None = None
        self.deaths = 0

    def around(self, what: str, act: Callable[[], Any]) -> Any:
        """Do it, unless this is the moment."""
        self.seen[what] += 1
        at = (what, self.seen[what])
        self._die_at((*at, "before"))
        result = act()
        self._die_at((*at, "after"))
        return result

    def _die_at(self, moment: Moment) -> None:
        if moment == self.moment:
            self.moment = None
            self.deaths += 1
            raise KilledError


class Mortal:
    """Something whose every call is a moment to die at."""

    def __init__(self, inner: Any, name: str, fate: Fate) -> None:
        self._inner, self._name, self._fate = inner, name, fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found
        return lambda *args, **kwargs: self._fate.around(f"{self._name}.{name}", lambda: found(*args, **kwargs))


NOBODY_DIED = "nobody died"
"""The moment did not come: how often a run is looked at depends on the machine."""


class MortalTransport(httpx.BaseTransport):
    """The way to Adobe, where every write is such a moment."""

    def __init__(self, inner: httpx.BaseTransport, fate: Fate) -> None:
        self._inner, self._fate = inner, fate

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" or "/ims/" in request.url.path:
            return self._inner.handle_request(request)
        answer: httpx.Response = self._fate.around(operation_of(request), lambda: self._inner.handle_request(request))
        return answer


class Bus:
    """Hears every event."""

    def __init__(self) -> None:
        self.ids: dict[str, set[str]] = {}

    def publish(self, event: OutboundEvent) -> None:
        LEAKS.publish(event)
        self.ids.setdefault(event.detail_type, set()).add(event.detail.event_id)


class MortalInstallation(ProofInstallation):
    """A stack whose processes die, and which remembers what was told."""

    http: httpx.Client

    def restart(self) -> None:
        super().restart()
        self.services.http = self.http


def live(ground: Ground, scenario: Scenario, moment: Moment | None) -> tuple[Fate, list[str], dict[str, set[str]]]:
    """The scenario with one death; what was done, what is wrong at the end, and what was told."""
    fresh = ground.fresh()
    stack = MortalInstallation(fresh.adobe, fresh.services)
    stack.publisher, stack.http = Bus(), fresh.services.http
    scenario.prepare(stack)
    fate, bus = Fate(), Bus()
    services = stack.services
    stack.publisher = Mortal(bus, "bus", fate)
    vars(services).update(
        store=Mortal(services.store, "store", fate),
        documents=Mortal(services.documents, "documents", fate),
        publisher=stack.publisher,
    )
    stack.http = services.http = httpx.Client(transport=MortalTransport(ground.transport, fate), trust_env=False)
    fate.moment = moment
    scenario.act(stack)
    fate.moment = None
    # To look at the end is to plan once more, which is told too.
    seen, told = Counter(fate.seen), {kind: set(ids) for kind, ids in bus.ids.items()}
    wrong = scenario.faults_of_the_end(stack)
    wrong += LEAKS.found(stack)
    runs = len(stack.adobe.entities("runs"))
    if scenario.runs and runs != 1:
        wrong.append(f"{runs} runs instead of one")
    wrong += [f"{kind} was told under {len(ids)} ids" for kind, ids in told.items() if len(ids) != 1]
    fate.seen = seen
    return fate, wrong, told


def moments(ground: Ground, scenario: Scenario) -> tuple[list[Moment], set[str]]:
    """All moments of a life without death, and what is told in it."""
    fate, wrong, told = live(ground, scenario, None)
    assert wrong == []
    found = [
        (what, nth, when)
        for what, times in fate.seen.items()
        for nth in range(1, times + 1)
        for when in ("before", "after")
    ]
    return found, set(told)


def die(ground: Ground, scenario: Scenario, moment: Moment, told: set[str]) -> list[str]:
    """What one death spoils."""
    try:
        fate, wrong, heard = live(ground, scenario, moment)
    except Exception as error:  # noqa: BLE001 - one death must not hide what becomes of the others
        return [f"{scenario.name}, {moment}: {type(error).__name__}: {str(error)[:300]}"]
    if fate.deaths == 0:
        return [f"{scenario.name}, {moment}: {NOBODY_DIED}"]
    lost = [f"{kind} was not told" for kind in sorted(told - set(heard))]
    return [f"{scenario.name}, {moment}: {one}" for one in [*wrong, *lost]]


@pytest.mark.timeout(900)
@pytest.mark.usefixtures("overheard")
def test_a_sample_of_deaths(ground: Ground) -> None:
    """One death at each kind of thing that is done in each scenario, in turn before and after it."""
    turns, wrong = count(), []
    for scenario in SCENARIOS:
        found, told = moments(ground, scenario)
        for what in dict.fromkeys(moment[0] for moment in found):
            ones = [moment for moment in found if moment[0] == what]
            wrong += die(ground, scenario, ones[next(turns) * 3 % len(ones)], told)
    assert [one for one in wrong if not one.endswith(NOBODY_DIED)] == []


@pytest.mark.skipif(not PROOF, reason="takes minutes: make proof")
@pytest.mark.timeout(7200)
@pytest.mark.usefixtures("overheard")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_death(ground: Ground, scenario: Scenario) -> None:
    """Before and after each single thing that is done."""
    started = time.monotonic()
    found, told = moments(ground, scenario)
    results = [die(ground, scenario, moment, told) for moment in found]
    wrong = [one for result in results for one in result if not one.endswith(NOBODY_DIED)]
    unmet = sum(one.endswith(NOBODY_DIED) for result in results for one in result)
    assert unmet <= len(found) // 20
    spoilt = sum(map(bool, results)) - unmet
    write_figures(
        f"deaths-{scenario.name}",
        what=f"Deaths of processes: {scenario.name}",
        cells=len(found) - unmet,
        operations=len({moment[0] for moment in found}),
        faults=2,
        recovered=len(found) - unmet - spoilt,
        refused=0,
        wrong=spoilt,
        seconds=time.monotonic() - started,
    )
    assert wrong == []
