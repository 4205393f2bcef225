"""Starts the runs of dataset dataflows when the emulated clock passes their slots, and carries runs out."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from emulator.adobe import schedule
from emulator.adobe.entities import Entity, Sandbox
from emulator.adobe.exporter import DatasetExport, Exporter, Job, Watermark
from emulator.adobe.http import Json
from emulator.adobe.lake import Dataset, LakeError
from emulator.adobe.layout import Place
from emulator.adobe.runs import Run, Stage
from emulator.adobe.specs import S3_SPECS
from emulator.adobe.storage import StorageError
from emulator.adobe.world import World

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.05
WORKERS = 4
ABORTED = {"code": "ACTIVATION_BATCH-0000-FAILED", "message": "Job aborted."}


@dataclass(frozen=True)
class Outcome:
    """How a planted run ends instead of as it would: ``fail``, ``partial`` (after the export) or ``stall``."""

    kind: str
    errors: tuple[Json, ...] = ()


@dataclass(frozen=True)
class _Plan:
    """What a run works on, taken under the lock."""

    job: Job
    connection_spec: str
    auth: Json
    datasets: Sequence[tuple[str, Dataset | None, Watermark]]
    incremental: bool


class Scheduler:
    """Runs of one dataflow are carried out one after the other, those of different dataflows side by side."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="export")
        self._queues: dict[str, deque[tuple[Sandbox, Run]]] = {}
        self._outcomes: deque[Outcome] = deque()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="scheduler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Start nothing more and wait for the export that is under way."""
        self._stop.set()
        self._thread.join()
        self._executor.shutdown(wait=True, cancel_futures=True)

    @property
    def busy(self) -> bool:
        """Whether a run is under way or waiting to be."""
        with self._world.lock:
            return bool(self._queues)

    def settle(self) -> None:
        """Let everything happen that the clock has reached: the service's own changes, then due runs slot by slot."""
        world = self._world
        with world.lock:
            now = world.clock.now()
            for sandbox in world.sandboxes.values():
                sandbox.settle()
                for flow in list(sandbox.entities["flows"].values()):
                    self._start_due(sandbox, flow, now)

    def start_run(
        self, sandbox: Sandbox, flow: Entity, created: datetime, datasets: tuple[str, ...] | None = None
    ) -> Run:
        """Create a run and queue it. Needs the world's lock."""
        run = Run(
            flow_id=flow.id,
            flow_spec=flow.document["flowSpec"],
            source_id=flow.document["sourceConnectionIds"][0],
            target_id=flow.document["targetConnectionIds"][0],
            created_at=created,
            wording=self._world.turn("run", 3),
            datasets=datasets,
        )
        sandbox.runs[run.id] = run
        queue = self._queues.get(flow.id)
        if queue is None:
            self._queues[flow.id] = deque([(sandbox, run)])
            self._executor.submit(self._drain, flow.id)
        else:
            queue.append((sandbox, run))
        return run

    def plant(self, outcome: Outcome, times: int) -> None:
        with self._world.lock:
            self._outcomes.extend([outcome] * times)

    def clear_planted(self) -> None:
        with self._world.lock:
            self._outcomes.clear()

    def _watch(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            self.settle()

    def _start_due(self, sandbox: Sandbox, flow: Entity, now: datetime) -> None:
        after = flow.settled_until
        if after is None or after >= now:
            return
        flow.settled_until = now
        if flow.state != "enabled" or flow.deleting:
            return
        for slot in schedule.slots(flow.document["scheduleParams"], flow.created_at, after, now):
            self.start_run(sandbox, flow, min(now, slot + timedelta(seconds=1)))

    def _drain(self, flow_id: str) -> None:
        world = self._world
        while True:
            with world.lock:
                queue = self._queues[flow_id]
                if not queue or self._stop.is_set():
                    del self._queues[flow_id]
                    return
                sandbox, run = queue.popleft()
            try:
                self._carry_out(sandbox, run)
            except Exception:
                # The end of a thread: a fault of our own must be seen, and must not stop the flow's later runs.
                logger.exception("run %s of flow %s broke off", run.id, flow_id)
                with world.lock:
                    run.errors = (ABORTED,)
                    run.move(Stage.FAILED, world.clock.now())

    def _carry_out(self, sandbox: Sandbox, run: Run) -> None:
        world = self._world
        with world.lock:
            if run.id not in sandbox.runs:
                return
            began, epoch = world.clock.now(), world.epoch
            run.started_at = min(began, run.created_at + timedelta(seconds=1))
            run.move(Stage.PROCESSING, run.started_at)
            planted = self._outcomes.popleft() if self._outcomes else None
            plan = self._plan(sandbox, run)
        if planted is not None and planted.kind == "stall":
            return
        errors: list[Json] = []
        exports: list[DatasetExport] = []
        manifest: Json = {}
        if planted is not None and planted.kind == "fail":
            errors = list(planted.errors) or [ABORTED]
        elif plan is None:
            errors = [
                ABORTED,
                _error("FLOW-1430-400", "The dataflow or one of its connections does not exist any more"),
            ]
        else:
            try:
                exports, manifest = _export(plan, world)
            except (LakeError, StorageError) as error:
                errors = [ABORTED, _error("CONNECTOR-2001-500", str(error))]
        with world.lock:
            if world.epoch != epoch:
                return
            elapsed = max(world.clock.now() - began, timedelta(milliseconds=5))
            run.completed_at = run.started_at + elapsed
            run.errors = tuple(errors)
            run.tallies = tuple(export.tally for export in exports)
            run.manifest = manifest
            if planted is not None and planted.kind == "partial":
                run.errors, run.failed_records = planted.errors, 1
            run.move(Stage.FAILED if errors else Stage.SUCCESS, run.completed_at)
            # Only what a successful run carried is behind the watermark: a failed one is made up for by the next.
            if plan is not None and plan.incremental and not errors:
                for export in exports:
                    world.watermarks[run.flow_id, export.tally.dataset_id] = export.watermark

    def _plan(self, sandbox: Sandbox, run: Run) -> _Plan | None:
        """None where the flow, or a connection of it, was deleted before the run began."""
        world = self._world
        flow = sandbox.entities["flows"].get(run.flow_id)
        source = sandbox.entities["sourceConnections"].get(run.source_id)
        target = sandbox.entities["targetConnections"].get(run.target_id)
        base = sandbox.entities["connections"].get(target.document["baseConnectionId"]) if target else None
        if flow is None or source is None or target is None or base is None:
            return None
        params = flow.document["scheduleParams"]
        incremental = not schedule.is_full(params)
        spec_id = target.document["connectionSpec"]["id"]
        place = Place(
            destination=world.specs.connections[spec_id]["name"],
            flow_id=flow.id,
            flow_name=flow.document["name"],
            sandbox=sandbox.name,
            organization=world.settings.org_name,
        )
        datasets = []
        for item in source.document["params"]["datasets"]:
            dataset_id = item["dataSetId"]
            if run.datasets is None or dataset_id in run.datasets:
                known = world.watermarks.get((flow.id, dataset_id), {}) if incremental else {}
                datasets.append((dataset_id, world.lake.find(sandbox.name, dataset_id), known))
        job = Job(
            run.id,
            target.id,
            target.document["params"],
            params.get("foldernameTemplate"),
            place,
            run.created_at,
            world.settings.rows_per_part,
        )
        return _Plan(job, spec_id, base.document.get("auth", {}), datasets, incremental)


def _export(plan: _Plan, world: World) -> tuple[list[DatasetExport], Json]:
    if plan.connection_spec not in S3_SPECS:
        raise StorageError("The emulator exports to Amazon S3 only")
    exporter = Exporter(plan.job, world.storages.bucket(plan.auth, plan.job.params["bucketName"]))
    exports = []
    for dataset_id, dataset, known in plan.datasets:
        if dataset is None:
            raise LakeError(f"Dataset {dataset_id} does not exist any more")
        exports.append(exporter.export(dataset, known))
    return exports, exporter.write_manifests()


def _error(code: str, message: str) -> Json:
    return {"code": code, "message": message}
