"""The process dies right before or right after any side effect; whoever comes next finds exactly one of each."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar, cast

import httpx
import pytest

from aep_delivery.runtime.errors import TransientError
from aep_delivery.state.lock import Fence
from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.state.records import JournalEntry, JournalKey
from aep_delivery.workflow.services import LOCK_TTL
from tests.faults.harness import ATTEMPTS, CONFIG, Execution, Installation, config, shape

T = TypeVar("T")
CHANGED = config(destination={"path": "elsewhere"}, datasets=[{"name": "Airports"}], description="Changed")


class KilledError(BaseException):
    """The process is gone: nothing may catch this and go on."""


class Death:
    """Counts side effects and ends the process at one of them."""

    def __init__(self, at: str | None = None) -> None:
        self._at = at
        self.seen: list[str] = []

    def around(self, what: str, act: Callable[[], T]) -> T:
        number = len(self.seen)
        self.seen.append(what)
        if self._at == f"before-{number:02}-{what}":
            raise KilledError
        result = act()
        if self._at == f"after-{number:02}-{what}":
            raise KilledError
        return result


class MortalStore(MemoryStateStore):
    """The journal, whose every write is a moment to die at."""

    death = Death()

    def _change_entry(
        self, fence: Fence, key: JournalKey, rule: Callable[[JournalEntry], JournalEntry]
    ) -> JournalEntry:
        return self.death.around(f"journal-{key}", lambda: super(MortalStore, self)._change_entry(fence, key, rule))


class MortalHttp:
    """The way to Adobe, where every write is a moment to die at."""

    def __init__(self, http: httpx.Client, death: Death) -> None:
        self._http = http
        self._death = death

    def post(self, *args: Any, **kwargs: Any) -> httpx.Response:
        return self._http.post(*args, **kwargs)

    def request(self, method: str, url: str, **kwargs: Any) -> httpx.Response:
        if method == "GET":
            return self._http.request(method, url, **kwargs)
        name = next(part for part in reversed(shape(httpx.URL(url).path).split("/")) if part != "{id}")
        return self._death.around(f"{method}-{name}", lambda: self._http.request(method, url, **kwargs))


def _resource(kind: str, write: str) -> list[str]:
    return [f"journal-{kind}", write, f"journal-{kind}"]


CREATING = [
    *_resource("base-connection", "POST-connections"),
    *_resource("source-connection", "POST-sourceConnections"),
    *_resource("target-connection", "POST-targetConnections"),
    *_resource("dataflow", "POST-flows"),
    *_resource("ad-hoc-run", "POST-adhocrun"),
]
CHANGING = [
    *_resource("base-connection", "PATCH-connections"),
    *_resource("source-connection", "POST-sourceConnections"),
    *_resource("target-connection", "PATCH-targetConnections"),
    *_resource("dataflow", "PATCH-flows"),
    "DELETE-sourceConnections",
    "journal-source-connection",
]


def moments(effects: list[str]) -> list[str]:
    return [f"{when}-{number:02}-{what}" for number, what in enumerate(effects) for when in ("before", "after")]


def doom(stack: Installation, at: str | None) -> Death:
    death = Death(at)
    store = stack.services.store
    if not isinstance(store, MortalStore):
        mortal = MortalStore(stack.adobe.clock)
        vars(mortal).update(vars(store))
        stack.services.store = store = mortal
    store.death = death
    stack.services.http = cast("httpx.Client", MortalHttp(stack.adobe.http, death))
    return death


def survive(stack: Installation, execution: Execution) -> list[str]:
    """Have the execution's steps repeated by a new process wherever one died; returns what died."""
    deaths: list[str] = []

    def repeat(act: Callable[[], Any]) -> Any:
        for attempt in itertools.count():
            try:
                return act()
            except KilledError:
                deaths.append(execution.name)
                stack.restart()
                execution.services = stack.services
            except TransientError:
                assert attempt < ATTEMPTS
            stack.adobe.clock.sleep(10)
        raise AssertionError("unreachable")

    execution.repeat = repeat
    return deaths


def test_these_are_the_side_effects_of_creating(stack: Installation) -> None:
    death = doom(stack, None)
    stack.deliver(run=True)
    assert death.seen == CREATING


def test_these_are_the_side_effects_of_changing(stack: Installation) -> None:
    stack.deliver()
    stack.rotate_secret()
    stack.restart()
    death = doom(stack, None)
    stack.deliver(CHANGED)
    assert death.seen == CHANGING


@pytest.mark.parametrize("at", moments(CREATING))
def test_step_is_repeated_by_the_same_execution(stack: Installation, at: str) -> None:
    doom(stack, at)
    execution = stack.execution()
    deaths = survive(stack, execution)

    execution.deliver()

    assert len(deaths) == 1
    stack.assert_exactly_once(runs=1)


@pytest.mark.parametrize("at", moments(CREATING))
def test_another_execution_comes_when_the_lock_has_expired(stack: Installation, at: str) -> None:
    doom(stack, at)
    lost = stack.execution()
    lost.take_lock()
    with pytest.raises(KilledError):
        run_unlocked(lost)
    stack.restart()
    stack.adobe.clock.sleep((LOCK_TTL + timedelta(minutes=1)).total_seconds())

    stack.deliver(run=True)

    # The lost execution may have started a run of its own, and a slot has passed while its lock expired.
    assert len(stack.adobe.entities("runs")) <= 3
    stack.assert_exactly_once()


@pytest.mark.parametrize("at", moments(CHANGING))
def test_change_is_repeated_by_the_same_execution(stack: Installation, at: str) -> None:
    stack.deliver()
    secret = stack.rotate_secret()
    stack.restart()
    doom(stack, at)
    execution = stack.execution(CHANGED)
    deaths = survive(stack, execution)

    execution.deliver(run=False)

    assert len(deaths) == 1
    stack.assert_exactly_once(CHANGED)
    assert stack.adobe.secret_of(stack.adobe.only("connections")["id"]) == secret


@pytest.mark.parametrize("next_config", [CONFIG, config(datasets=[{"name": "Planes"}, {"name": "Airports"}])])
@pytest.mark.parametrize("at", [moment for moment in moments(CHANGING) if "source" in moment])
def test_config_changes_again_in_the_middle_of_a_replacement(
    stack: Installation, at: str, next_config: dict[str, Any]
) -> None:
    stack.deliver()
    stack.rotate_secret()
    stack.restart()
    doom(stack, at)
    lost = stack.execution(CHANGED)
    lost.take_lock()
    with pytest.raises(KilledError):
        run_unlocked(lost, run=False)
    stack.restart()
    stack.adobe.clock.sleep((LOCK_TTL + timedelta(minutes=1)).total_seconds())

    stack.deliver(next_config)

    stack.assert_exactly_once(next_config)


def run_unlocked(execution: Execution, *, run: bool = True) -> None:
    """The steps after the lock was taken; a process that dies gives nothing back."""
    execution.make_plan()
    execution.apply()
    if run:
        execution.start_run()
