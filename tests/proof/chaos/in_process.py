"""All of the chaos in one process: what is dropped and told, the executions that it starts, and what is left."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from aep_delivery.events.inbound import DeliveryRequest
from tests.proof.chaos.events import NEVER, NONSENSE, Drop, Foreign, Plan, object_created
from tests.proof.chaos.ground import CONFIGS, ChaosGround, ChaosServices, chaos_ground
from tests.proof.chaos.history import Change, Section, faults_of_changes, faults_of_sections, read_stream
from tests.proof.chaos.intake import CONCURRENCY, Intake
from tests.proof.chaos.rest import faults_at_rest
from tests.proof.chaos.workflow import End, Life

PATIENCE = 3600.0
"""Seconds of ours that all of it may take."""


@dataclass
class Found:
    """What came of it."""

    ends: list[End] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    executions: int = 0
    versions: int = 0
    calls: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    """Why steps were repeated."""
    threads: int = 0
    hours: float = 0.0

    @property
    def codes(self) -> Counter[str]:
        """How the executions ended."""
        return Counter(end.verdict or str(end.code) for end in self.ends)


def live(plan: Plan, folder: Path, *, seed: int = 1) -> Found:
    """Let all of it happen, wait until it is at rest, and look at what there is."""
    with chaos_ground(folder, seed) as ground:
        return _Chaos(plan, ground).live()


class _Chaos:
    def __init__(self, plan: Plan, ground: ChaosGround) -> None:
        self._plan, self._ground = plan, ground
        self._found = Found()
        self._numbers = count()
        self._turn = threading.Lock()
        self._known: set[str] = set()
        self._told: set[tuple[str, str]] = set()
        self._last: dict[str, bytes] = {}
        self._intake = Intake(ground, self._begin)

    def live(self) -> Found:
        time, found = self._ground.time, self._found
        time.start(self._happen)
        for _ in range(CONCURRENCY):
            time.start(self._intake.serve)
        self._join()
        found.threads, found.hours = time.most, time.elapsed() / 3600
        found.calls, found.faults = self._ground.transport.calls, self._ground.transport.faults
        found.troubles = self._ground.troubles
        # To look at it takes time as well.
        time.start(self._judge)
        self._join()
        return found

    def _join(self) -> None:
        self._ground.time.join(PATIENCE)
        if self._ground.time.errors:
            raise self._ground.time.errors[0]

    # ---- what happens ----

    def _happen(self) -> None:
        """Everything in the order of its time."""
        acts: list[tuple[float, int, Callable[[], None]]] = []
        order = count()
        for drop in self._plan.drops:
            versions: list[str] = []
            acts.append((drop.at, next(order), self._dropping(drop, versions)))
            acts += [(at, next(order), self._telling(drop, versions)) for at in drop.told_at]
        acts += [(foreign.at, next(order), self._meddling(foreign)) for foreign in self._plan.foreign]
        for at, _, act in sorted(acts, key=lambda one: one[:2]):
            if (wait := at - self._ground.time.elapsed()) > 0:
                self._ground.time.sleep(wait)
            act()
        self._intake.close()

    def _dropping(self, drop: Drop, versions: list[str]) -> Callable[[], None]:
        def act() -> None:
            versions.append(self._put(drop.key, drop.body))
            if drop.is_last:
                self._last[drop.key] = drop.body

        return act

    def _telling(self, drop: Drop, versions: list[str]) -> Callable[[], None]:
        return lambda: self._tell(drop.key, versions[0])

    def _meddling(self, foreign: Foreign) -> Callable[[], None]:
        def act() -> None:
            if foreign.kind == "nonsense":
                self._intake.send(NONSENSE)
            elif foreign.kind == "gone-version":
                self._tell(foreign.key, NEVER)
            elif foreign.kind == "removed-object":
                version = self._put(foreign.key, b"{}")
                self._ground.clients["s3"].delete_object(Bucket=CONFIGS, Key=foreign.key, VersionId=version)
                self._tell(foreign.key, version)
            else:
                self._intake.send(object_created(CONFIGS, foreign.key, self._put(foreign.key, b"{}")))

        return act

    def _put(self, key: str, body: bytes) -> str:
        return str(self._ground.clients["s3"].put_object(Bucket=CONFIGS, Key=key, Body=body)["VersionId"])

    def _tell(self, key: str, version: str) -> None:
        self._told.add((key, version))
        self._intake.send(object_created(CONFIGS, key, version))

    def _begin(self, name: str) -> None:
        """What Step Functions has started, once."""
        with self._turn:
            if name in self._known:
                return
            self._known.add(name)
        states = self._ground.clients["stepfunctions"]
        arn = f"{self._ground.machine.replace(':stateMachine:', ':execution:')}:{name}"
        request = DeliveryRequest.model_validate_json(states.describe_execution(executionArn=arn)["input"])
        life = Life(self._ground, name, request, lambda: next(self._numbers))
        self._ground.time.start(lambda: self._found.ends.append(life.live()))

    # ---- what came of it ----

    def _judge(self) -> None:
        found, ground = self._found, self._ground
        ground.transport.calm = True
        names = ground.executions()
        found.executions, found.versions = len(names), len(self._told)
        found.changes = read_stream(ground.clients["dynamodbstreams"], ground.stream)
        found.sections = [end.section for end in found.ends if end.section is not None]
        wrong = found.wrong
        if not len(names) == len(set(names)) == len(found.ends) == found.versions:
            wrong.append(f"{len(names)} executions, {len(found.ends)} ends, {found.versions} versions")
        if set(self._intake.dead) - {NONSENSE}:
            wrong.append("what could be understood is with the dead letters")
        wrong += faults_of_changes(found.changes) + faults_of_sections(found.sections)
        wrong += self._faults_in_adobe()

    def _faults_in_adobe(self) -> list[str]:
        there = self._ground.adobe.control("GET", "entities", params={"sandbox": "prod"})["sandboxes"]["prod"]
        runs = Counter(str(end.delivery) for end in self._found.ends for _ in end.runs)
        return faults_at_rest(self._last.values(), there, runs, ChaosServices(self._ground))
