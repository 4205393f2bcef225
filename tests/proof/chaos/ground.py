"""A stack in one process whose threads work side by side: DynamoDB, S3 and Step Functions emulated, Adobe failing.

The emulated AWS does one call at a time, which is what AWS promises for each of them; everything between two calls of
one thread may happen in others.
"""

from __future__ import annotations

import io
import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast
from unittest.mock import patch

import httpx
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from ministack.services import dynamodb, dynamodb_streams
from moto import mock_aws
from moto.core.models import botocore_stubber

from aep_delivery.runtime.aws import aws_client
from aep_delivery.state.dynamodb import DynamoDBStateStore
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.storage.reader import StoredObject
from aep_delivery.workflow.documents import MemoryDocuments
from emulator.adobe.scheduler import Scheduler
from emulator.adobe.server import Emulator
from emulator.adobe.settings import Settings
from emulator.adobe.sinks import Sinks
from emulator.adobe.world import World
from tests.faults.harness import AIRPORTS, PLANES, START, Adobe, LocalServices, NoStorage, SharedClock
from tests.proof.adobe_faults import FAULTS, Fault
from tests.proof.chaos.clock import Ticking
from tests.proof.direct import DirectTransport

TABLE = CONFIGS = "chaos"
FAULTY = 0.2
"""How likely a call to Adobe fails."""
_PASSING = ("never-sent", "lost", "expired", "throttled", "5xx", "harmless")
PASSING = tuple(fault for fault in FAULTS if fault.kind in _PASSING and fault.times == 1)
"""The faults that pass: no delivery may end otherwise because of them."""
KILLING = next(fault for fault in FAULTS if fault.kind == "killed")
KILLED = 1 / 200
"""How many of the faults end the process."""
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}
DEFINITION = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})


class Warehouse(MemoryReader, NoStorage):
    """The destination: what Adobe writes into it can be read back."""

    def __init__(self) -> None:
        super().__init__()
        self._turn = threading.Lock()

    def open(self, spec_id: str, auth: object, params: object) -> Warehouse:
        return self

    def root(self, spec_id: str, params: object) -> str:
        return str(cast("dict[str, str]", params)["path"])

    def put(self, key: str, body: IO[bytes] | bytes, **kwargs: Any) -> StoredObject:  # type: ignore[override]
        data = body if isinstance(body, bytes) else body.read()
        with self._turn:
            return super().put(key, data, **kwargs)

    def list_objects(self, prefix: str) -> Iterator[StoredObject]:
        with self._turn:
            return super().list_objects(prefix)


class ChaosTransport(httpx.BaseTransport):
    """The way to Adobe, on which one call in five fails; it knows who called."""

    def __init__(self, inner: httpx.BaseTransport, clock: SharedClock, seed: int) -> None:
        self._inner, self._clock = inner, clock
        self._chance = random.Random(seed)  # noqa: S311 - the same every time
        self.calls = 0
        self.faults: Counter[str] = Counter()
        self.calm = False
        self.caller = threading.local()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        fault = self._fault()
        asks_for_token = "/ims/" in request.url.path
        if fault is not None and fault.kind == "expired":
            # A token that has just been issued has not expired, and asking for one needs none.
            if asks_for_token or getattr(self.caller, "rejected", False):
                fault = None
            self.caller.rejected = fault is not None
        elif not asks_for_token:
            self.caller.rejected = False
        if fault is None:
            return self._send(request)
        self.faults[fault.name] += 1
        return fault.act(request, self._send, self._clock)

    def _send(self, request: httpx.Request) -> httpx.Response:
        writes = request.method != "GET" and "/ims/" not in request.url.path
        if writes and (wrote := getattr(self.caller, "wrote", None)) is not None:
            wrote()
        return self._inner.handle_request(request)

    def _fault(self) -> Fault | None:
        if self.calm or self._chance.random() >= FAULTY:
            return None
        return KILLING if self._chance.random() < KILLED else self._chance.choice(PASSING)


class WaitingClock(SharedClock):
    """Who waits lets the others work."""

    def __init__(self, emulator: Emulator, time: Ticking) -> None:
        super().__init__(emulator)
        self._time = time

    def sleep(self, seconds: float) -> None:
        self._time.sleep(seconds)


class ChaosServices(LocalServices):
    """What one process of the stack has: all that it remembers is in the emulated AWS."""

    def __init__(self, ground: ChaosGround) -> None:
        super().__init__(ground.adobe)
        self.settings = self.settings.model_copy(
            update={"deliver_state_machine": ground.machine, "config_bucket": CONFIGS}
        )
        self.documents = ground.documents
        self.store = DynamoDBStateStore(ground.clients["dynamodb"], TABLE, self.clock)
        self._warehouse = ground.warehouse

    def reader(self, config: object) -> MemoryReader:
        return self._warehouse


class ChaosGround:
    """Everything that outlives a process."""

    def __init__(self, adobe: Adobe, transport: ChaosTransport, time: Ticking, clients: dict[str, Any]) -> None:
        self.adobe, self.transport, self.time, self.clients = adobe, transport, time, clients
        self.warehouse = cast("Warehouse", adobe.emulator.world.sinks)
        self.documents = MemoryDocuments()
        self.troubles: Counter[str] = Counter()
        clients["dynamodb"].create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        clients["s3"].create_bucket(Bucket=CONFIGS)
        clients["s3"].put_bucket_versioning(Bucket=CONFIGS, VersioningConfiguration={"Status": "Enabled"})
        role = "arn:aws:iam::123456789012:role/deliver"
        made = clients["stepfunctions"].create_state_machine(name="deliver", definition=DEFINITION, roleArn=role)
        self.machine = str(made["stateMachineArn"])

    @property
    def stream(self) -> str:
        """The ARN of the table's stream."""
        return str(self.clients["dynamodb"].describe_table(TableName=TABLE)["Table"]["LatestStreamArn"])

    def executions(self) -> list[str]:
        """The names of all that were started."""
        pages = self.clients["stepfunctions"].get_paginator("list_executions").paginate(stateMachineArn=self.machine)
        return [execution["name"] for page in pages for execution in page["executions"]]


@contextmanager
def chaos_ground(folder: Path, seed: int) -> Iterator[ChaosGround]:
    """An Adobe and an AWS with nothing in them."""
    for name, dataset_id in {"Planes": PLANES, "Airports": AIRPORTS}.items():
        (folder / name).mkdir()
        (folder / name / "a.jsonl").write_text('{"a": 1}\n{"a": 2}\n')
        (folder / name / "dataset.yaml").write_text(f"name: {name}\nid: {dataset_id}\n")
    world = World(Settings(lake=folder, speed=0.0, start=START, token_lifetime=10**6, adhoc_ready_after=0.0))
    world.sinks = cast("Sinks", Warehouse())
    scheduler = Scheduler(world)
    emulator = Emulator("http://127.0.0.1:9", world, scheduler)
    time = Ticking(world.clock, lambda: _settle(scheduler))
    clock = WaitingClock(emulator, time)
    transport = ChaosTransport(DirectTransport(emulator), clock, seed)
    scheduler.start()
    try:
        with httpx.Client(trust_env=False, transport=transport) as http, _emulated_aws() as clients:
            yield ChaosGround(Adobe(emulator, http, clock), transport, time, clients)
    finally:
        scheduler.stop()


def _settle(scheduler: Scheduler) -> None:
    """What is due by Adobe's clock is done by threads of Adobe's."""
    scheduler.settle()
    pause = threading.Event()
    while scheduler.busy:
        pause.wait(0.001)


@contextmanager
def _emulated_aws() -> Iterator[dict[str, Any]]:
    turn = threading.Lock()

    def to_moto(**kwargs: Any) -> Any:
        with turn:
            return botocore_stubber(**kwargs)

    def to_ministack(service: Any) -> Callable[..., AWSResponse]:
        def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
            headers = {name.lower(): _text(value) for name, value in request.headers.items()}
            with turn:
                answer = service.handle_request(request.method, "/", headers, request.body, {})
                try:
                    # It awaits nothing.
                    answer.send(None)
                except StopIteration as end:
                    status, said, body = end.value
            raw = _Raw(body if isinstance(body, bytes) else body.encode())
            return AWSResponse(request.url, status, cast("Any", HeadersDict(said)), cast("Any", raw))

        return send

    with patch.dict("os.environ", _ENVIRONMENT), mock_aws():
        make = aws_client.__wrapped__
        clients = {name: make(name) for name in ("dynamodb", "dynamodbstreams", "s3", "stepfunctions")}
        ways = {"dynamodb": to_ministack(dynamodb), "dynamodbstreams": to_ministack(dynamodb_streams)}
        for name, client in clients.items():
            client.meta.events.unregister("before-send", botocore_stubber)
            client.meta.events.register_first("before-send.*.*", ways.get(name, to_moto))
        with (
            patch("aep_delivery.workflow.steps.receive_request.aws_client", clients.__getitem__),
            patch("aep_delivery.workflow.steps.load_config.aws_client", clients.__getitem__),
            patch("aep_delivery.workflow.superseded.aws_client", clients.__getitem__),
        ):
            yield clients
        dynamodb.reset()


class _Raw(io.BytesIO):
    """What botocore reads an answer's body from."""

    def stream(self, amt: int = 1 << 16, **_: Any) -> Iterator[bytes]:
        while chunk := self.read(amt):
            yield chunk


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
