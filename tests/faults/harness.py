"""Deliveries that go through the real steps against the Adobe emulator, and the means to disturb them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import IO, Any, TypeVar

import httpx

from aep_delivery.config.load import load_config
from aep_delivery.events.outbound import NoBus
from aep_delivery.planning.plan import Plan
from aep_delivery.running.models import AwaitedRun
from aep_delivery.runtime.errors import TransientError
from aep_delivery.runtime.secrets import MemorySecrets
from aep_delivery.runtime.settings import Settings
from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.state.records import ResourceKind
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.workflow.config_document import ConfigDocument
from aep_delivery.workflow.documents import MemoryDocuments, folder_of, read_document, write_document
from aep_delivery.workflow.messages import (
    AcquireLock,
    DeliveryRef,
    EnsuredResource,
    EnsureResource,
    LockRef,
    PlanChanges,
    PlanRef,
    ReleaseLock,
    StartRun,
)
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.steps import ensure_resource, lock
from aep_delivery.workflow.steps.plan_changes import plan_changes
from aep_delivery.workflow.steps.start_run import start_run
from emulator.adobe import server
from emulator.adobe.settings import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_ORG, DEFAULT_SCOPES

FLOW_SERVICE = "/data/foundation/flowservice"
START = datetime(2027, 1, 1, 0, 30, tzinfo=UTC)
KINDS = ("connections", "sourceConnections", "targetConnections", "flows")
RESOURCES = tuple(kind for kind in ResourceKind if kind is not ResourceKind.PROFILE_STORE_CONNECTION)
"""Those of a delivery of datasets, in the order of KINDS."""
ONE_OF_EACH = dict.fromkeys(KINDS, 1)
ATTEMPTS = 21
"""Of a step: the first and the twenty retries that the workflow allows for transient errors."""
LONGEST_DELAY = 180.0
"""Seconds between two of them."""
ENSURE = (
    ensure_resource.ensure_base_connection,
    ensure_resource.ensure_source_connection,
    ensure_resource.ensure_target_connection,
    ensure_resource.ensure_dataflow,
)
PLANES, AIRPORTS = "5ef3e324052581191aa6a466", "6ab3e324052581191aa6a477"
T = TypeVar("T")

CONFIG: dict[str, Any] = {
    "version": 1,
    "name": "planes",
    "sandbox": "prod",
    "destination": {
        "type": "amazon-s3",
        "auth": {"type": "access-key", "secret": "secret://planes-destination"},
        "bucketName": "delivered",
        "path": "exports/planes",
        "datasetFileType": "PARQUET",
        "compression": "NONE",
    },
    "datasets": [{"name": "Planes"}],
    "scheduleParams": {"exportMode": "FIRST_FULL_THEN_INCREMENTAL", "interval": 3, "timeUnit": "hour"},
    "run": {"trigger": "NOW"},
}


def config(**changes: Any) -> dict[str, Any]:
    """CONFIG with some values changed: ``config(destination={"path": "elsewhere"})``."""
    merged = {**CONFIG}
    for name, value in changes.items():
        merged[name] = {**CONFIG[name], **value} if isinstance(value, dict) else value
    return merged


class NoStorage:
    """Takes every key and every file, and keeps none: what is exported is not what these tests are about."""

    def accepts(self, spec_id: str, auth: object) -> bool:
        return True

    def open(self, spec_id: str, auth: object, params: object) -> NoStorage:
        return self

    def root(self, spec_id: str, params: object) -> str:
        return ""

    def put(self, key: str, body: IO[bytes] | bytes) -> None:
        return


class SharedClock:
    """Adobe's clock as ours: it stands still until somebody sleeps."""

    def __init__(self, emulator: server.Emulator) -> None:
        self._clock = emulator.world.clock

    def now(self) -> datetime:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self._clock.advance(seconds)


class LocalServices(Services):
    """The services of the steps with everything but Adobe in memory."""

    documents: MemoryDocuments
    secrets: MemorySecrets

    def __init__(self, adobe: Adobe) -> None:
        url = adobe.emulator.base_url
        settings = Settings(
            owner="the-stack",
            state_table="state",
            work_bucket="work",
            adobe_secret="adobe",
            adobe_api_url=url,
            adobe_ims_url=url,
            allow_loopback_http=True,
        )
        super().__init__(settings, adobe.clock)
        self.documents = MemoryDocuments()
        self.publisher = NoBus()
        self.store = MemoryStateStore(adobe.clock)
        self.http = adobe.http
        self.keep_manners_here()
        credential = {
            "client_id": DEFAULT_CLIENT_ID,
            "client_secret": DEFAULT_CLIENT_SECRET,
            "org_id": DEFAULT_ORG,
            "scopes": ",".join(DEFAULT_SCOPES),
        }
        destination = {"s3AccessKey": "AKIAIOSFODNN7EXAMPLE", "s3SecretKey": "Aa" * 20}
        self.secrets = MemorySecrets({"adobe": json.dumps(credential), "planes-destination": json.dumps(destination)})

    def reader(self, config: object) -> MemoryReader:
        return MemoryReader()


@dataclass
class Adobe:
    """The emulator, and how a test looks at it and meddles with it."""

    emulator: server.Emulator
    http: httpx.Client
    clock: SharedClock

    def control(self, method: str, path: str, body: object = None, **kwargs: Any) -> Any:
        response = self.http.request(method, f"{self.emulator.base_url}/_emulator/{path}", json=body, **kwargs)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def requests(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.control("GET", "requests")["requests"]
        return entries

    def calls(self) -> list[str]:
        """What was asked of Adobe, without ids and queries."""
        return [f"{entry['method']} {shape(entry['path'])}" for entry in self.requests()]

    def writes(self) -> list[str]:
        return [call for call in self.calls() if not call.startswith("GET ") and "/ims/" not in call]

    def forget_requests(self) -> None:
        self.control("DELETE", "requests")

    def entities(self, kind: str) -> list[dict[str, Any]]:
        sandbox = self.control("GET", "entities", params={"sandbox": "prod"})["sandboxes"]["prod"]
        items: list[dict[str, Any]] = sandbox[kind]["items"]
        return items

    def only(self, kind: str) -> dict[str, Any]:
        (entity,) = self.entities(kind)
        return entity

    def counts(self) -> dict[str, int]:
        return {kind: len(self.entities(kind)) for kind in KINDS}

    def secret_of(self, connection_id: str) -> str:
        sandbox = self.emulator.world.sandboxes["prod"]
        return str(sandbox.entities["connections"][connection_id].document["auth"]["params"]["s3SecretKey"])

    def edit(self, kind: str, entity_id: str, *operations: dict[str, Any]) -> None:
        """What a person does in the UI."""
        self.control(
            "POST", "entities/edit", {"sandbox": "prod", "kind": kind, "id": entity_id, "patch": [*operations]}
        )

    def delete(self, kind: str, entity_id: str) -> None:
        """What a person deletes in the UI: gone at once, references or not."""
        del self.emulator.world.sandboxes["prod"].entities[kind][entity_id]

    def copy(self, kind: str, entity_id: str, **changes: Any) -> str:
        """Another entity like this one, as a script of somebody's might make it."""
        sandbox = self.emulator.world.sandboxes["prod"]
        original = sandbox.entities[kind][entity_id]
        return sandbox.create(kind, {**original.document, **changes}, "a.person@example.com").id

    def plant(self, call: str, action: dict[str, Any], *, nth: int = 1, times: int = 1) -> None:
        """Have the `nth` call of this shape fail."""
        method, _, path = call.partition(" ")
        pattern = "^" + re.escape(path).replace(re.escape("{id}"), "[^/?]+") + r"(\?|$)"
        self.control(
            "POST", "faults", {"method": method, "path": pattern, "nth": nth, "times": times, "action": action}
        )

    def hits(self) -> int:
        return sum(fault["hits"] for fault in self.control("GET", "faults")["faults"])


def shape(path: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{id}", path)


@dataclass
class Execution:
    """One execution of the workflow up to the run: its steps, each repeated as the workflow would."""

    services: Services
    name: str
    config: dict[str, Any]
    delivery: DeliveryRef = field(init=False)
    lock: LockRef = field(init=False)
    plan: PlanRef = field(init=False)
    resources: list[EnsuredResource] = field(default_factory=list)
    run: AwaitedRun | None = None
    repeat: Callable[[Callable[[], Any]], Any] | None = None
    """Replaces the repeating of a step, for what is harder than a transient error."""

    def load(self) -> None:
        parsed = load_config(json.dumps(self.config).encode(), "planes.yaml")
        document = ConfigDocument(source="planes.yaml", positions={}, config=parsed.document())
        key = f"{folder_of(parsed.delivery_id, self.name)}/config.json"
        self.delivery = DeliveryRef(
            delivery_id=parsed.delivery_id, config=write_document(self.services.documents, key, document)
        )

    def make_plan(self) -> Plan:
        self.load()
        self.plan = self.step(
            lambda: plan_changes(PlanChanges(execution=self.name, delivery=self.delivery), self.services)
        )
        return read_document(self.services.documents, self.plan.plan, Plan)

    def apply(self) -> list[EnsuredResource]:
        for ensure in ENSURE:
            message = EnsureResource(
                execution=self.name,
                delivery=self.delivery,
                lock=self.lock,
                plan=self.plan,
                resources=list(self.resources),
            )
            self.resources.append(self.step(partial(self._ensure, ensure, message)))
        return self.resources

    def _ensure(
        self, ensure: Callable[[EnsureResource, Services], EnsuredResource], message: EnsureResource
    ) -> EnsuredResource:
        # Not bound to the services of the first attempt: another process may make the next.
        return ensure(message, self.services)

    def start_run(self) -> AwaitedRun:
        message = StartRun(
            execution=self.name,
            delivery=self.delivery,
            lock=self.lock,
            plan=self.plan,
            resources=self.resources,
        )
        self.run = self.step(lambda: start_run(message, self.services))
        return self.run

    def take_lock(self) -> None:
        self.load()
        message = AcquireLock(execution=self.name, delivery=self.delivery)
        self.lock = self.step(lambda: lock.acquire_lock(message, self.services))

    def release_lock(self) -> None:
        lock.release_lock(ReleaseLock(execution=self.name, delivery=self.delivery), self.services)

    def deliver(self, *, run: bool = True) -> Plan:
        """All steps up to the run; the lock is released on every way out."""
        self.take_lock()
        try:
            plan = self.make_plan()
            self.apply()
            if run:
                self.start_run()
        finally:
            self.release_lock()
        return plan

    def step(self, act: Callable[[], T]) -> T:
        if self.repeat is not None:
            repeated: T = self.repeat(act)
            return repeated
        for attempt in range(ATTEMPTS):
            try:
                return act()
            except TransientError:
                if attempt == ATTEMPTS - 1:
                    raise
                self.services.clock.sleep(min(LONGEST_DELAY, 10.0 * 2**attempt))
        raise AssertionError("unreachable")


_names = count(1)


@dataclass
class Installation:
    """One stack: what it remembers, and the executions it runs."""

    adobe: Adobe
    services: LocalServices

    def execution(self, config: dict[str, Any] = CONFIG) -> Execution:
        return Execution(self.services, f"execution-{next(_names)}", config)

    def deliver(self, config: dict[str, Any] = CONFIG, *, run: bool = False) -> Plan:
        return self.execution(config).deliver(run=run)

    def planned(self, config: dict[str, Any] = CONFIG) -> Plan:
        """A plan and nothing else."""
        return self.execution(config).make_plan()

    def restart(self) -> None:
        """Another process: what was kept in memory alone is gone, the stores are not."""
        fresh = LocalServices(self.adobe)
        fresh.documents, fresh.store, fresh.secrets = (
            self.services.documents,
            self.services.store,
            self.services.secrets,
        )
        self.services = fresh

    def rotate_secret(self) -> str:
        secret = "Zz" * 20
        value = {"s3AccessKey": "AKIAIOSFODNN7EXAMPL2", "s3SecretKey": secret}
        self.services.secrets.put("planes-destination", json.dumps(value))
        return secret

    def pending(self) -> list[str]:
        journal = self.services.store.read_journal("prod/planes")
        return [key for key, entry in journal.items() if entry.intent is not None or entry.superseded]

    def assert_exactly_once(self, config: dict[str, Any] = CONFIG, *, runs: int | None = None) -> None:
        """One of each, a journal at rest, and nothing left to do."""
        assert self.adobe.counts() == ONE_OF_EACH
        assert self.pending() == []
        if runs is not None:
            assert len(self.adobe.entities("runs")) == runs
        assert self.planned(config).changes == 0
