"""Plans and applies in this process, through the very functions that are the steps of the ``deliver`` workflow."""

from __future__ import annotations

import contextlib
import getpass
import re
import uuid
from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path

from aep_delivery.applying.staleness import refuse_older_journal
from aep_delivery.cli.config_file import read_config
from aep_delivery.cli.connection import Connection
from aep_delivery.cli.interruption import interruptible
from aep_delivery.events.outbound import NoBus
from aep_delivery.planning.plan import Plan
from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.workflow.documents import MemoryDocuments, folder_of, read_document, write_document
from aep_delivery.workflow.in_process import apply_plan, patiently
from aep_delivery.workflow.messages import (
    AcquireLock,
    DeliveryRef,
    EnsuredResource,
    LockRef,
    PlanChanges,
    PlanRef,
    ReleaseLock,
)
from aep_delivery.workflow.steps.lock import acquire_lock, release_lock
from aep_delivery.workflow.steps.plan_changes import plan_changes

_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9_-]+")


def execution_name(kind: str = "cli") -> str:
    """A name for the lock and the documents of one command: ``cli-<user>-<random>``."""
    try:
        user = _NOT_IN_NAME.sub("-", getpass.getuser())[:40]
    except (KeyError, OSError):
        user = "unknown"
    return f"{kind}-{user}-{uuid.uuid4().hex[:12]}"


class LocalExecution:
    """One config, planned and applied here. Documents stay in memory until something is applied.

    Args:
        connection: The installation.
        file: The config.
        tell: Gets a line for people where something takes long.

    Raises:
        ConfigError: The config has mistakes.
    """

    def __init__(self, connection: Connection, file: Path, tell: Callable[[str], None]) -> None:
        self.name = execution_name()
        self._tell = tell
        self._installed = connection.services
        self._drafts = MemoryDocuments()
        # The steps read and write drafts; the work bucket is for what was applied.
        self._services = copy(self._installed)
        self._services.documents = self._drafts
        self._services.publisher = NoBus()
        document = read_config(file)
        self.delivery_id = document.delivery().delivery_id
        self.folder = folder_of(self.delivery_id, self.name)
        key = write_document(self._drafts, f"{self.folder}/config.json", document)
        self._delivery = DeliveryRef(delivery_id=self.delivery_id, config=key)

    def plan(self) -> Plan:
        """Compare the config with Adobe. Writes nothing anywhere. Raises as the step ``plan_changes``."""
        message = PlanChanges(execution=self.name, delivery=self._delivery)
        planned = patiently(lambda: plan_changes(message, self._services), self._services.clock, self._tell)
        return read_document(self._drafts, planned.plan, Plan)

    def apply(self, plan: Plan, done: Callable[[EnsuredResource], None]) -> list[EnsuredResource]:
        """Take the lock, do what the plan says and nothing beyond it, give the lock back.

        Args:
            plan: Of this delivery.
            done: Gets each resource once it is as planned.

        Raises:
            UserError: ``plan.stale``, or what the steps raise.
            LockHeldError: Another execution is at work on the delivery.
        """
        with self._lock() as lock:
            refuse_older_journal(plan, self._services.store.read_serial(self.delivery_id))
            reference = self._keep(plan)
            return apply_plan(self.name, self._delivery, reference, lock, self._services, done=done, tell=self._tell)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[LockRef]:
        with interruptible():
            try:
                yield acquire_lock(AcquireLock(execution=self.name, delivery=self._delivery), self._services)
            finally:
                self._release()

    def _release(self) -> None:
        try:
            release_lock(ReleaseLock(execution=self.name, delivery=self._delivery), self._services)
        except DeliveryError as error:
            # What stopped the work, if anything did, is the more important news.
            self._tell(f"The lock of {self.delivery_id} could not be given back, it will expire: {error}")

    def _keep(self, plan: Plan) -> PlanRef:
        """Keep config and plan in the work bucket, before anything changes: they are the evidence of what was done."""
        key = write_document(self._drafts, f"{self.folder}/plan.json", plan)
        for kept, body in self._drafts.kept.items():
            self._installed.documents.put(kept, body)
        return PlanRef(plan=key, changes=plan.changes, warnings=len(plan.warnings), audiences=len(plan.audiences))
