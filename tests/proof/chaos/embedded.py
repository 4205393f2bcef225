"""The chaos in the embedded cloud: the real template, its queue, its workflow and its functions, each in a process."""

from __future__ import annotations

import copy
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from unittest.mock import patch

import httpx

from aep_delivery.runtime import aws
from aep_delivery.runtime.settings import Settings
from aep_delivery.workflow.services import Services
from emulator.installation import STACK, Installation
from tests.proof.chaos.events import NONSENSE, Drop, Foreign, Plan, object_created
from tests.proof.chaos.ground import FAULTY
from tests.proof.chaos.history import Change, Section, faults_of_changes, faults_of_sections, read_stream
from tests.proof.chaos.rest import faults_at_rest

DELIVERIES, VERSIONS = 50, 5
"""As many as take half an hour on two busy cores: nearly a thousand events, with their duplicates."""
WAIT_SCALE = 1 / 20
"""The workflow's waits are shortened, what its functions take is not: less, and nobody would wait for a lock any more."""
AT_A_TIME = 4
"""Executions: each takes up to sixteen processes."""
LATE = 60.0
VISIBILITY = 30
"""Seconds until a message that could not be taken is tried again: five tries must end while somebody waits."""
_TURNS = 100


def faults(seed: int) -> dict[str, Any]:
    """The rule for Adobe's emulator by which one call in five, whichever it is, fails."""
    chance = random.Random(seed)  # noqa: S311 - the same every time
    answers = [
        {"type": "respond", "status": 429, "headers": {"Retry-After": "1"}, "body": {"message": "planted"}},
        *({"type": "respond", "status": status, "body": {"message": "planted"}} for status in (500, 502, 503, 504)),
        {"type": "lose-answer"},
        {"type": "drop"},
        {"type": "delay", "seconds": 0.5},
    ]
    turns = [answers[number % len(answers)] for number in range(round(_TURNS * FAULTY))]
    turns += [{"type": "pass"}] * (_TURNS - len(turns))
    chance.shuffle(turns)
    return {"path": "^/(data|ims)/", "times": None, "rotate": turns}


@dataclass
class Found:
    """What came of it."""

    ends: Counter[str] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    executions: int = 0
    versions: int = 0
    calls: int = 0
    faults: int = 0
    waits: int = 0
    """How often a lock was asked for that another had."""
    most: int = 0


class EmbeddedChaos:
    """One plan in one installation."""

    def __init__(self, plan: Plan, installation: Installation, seed: int = 1) -> None:
        self._plan, self._installation, self._seed = plan, installation, seed
        self._cloud, self._outputs = installation.cloud, installation.outputs
        self._bucket = self._outputs["ConfigBucketName"]
        self._http = httpx.Client(base_url=f"{installation.adobe.base_url}/_emulator/", timeout=30)
        self._told: set[str] = set()
        self._last: dict[str, bytes] = {}
        self._nonsense = 0
        self._found = Found()

    def live(self) -> Found:
        """Let all of it happen, wait until it is at rest, and look at what there is."""
        self._cloud.client("dynamodb").update_table(
            TableName=self._outputs["StateTableName"],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self._cloud.client("sqs").set_queue_attributes(
            QueueUrl=self._outputs["IntakeQueueUrl"], Attributes={"VisibilityTimeout": str(VISIBILITY)}
        )
        self._uploads = self._hear_uploads()
        notified = self._cloud.client("s3").get_bucket_notification_configuration(Bucket=self._bucket)
        self._notified = {name: value for name, value in notified.items() if name != "ResponseMetadata"}
        planted = faults(self._seed)
        self._control("POST", "faults", planted)
        try:
            for act in self._acts():
                self._wait(lambda: self._under_way() < AT_A_TIME)
                act()
            self._rest()
            (rule,) = self._control("GET", "faults")["faults"]
        finally:
            self._control("DELETE", "faults")
        turns = planted["rotate"]
        self._found.calls = rule["hits"]
        self._found.faults = sum(turns[number % _TURNS]["type"] != "pass" for number in range(rule["hits"]))
        self._judge()
        self._http.close()
        return self._found

    # ---- what happens ----

    def _acts(self) -> Iterator[Callable[[], None]]:
        """Everything in the order of its time; how long it is in between is the machine's affair."""
        acts: list[tuple[float, int, Callable[[], None]]] = []
        order = count()
        for drop in self._plan.drops:
            events: list[str] = []
            is_told = drop.told_at[0] - drop.at < LATE
            acts.append((drop.at, next(order), self._dropping(drop, events, is_told=is_told)))
            copies = drop.told_at[1:] if is_told else drop.told_at
            acts += [(at, next(order), self._telling(events)) for at in copies]
        acts += [(foreign.at, next(order), self._meddling(foreign)) for foreign in self._plan.foreign]
        return (act for _, _, act in sorted(acts, key=lambda one: one[:2]))

    def _dropping(self, drop: Drop, events: list[str], *, is_told: bool) -> Callable[[], None]:
        """The event is S3's own, by the way that it takes in production; one that is to be late is kept back.

        The embedded S3 leaves the version out of its events, where the sequencer stands for it.
        """

        def act() -> None:
            version = self._put(drop.key, drop.body, is_told=is_told)
            if is_told:
                events.append(self._overheard(drop.key))
                self._told.add(events[0])
            else:
                events.append(json.dumps(object_created(self._bucket, drop.key, version)))
            if drop.is_last:
                self._last[drop.key] = drop.body

        return act

    def _telling(self, events: list[str]) -> Callable[[], None]:
        return lambda: self._tell(events[0])

    def _meddling(self, foreign: Foreign) -> Callable[[], None]:
        def act() -> None:
            if foreign.kind == "nonsense":
                self._nonsense += 1
                self._send(NONSENSE)
            elif foreign.kind == "gone-version":
                # Each is another that was never there.
                self._tell(json.dumps(object_created(self._bucket, foreign.key, uuid.uuid4().hex)))
            elif foreign.kind == "removed-object":
                version = self._put(foreign.key, b"{}", is_told=False)
                self._cloud.client("s3").delete_object(Bucket=self._bucket, Key=foreign.key, VersionId=version)
                self._tell(json.dumps(object_created(self._bucket, foreign.key, version)))
            else:
                self._put(foreign.key, b"{}", is_told=True)
                self._put(foreign.key.replace("deliveries/", "elsewhere/") + ".yaml", b"{}", is_told=True)

        return act

    def _put(self, key: str, body: bytes, *, is_told: bool) -> str:
        s3 = self._cloud.client("s3")
        if not is_told:
            s3.put_bucket_notification_configuration(Bucket=self._bucket, NotificationConfiguration={})
        version = str(s3.put_object(Bucket=self._bucket, Key=key, Body=body)["VersionId"])
        if not is_told:
            s3.put_bucket_notification_configuration(
                Bucket=self._bucket, NotificationConfiguration=copy.deepcopy(self._notified)
            )
        return version

    def _tell(self, event: str) -> None:
        self._told.add(event)
        self._send(event)

    def _overheard(self, key: str) -> str:
        """What S3 has just told of an object, from a queue that hears all of it."""
        sqs = self._cloud.client("sqs")
        for _ in range(30):
            for message in sqs.receive_message(QueueUrl=self._uploads, WaitTimeSeconds=1).get("Messages", []):
                sqs.delete_message(QueueUrl=self._uploads, ReceiptHandle=message["ReceiptHandle"])
                if json.loads(message["Body"])["detail"]["object"]["key"] == key:
                    return str(message["Body"])
        raise TimeoutError(f"S3 has told nobody of {key}")

    def _hear_uploads(self) -> str:
        sqs, events, name = self._cloud.client("sqs"), self._cloud.client("events"), "chaos-uploads"
        url = str(sqs.create_queue(QueueName=name)["QueueUrl"])
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.s3"]}))
        events.put_targets(Rule=name, Targets=[{"Id": name, "Arn": arn}])
        return url

    def _send(self, body: str) -> None:
        self._cloud.client("sqs").send_message(QueueUrl=self._outputs["IntakeQueueUrl"], MessageBody=body)

    def _control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self._http.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def _under_way(self) -> int:
        """How many executions run, or will once their events are through the queue."""
        executions = self._executions()
        running = len([one for one in executions if one["status"] == "RUNNING"])
        self._found.most = max(self._found.most, running)
        return len(self._told) - len(executions) + running

    def _executions(self) -> list[dict[str, Any]]:
        pages = self._cloud.client("stepfunctions").get_paginator("list_executions")
        return [
            one
            for page in pages.paginate(stateMachineArn=self._installation.state_machine)
            for one in page["executions"]
        ]

    def _rest(self) -> None:
        dead = "IntakeDeadLettersUrl"
        self._wait(lambda: self._installation.queue_depth("IntakeQueueUrl") == 0, seconds=VISIBILITY * 10)
        self._wait(lambda: self._under_way() == 0)
        if self._installation.queue_depth(dead) != self._nonsense:
            found = self._installation.queue_depth(dead)
            self._found.wrong.append(f"{found} dead letters, and {self._nonsense} messages that say nothing")

    def _wait(self, until: Callable[[], bool], *, seconds: float = 300) -> None:
        end = time.monotonic() + seconds
        while not until():
            if time.monotonic() > end:
                raise TimeoutError(f"it did not come to that; the cloud's log is {self._cloud.log}")
            time.sleep(0.2)

    # ---- what came of it ----

    def _judge(self) -> None:
        found, executions = self._found, self._executions()
        found.executions, found.versions = len(executions), len(self._told)
        if not len(executions) == len({one["name"] for one in executions}) == found.versions:
            found.wrong.append(f"{len(executions)} executions, {found.versions} versions")
        table = self._cloud.client("dynamodb").describe_table(TableName=self._outputs["StateTableName"])["Table"]
        found.changes = read_stream(self._cloud.client("dynamodbstreams"), table["LatestStreamArn"])
        runs: Counter[str] = Counter()
        for one in executions:
            state = self._installation.describe(one["executionArn"])
            # A superseded one succeeds, and its output says so.
            found.ends[state.get("error") or json.loads(state["output"]).get("error") or "SUCCEEDED"] += 1
            self._read(one["executionArn"], one["name"], runs)
        found.wrong += faults_of_changes(found.changes) + faults_of_sections(found.sections)
        found.wrong += self._faults_in_adobe(runs)

    def _read(self, arn: str, name: str, runs: Counter[str]) -> None:
        """What an execution saw of its lock, and the run that it has started."""
        pages = (
            self._cloud.client("stepfunctions")
            .get_paginator("get_execution_history")
            .paginate(executionArn=arn, PaginationConfig={"PageSize": 1000})
        )
        state, taken, given_back, token, delivery = "", 0.0, None, 0, ""
        for event in (event for page in pages for event in page["events"]):
            if event["type"].endswith("StateEntered"):
                state = event["stateEnteredEventDetails"]["name"]
                if state in ("ReleaseLock", "HandleFailure") and given_back is None:
                    given_back = event["timestamp"].timestamp()
            elif event["type"] in ("TaskFailed", "LambdaFunctionFailed"):
                self._found.waits += "state.delivery-locked" in json.dumps(event, default=str)
            elif event["type"] in ("TaskSucceeded", "LambdaFunctionSucceeded"):
                details = event.get("taskSucceededEventDetails") or event["lambdaFunctionSucceededEventDetails"]
                payload = json.loads(details["output"])
                payload = payload.get("Payload", payload)
                if state == "LoadConfig":
                    delivery = payload["deliveryId"]
                elif state == "AcquireLock":
                    token, taken = payload["token"], event["timestamp"].timestamp()
                elif state == "StartRun":
                    runs[delivery] += 1
        if token:
            self._found.sections.append(Section(delivery, name, token, taken, given_back))

    def _faults_in_adobe(self, runs: Counter[str]) -> list[str]:
        there = self._control("GET", "entities?sandbox=prod")["sandboxes"]["prod"]
        with _product(self._installation) as services:
            return faults_at_rest(self._last.values(), there, runs, services)


@contextmanager
def _product(installation: Installation) -> Iterator[Services]:
    """The product's own services, in this process, on what is in the embedded cloud."""
    outputs, adobe = installation.outputs, installation.adobe.base_url
    environment = {
        "AWS_ENDPOINT_URL": installation.cloud.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    settings = Settings(
        owner=STACK,
        state_table=outputs["StateTableName"],
        work_bucket=outputs["WorkBucketName"],
        adobe_secret=outputs["AdobeSecretName"],
        destination_secret_prefix=outputs["DestinationSecretPrefix"],
        adobe_api_url=adobe,
        adobe_ims_url=adobe,
        allow_loopback_http=True,
    )
    with patch.dict("os.environ", environment):
        aws.aws_client.cache_clear()
        services = Services(settings)
        services.keep_manners_here()
        yield services
    aws.aws_client.cache_clear()
