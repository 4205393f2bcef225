"""Starts the runs of dataflows when the emulated clock passes their slots, and carries runs out."""

from __future__ import annotations

import logging
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from emulator.adobe import audience_work, dataset_work, slots
from emulator.adobe.entities import Entity, Sandbox
from emulator.adobe.http import Json
from emulator.adobe.lake import LakeError
from emulator.adobe.runs import Run, Stage
from emulator.adobe.sinks import SinkError
from emulator.adobe.work import Chain, Result, Work
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
            world.segmentation.settle(now)
            for sandbox in world.sandboxes.values():
                sandbox.settle()
                for flow in list(sandbox.entities["flows"].values()):
                    self._start_due(sandbox, flow, now)

    def start_run(
        self,
        sandbox: Sandbox,
        flow: Entity,
        created: datetime,
        *,
        datasets: tuple[str, ...] | None = None,
        audiences: tuple[str, ...] = (),
        slot: datetime | None = None,
    ) -> Run:
        """Create a run and queue it. Needs the world's lock.

        Args:
            sandbox: the flow's.
            flow: what runs.
            created: when.
            datasets: of an ad-hoc run, those asked for.
            audiences: of an audience flow, those that the run carries.
            slot: the scheduled moment; None for an ad-hoc run.
        """
        run = Run(
            flow_id=flow.id,
            flow_spec=flow.document["flowSpec"],
            source_id=flow.document["sourceConnectionIds"][0],
            target_id=flow.document["targetConnectionIds"][0],
            created_at=created,
            wording=self._world.turn("run", 3),
            datasets=datasets,
            audiences=audiences,
            slot=slot,
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
        try:
            due = list(slots.due(self._world, sandbox, flow, after, now))
        except LakeError as error:
            logger.warning("flow %s is not run: %s", flow.id, error)
            return
        for slot in due:
            created = min(now, slot.at + timedelta(seconds=1))
            self.start_run(sandbox, flow, created, audiences=slot.audiences, slot=slot.at)

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
            work = self._plan(sandbox, run)
        if planted is not None and planted.kind == "stall":
            return
        errors: list[Json] = []
        result: Result | None = None
        if planted is not None and planted.kind == "fail":
            errors = list(planted.errors) or [ABORTED]
        elif work is None:
            errors = [
                ABORTED,
                _error("FLOW-1430-400", "The dataflow or one of its connections does not exist any more"),
            ]
        else:
            try:
                result = work.carry_out()
            except (LakeError, SinkError) as error:
                errors = [ABORTED, _error("CONNECTOR-2001-500", str(error))]
        with world.lock:
            if world.epoch != epoch:
                return
            elapsed = max(world.clock.now() - began, timedelta(milliseconds=5))
            run.completed_at = run.started_at + elapsed
            run.errors = tuple(errors)
            if result is not None:
                run.tallies, run.manifest = result.tallies, result.manifest
                # Only what a successful run carried is behind the watermark: a failed one is made up for by the next.
                result.commit()
            if planted is not None and planted.kind == "partial":
                run.errors, run.failed_records = planted.errors, 1
            run.move(Stage.FAILED if errors else Stage.SUCCESS, run.completed_at)

    def _plan(self, sandbox: Sandbox, run: Run) -> Work | None:
        """None where the flow, or a connection of it, was deleted before the run began."""
        world, chain = self._world, Chain.of(run, sandbox)
        if chain is None:
            return None
        if world.specs.exports_datasets(chain.flow.document["flowSpec"]["id"]):
            return dataset_work.plan(world, sandbox, run, chain)
        return audience_work.plan(world, sandbox, run, chain)


def _error(code: str, message: str) -> Json:
    return {"code": code, "message": message}
