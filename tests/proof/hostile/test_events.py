"""Events and inputs that nobody means: what starts a delivery, what removes one, and what a step is handed."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import count
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from aep_delivery.events.inbound import DELIVERY_REQUESTED, DELIVERY_SCHEDULED, OBJECT_CREATED
from aep_delivery.events.outbound import NoBus
from aep_delivery.events.removal import parse_removal, removal_execution_name
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.errors import DeliveryError, ErrorDocument
from aep_delivery.runtime.settings import Settings
from aep_delivery.runtime.step import step
from aep_delivery.status.board import MemoryStatusBoard
from aep_delivery.status.draw import PAGE, draw
from aep_delivery.status.shelf import MemoryShelf
from aep_delivery.status.volume import Entitlement
from aep_delivery.workflow import messages, removal_messages, watch_messages
from aep_delivery.workflow.documents import MemoryDocuments
from aep_delivery.workflow.messages import LoadConfig, Message, Released
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.steps import draw_status, load_config, receive_request
from aep_delivery.workflow.steps.load_config import ConfigObject
from tests.proof.figures import PROOF, write_figures
from tests.proof.hostile.answer_mutations import HOSTILE_VALUES, damage
from tests.proof.hostile.judging import LONGEST_DOCUMENT, Tally, faults_of_refusal, faults_of_text, peak_memory
from tests.proof.hostile.object_names import NAMES
from tests.proof.hostile.test_objects import faults_of_page
from tests.unit.docs.pages import ROOT

NOW = datetime(2027, 1, 1, tzinfo=UTC)
SECONDS = 1.0
BUCKET = "configs"
_CONFIG = (ROOT / "examples/demo.yaml").read_bytes()
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
EVENTS = [json.loads(path.read_text()) for path in sorted((ROOT / "events").glob("*.json"))]
SAMPLES = [
    event for event in EVENTS if event.get("detail-type") in (DELIVERY_REQUESTED, DELIVERY_SCHEDULED, OBJECT_CREATED)
]
REMOVAL = {
    "id": "e1",
    "source": "me",
    "detail-type": "Delivery Removal Requested",
    "time": "2027-01-01T00:00:00Z",
    "detail": {"deliveryId": "prod/a"},
}
WHOLE = (
    *(
        "",
        "null",
        "[]",
        "{}",
        '"a"',
        "NaN",
        "\ufeff{}",
        "\ud800",
        "[" * 100_000,
        '{"a":' * 50_000,
        "9" * 5_000,
        "{" * 10,
    ),
    '{"time":' + "[" * 900 + "]" * 900 + "}",
    json.dumps({**SAMPLES[0], "detail": {"x" * 200_000: 1}}),
    json.dumps({**SAMPLES[0], "time": "0001-01-01T00:00:00+23:59"}),
    json.dumps({**SAMPLES[0], "time": 10**30}),
)
MESSAGES = sorted(
    {
        one
        for module in (messages, removal_messages, watch_messages)
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Message) and one is not Message
    },
    key=lambda one: one.__name__,
)


class Started:
    """Step Functions and S3, as far as an event reaches them."""

    exceptions = SimpleNamespace(ExecutionAlreadyExists=KeyError)

    def __init__(self) -> None:
        self.executions: list[dict[str, Any]] = []

    def start_execution(self, **given: Any) -> None:
        self.executions.append(given)

    def get_paginator(self, _: str) -> Started:
        return self

    def paginate(self, **_: str) -> Iterator[dict[str, Any]]:
        yield {"Contents": [{"Key": f"a/{name}.yaml"} for name in NAMES]}


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    aws = Started()
    monkeypatch.setattr(receive_request, "aws_client", lambda _: aws)
    monkeypatch.setattr(load_config, "read_object", lambda bucket, key, version: ConfigObject(_CONFIG, version))
    monkeypatch.setattr(draw_status, "draw", lambda *args, **kwargs: None)
    return aws


def services() -> Services:
    settings = Settings(
        owner="o", state_table="s", work_bucket="w", adobe_secret="a", config_bucket=BUCKET, deliver_state_machine="m"
    )
    made = Services(settings, FixedClock(NOW))
    made.documents = MemoryDocuments()
    made.publisher = NoBus()
    made.status_board, made.status_shelf = MemoryStatusBoard(), MemoryShelf()
    return made


def bodies(seed: int, number: int) -> Iterator[str]:
    """Messages of the intake queue."""
    random = Random(seed)  # noqa: S311 - the same every time
    yield from WHOLE
    for name in NAMES[:number]:
        for sample in SAMPLES:
            yield json.dumps(_with_key(sample, f"deliveries/{name}.yaml"))
    for _ in range(number):
        yield damage(random, json.dumps(random.choice(SAMPLES)).encode()).decode()


def _with_key(event: dict[str, Any], key: str) -> dict[str, Any]:
    detail = event.get("detail", {})
    if "object" in detail:
        return {**event, "detail": {**detail, "object": {**detail["object"], "key": key}}}
    return {**event, "detail": {**detail, "key": key}}


def receive(body: str, started: Started) -> None:
    """From the queue to the first step of each execution that comes of it."""
    started.executions.clear()
    here = services()
    receive_request.receive_request(body, 0, here)
    for execution in started.executions[:20]:
        assert _NAME.fullmatch(execution["name"])
        handed = {"execution": execution["name"], "request": json.loads(execution["input"])}
        load_config.load_config(LoadConfig.model_validate(handed), here)


def judged_step(kind: type[Message], event: Any) -> Iterator[str]:
    """How a step refuses an input: by an error of one of four names, whose text is a document."""
    handler = step(kind)(lambda _: Released())
    context = SimpleNamespace(
        function_name="f",
        memory_limit_in_mb=1,
        invoked_function_arn="arn",
        aws_request_id="r",
        get_remaining_time_in_millis=lambda: 60_000,
    )
    try:
        handler(event, context)  # type: ignore[arg-type]
    except Exception as error:  # noqa: BLE001 - what leaves a step has a name that is made for it
        text = str(error)
        if type(error).__name__ != "InternalError" or len(text.encode()) > LONGEST_DOCUMENT:
            yield f"{type(error).__name__}, {len(text):,} characters"
            return
        document = ErrorDocument.model_validate_json(text)
        if document.code != "workflow.input-invalid":
            yield document.code
        yield from faults_of_text(document.as_text())


def try_out(started: Started, seed: int, number: int) -> Tally:
    tally = Tally()
    for body in bodies(seed, number):
        tally.judge(f"event {body[:300]!r}", partial(receive, body, started), seconds=SECONDS, refused=_refusal)
    random, here = Random(seed), services()  # noqa: S311 - the same every time
    for index in range(number):
        event = json.loads(damage(random, json.dumps(REMOVAL).encode()))
        tally.judge(f"removal {str(event)[:300]}", partial(_remove, event), seconds=SECONDS, refused=_refusal)
        body = damage(random, json.dumps(EVENTS[index % len(EVENTS)]).encode()).decode()
        tally.judge(f"status {body[:300]!r}", partial(draw_status.draw_status, [body], here), seconds=SECONDS)
    draw(here.status_board, here.status_shelf, here.clock, owner="o", entitlement=Entitlement())
    assert isinstance(here.status_shelf, MemoryShelf)
    tally.wrong += [f"status page: {one}" for one in faults_of_page(here.status_shelf.kept[PAGE])]
    for index, kind in zip(range(number), _again(MESSAGES), strict=False):
        event = _input(random, kind)
        found = list(judged_step(kind, event))
        tally.ends["workflow.input-invalid" if not found else "wrong"] += 1
        tally.wrong += [f"{kind.__name__} {str(event)[:300]} ({index}): {one}" for one in found]
    return tally


def _refusal(error: DeliveryError) -> Iterator[str]:
    """A config's name is part of what is told, and is somebody's own; a terminal is shown it by other means."""
    yield from (one for one in faults_of_refusal(error) if not one.startswith("raw "))


def _remove(event: Any) -> None:
    assert _NAME.fullmatch(removal_execution_name(parse_removal(event)))


def _again(kinds: list[type[Message]]) -> Iterator[type[Message]]:
    return (kinds[index % len(kinds)] for index in count())


def _input(random: Random, kind: type[Message]) -> Any:
    names = [field.alias or name for name, field in kind.model_fields.items()]
    fields = {name: random.choice(HOSTILE_VALUES) for name in names if random.random() < 0.8}
    if random.random() < 0.3:
        fields[str(random.choice(("\x1b[2J", "x" * 9_000, "__class__", "")))] = 1
    if random.random() < 0.05:
        fields |= {f"k{index}\u202e": 1 for index in range(9_000)}
    return fields


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("silence")
def test_a_sample_of_events(started: Started) -> None:
    tally = try_out(started, 1, 14)

    assert tally.wrong == []
    assert tally.ends["event.not-understood"]
    assert tally.accepted


@pytest.mark.skipif(not PROOF, reason="takes minutes: make proof")
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("silence")
def test_thousands_of_events(started: Started) -> None:
    begun = time.monotonic()
    tally = try_out(started, 1, 1_500)

    write_figures(
        "hostile-events",
        hostile="Events, removals and inputs of steps",
        tried=tally.total,
        accepted=tally.accepted,
        refused=tally.total - tally.accepted,
        wrong=len(tally.wrong),
        slowest=round(tally.slowest, 2),
        mebibytes=peak_memory(),
        seconds=time.monotonic() - begun,
        ends=dict(tally.ends.most_common()),
    )
    assert tally.wrong == []


def test_there_are_messages_to_be_damaged() -> None:
    assert len(MESSAGES) >= 30
    assert len(SAMPLES) == 3
    assert len(EVENTS) >= 15
