"""The same work on both engines, and what they made of it in words that can be compared."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aep_delivery.events.inbound import execution_name, parse_inbound
from aep_delivery.runtime.clock import SystemClock
from aep_delivery.state.dynamodb import DynamoDBStateStore
from tests.second_engine.engine import Engine, FirstEngine, Outcome, SecondEngine
from tests.workflow.bench import Bench

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,}")


@dataclass(frozen=True)
class Both:
    """The outcomes of the same work."""

    first: Outcome
    second: Outcome

    def assert_same(self, *but: str) -> Outcome:
        """Fails where they differ in status, error, cause, output, the states entered, or the errors on the way.

        Args:
            but: What of this may differ.

        Returns:
            The first engine's.
        """
        one, other = told(self.first), told(self.second)
        for what, found in one.items():
            assert other[what] == found or what in but, what
        return self.first


class Engines:
    """Two engines, and a bench of deliveries for them."""

    def __init__(self, bench: Bench, second: SecondEngine) -> None:
        self.bench = bench
        self.first = FirstEngine(bench.installation.cloud)
        self.second = second

    @property
    def all(self) -> tuple[Engine, ...]:
        return self.first, self.second

    def machine(self, name: str) -> str:
        """The ARN of a state machine, by its name in the template's outputs."""
        return self.bench.installation.outputs[f"{name}StateMachineArn"]

    def request(self, config: dict[str, Any] | bytes, key: str) -> tuple[str, dict[str, Any]]:
        """Drop a config: name and input of the execution that the intake would have started."""
        body = config if isinstance(config, bytes) else json.dumps(config, indent=2).encode()
        self.bench.installation.drop(key, body)
        event = self.bench.upload_event(f"deliveries/{key}")
        requests = parse_inbound(event, config_bucket=self.bench.installation.outputs["ConfigBucketName"])
        assert isinstance(requests, list)
        [request] = requests
        return execution_name(request), json.loads(request.model_dump_json(by_alias=True))

    def deliver(self, make: Callable[[], dict[str, Any] | bytes], *, seconds: float = 240) -> Both:
        """Two deliveries that differ in their names alone, one on each engine, side by side."""
        first, second = (self.start(engine, make()) for engine in self.all)
        return Both(self.first.outcome(first, seconds=seconds), self.second.outcome(second, seconds=seconds))

    def start(self, engine: Engine, config: dict[str, Any] | bytes) -> Any:
        """Start a delivery on an engine."""
        key = f"{config['name']}.yaml" if isinstance(config, dict) else f"{uuid.uuid4()}.yaml"
        return engine.start(self.machine("Deliver"), *self.request(config, key))

    def each(self, machine: str, given: list[dict[str, Any]]) -> Both:
        """An input for each engine; the second is started when the first has ended."""
        first, second = (
            engine.outcome(engine.start(self.machine(machine), f"{machine}-{uuid.uuid4().hex[:8]}", one))
            for engine, one in zip(self.all, given, strict=True)
        )
        return Both(first, second)

    def locked_config(self) -> dict[str, Any]:
        """A config whose delivery another execution is at work on."""
        config = self.bench.config()
        self._store.acquire_lock(_id(config), "another", timedelta(hours=2))
        return config

    def unlock(self, config: dict[str, Any]) -> None:
        """The other execution lets go."""
        self._store.release_lock(_id(config), "another")

    def wait_until(self, holds: Callable[[], bool], *, seconds: float = 30) -> None:
        """Fails where it does not come to hold."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end
            time.sleep(0.05)

    @property
    def _store(self) -> DynamoDBStateStore:
        installation = self.bench.installation
        table = installation.outputs["StateTableName"]
        return DynamoDBStateStore(installation.cloud.client("dynamodb"), table, SystemClock())


def _id(config: dict[str, Any]) -> str:
    return f"{config['sandbox']}/{config['name']}"


def told(outcome: Outcome) -> dict[str, Any]:
    """What an execution tells, without what differs between any two executions: names, moments, ids."""
    return {
        "status": outcome.status,
        "error": outcome.error,
        "cause": _plain(outcome.cause, outcome.name),
        "output": json.loads(_plain(json.dumps(outcome.output), outcome.name)),
        "states": _once(outcome.states),
        "errors on the way": outcome.errors,
    }


def _once(states: list[str]) -> list[str]:
    """The states entered, with the looks at a run that has not ended left out: their number is a matter of the hour."""
    kept = list(states)
    while "WaitForRun" in kept:
        at = kept.index("WaitForRun")
        assert kept[at - 2 : at + 2] == ["CheckRun", "RunFinished", "WaitForRun", "CheckRun"]
        del kept[at - 2 : at + 1]
    return kept


def _plain(text: str, execution: str) -> str:
    names = re.compile(rf"{re.escape(execution)}|\bd-[0-9a-f]{{10}}\b|\b[A-Z]\w+-[0-9a-f]{{8}}\b")
    return _ID.sub("ID", _MOMENT.sub("MOMENT", names.sub("NAME", text)))
