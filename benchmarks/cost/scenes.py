"""Plays what an installation does in the embedded cloud, one thing after another, and notes what each took."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.cost.tally import Scene, Tally
from emulator import installation
from emulator.cloud.engine import ROOT, Cloud, start
from tests.workflow import sandboxes
from tests.workflow.audiences.stage import Stage
from tests.workflow.bench import BUCKET, SECRET, Bench, Ended

SPEED = 60
REPEATS = 2
WATCHES = ("FindRuns", "WatchFreshness", "DetectDrift")
MACHINES = ("Deliver", "VerifyRun", *WATCHES)
_WATCH_THE_CLOCK = ("PlanChanges", "StartRun", "CheckRun", "FindRuns", "LoadRun", "WatchFreshness")
"""Functions that, warm, may trust a reading of Adobe's clock for a minute."""
_QUIET = 8
"""Seconds without a line of the probe until a scene is over: the status page is drawn five seconds later."""


def play() -> dict[str, Any]:
    """What was counted, ready for JSON."""
    with tempfile.TemporaryDirectory() as temporary:
        lake, notes = Path(temporary) / "lake", Path(temporary) / "notes"
        _fill(lake)
        notes.mkdir()
        with _probed(notes), installation.install(lake, wait_scale=1 / SPEED, adhoc_ready_after=0.0) as running:
            running.add_destination(BUCKET, SECRET)
            stage = _PatientStage(running, lake)
            try:
                return _Play(stage, notes).counts()
            finally:
                stage.close()


class _PatientStage(Stage):
    """What is counted here does not depend on how busy the machine is."""

    def ended(self, arn: str, *, seconds: float = 300) -> Ended:
        return super().ended(arn, seconds=seconds)

    def forget_the_time(self) -> None:
        endpoint = self.installation.cloud.endpoint
        for function in _WATCH_THE_CLOCK:
            if sandboxes.processes(endpoint, function):
                sandboxes.kill(endpoint, function)


class _Play:
    def __init__(self, stage: Stage, notes: Path) -> None:
        self._stage = stage
        self._notes = notes
        self._tally = Tally(stage.installation, MACHINES)

    def counts(self) -> dict[str, Any]:
        stage = self._stage
        for watch in WATCHES:
            self._watch(watch, "none")
        daily = Bench.config(stage)
        self._deliver("first", daily)
        for watch in WATCHES:
            self._watch(watch, "one")
        for _ in range(REPEATS):
            self._deliver("repeated", daily)
        self._audience()
        for _ in range(2):
            self._deliver("first", Bench.config(stage))
        self._scheduled()
        known = sorted({one["deliveryId"] for one in self._watch("FindRuns", "many")})
        for watch in WATCHES[1:]:
            self._watch(watch, "many")
        document = self._tally.document(deliveries=len(known))
        # Last, for the watches would look at it and find nothing to ask Adobe about.
        self._deliver("failing", Bench.config(stage, datasets=("Internal Ledger",)))
        return self._tally.document(deliveries=len(known)) | {
            each: document[each] for each in ("tableBytes", "statusBytes")
        }

    def _audience(self) -> None:
        """At a slot of its schedule; before it, Adobe would have its files a day later."""
        stage = self._stage
        config = stage.config()
        noon = stage.morning() + timedelta(hours=4)
        stage.apply(config)
        with self._scene("audience"):
            assert stage.deliver_at(noon, config).verdict == "VERIFIED"

    def _scheduled(self) -> None:
        stage = self._stage
        first = stage.adobe_time().replace(minute=0, second=0) + timedelta(hours=12)
        config = Bench.config(
            stage,
            scheduleParams__interval=3,
            scheduleParams__startTime=first.isoformat(),
            destination__includeFileManifest=True,
        )
        self._deliver("first", config)
        later = first + timedelta(minutes=30)
        stage.control("POST", "clock", {"set": later.isoformat(), "speed": 1})
        while stage.installation.adobe.scheduler.busy:
            time.sleep(0.05)
        stage.forget_the_time()
        with self._scene("search that finds a run"):
            self._run("FindRuns")
            self._all_ended("VerifyRun")

    def _deliver(self, scene: str, config: dict[str, Any]) -> None:
        with self._scene(scene):
            self._stage.deliver(config)

    def _watch(self, watch: str, deliveries: str) -> list[dict[str, Any]]:
        with self._scene(f"{watch}, {deliveries}"):
            return self._run(watch)

    def _run(self, machine: str) -> list[dict[str, Any]]:
        running = self._stage.installation
        arn = running.outputs[f"{machine}StateMachineArn"]
        client = running.cloud.client("stepfunctions")
        ended = running.finished(client.start_execution(stateMachineArn=arn, input="{}")["executionArn"], seconds=240)
        found: list[dict[str, Any]] = json.loads(ended["output"])["deliveries"]
        return found

    def _all_ended(self, machine: str) -> None:
        running = self._stage.installation
        arn = running.outputs[f"{machine}StateMachineArn"]
        listed = running.cloud.client("stepfunctions").list_executions(stateMachineArn=arn)["executions"]
        assert listed, "no run was found"
        for one in listed:
            running.finished(one["executionArn"], seconds=240)

    @contextlib.contextmanager
    def _scene(self, name: str) -> Iterator[None]:
        began = time.time()
        yield
        self._wait_until_quiet()
        self._tally.add(Scene(name=name, began=began, ended=time.time(), lines=self._lines(began)))
        print(f"  {name}: {time.time() - began:.0f} s", flush=True)  # noqa: T201 - it takes minutes

    def _lines(self, since: float) -> list[dict[str, Any]]:
        lines = (json.loads(line) for file in self._notes.glob("*.jsonl") for line in file.read_text().splitlines())
        return [line for line in lines if line["at"] >= since]

    def _wait_until_quiet(self) -> None:
        depth = -1
        while True:
            latest = max((file.stat().st_mtime for file in self._notes.glob("*.jsonl")), default=0.0)
            depth = self._stage.installation.queue_depth("IntakeQueueUrl")
            if depth == 0 and time.time() - latest > _QUIET:
                return
            time.sleep(0.5)


@contextlib.contextmanager
def _probed(notes: Path) -> Iterator[None]:
    """Clouds that are started in the context count what happens in them."""
    path = os.pathsep.join(map(str, (ROOT / "benchmarks" / "cost" / "probe", ROOT / "shared", ROOT)))

    def counting(*, wait_scale: float, environment: Mapping[str, str]) -> AbstractContextManager[Cloud]:
        counted = {**environment, "PYTHONPATH": path, "COST_PROBE": str(notes)}
        return start(wait_scale=wait_scale, environment=counted)

    with mock.patch.object(installation, "start", counting):
        yield


def _fill(lake: Path) -> None:
    """Small, for what reading files takes is reckoned by their size."""
    orders = lake / "orders"
    orders.mkdir(parents=True)
    (orders / "dataset.json").write_text(json.dumps({"name": "Orders"}))
    (orders / "part-1.json").write_text("".join(json.dumps({"orderID": n, "items": [n]}) + "\n" for n in range(300)))
    with (lake / "Stores.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "city"], *([n, f"city {n}"] for n in range(40))])
    private = lake / "secrets"
    private.mkdir()
    (private / "dataset.json").write_text(json.dumps({"name": "Internal Ledger", "exportable": False}))
    (private / "ledger.json").write_text('{"a": 1}\n')
    store = lake / "_profiles"
    store.mkdir()
    (store / "profiles.ndjson").write_text("".join(json.dumps(_profile(n)) + "\n" for n in range(60)))
    audience = {
        "id": "25768be6-ebd5-45cc-8913-12fb3f348600",
        "name": "Loyalty Gold",
        "where": {"loyalty.tier": "gold"},
    }
    # YAML reads JSON.
    (store / "audiences.yaml").write_text(json.dumps({"audiences": [audience]}))


def _profile(number: int) -> dict[str, Any]:
    email = f"person.{number}@example.com"
    return {
        "identityMap": {"Email": [{"id": email, "primary": True}], "CRMID": [{"id": f"C-{number}"}]},
        "person": {"name": {"firstName": f"Zoë {number}"}},
        "personalEmail": {"address": email},
        "loyalty": {"tier": "gold" if number % 6 == 0 else "silver", "points": number},
        "consents": {"marketing": {"email": {"val": "y" if number % 3 == 1 else "n"}}},
    }
