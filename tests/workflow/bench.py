"""What the workflow tests do over and over: write a config, drop it, wait for its end, look at what came of it."""

from __future__ import annotations

import copy
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from emulator.installation import Installation

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
BUCKET = "warehouse"
SECRET = "warehouse"
KINDS = ("connections", "sourceConnections", "targetConnections", "flows")
ONE_OF_EACH = dict.fromkeys(KINDS, 1)
NONE = dict.fromkeys(KINDS, 0)
EVENT_SCHEMAS = {
    "Delivery Verified": "event-delivery-verified",
    "Delivery Mismatch Found": "event-delivery-mismatch-found",
    "Delivery Failed": "event-delivery-failed",
}
ENDS = (*EVENT_SCHEMAS, "Delivery Removed", "Delivery Removal Failed")
"""What an execution of a delivery or a removal tells once, at its end."""
PROGRESS = ("Delivery Accepted", "Plan Ready", "Plan Applied", "Run Started", "Run Finished")
"""What is told before a delivery ends."""


def validate(document: Any, schema: str) -> None:
    """Raises ``ValidationError`` where `document` is not what the published schema says."""
    parsed = json.loads((SCHEMAS / f"{schema}.schema.json").read_text())
    Draft202012Validator(parsed, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(document)


@dataclass(frozen=True)
class Ended:
    """An execution that is over, with everything it left behind."""

    arn: str
    status: str
    error: str
    cause: str
    receipt: dict[str, Any]
    page: str
    event: dict[str, Any]
    history: list[dict[str, Any]] = field(repr=False)

    @property
    def verdict(self) -> str:
        return str(self.receipt["verdict"])

    @property
    def states(self) -> list[str]:
        """The states it entered, in order."""
        return [e["stateEnteredEventDetails"]["name"] for e in self.history if e["type"].endswith("StateEntered")]

    @property
    def attempts(self) -> dict[str, int]:
        """How often each step was tried."""
        return {entry["step"]: entry["attempts"] for entry in self.receipt["timeline"]}


class Bench:
    """One installation, and an unlimited number of deliveries in it."""

    def __init__(self, installation: Installation, lake: Path) -> None:
        self.installation = installation
        self.lake = lake
        self._known: set[str] = set()
        self._events: dict[str, dict[str, Any]] = {}
        self._http = httpx.Client(base_url=f"{installation.adobe.base_url}/_emulator/", timeout=10)
        self._told = self._queue("told", {"source": ["aep-delivery"], "detail-type": list(ENDS)})
        self._progress = self._queue("progress", {"source": ["aep-delivery"], "detail-type": list(PROGRESS)})
        # One execution may tell of many deliveries, where all others tell of their one end.
        self._drifts = self._queue("drifts", {"source": ["aep-delivery"], "detail-type": ["Dataflow Drift Found"]})
        self._uploads = self._queue("uploads", {"source": ["aws.s3"]})

    def close(self) -> None:
        self._http.close()

    # ---- deliveries ----

    def config(self, *, datasets: tuple[str, ...] = ("Orders",), **changes: Any) -> dict[str, Any]:
        """A config under a name nobody else has, that exports at once; `changes` name fields by dots as underscores."""
        name = f"d-{uuid.uuid4().hex[:10]}"
        config: dict[str, Any] = {
            "version": 1,
            "name": name,
            "sandbox": "prod",
            "destination": {
                "type": "amazon-s3",
                "auth": {"type": "access-key", "secret": f"secret://{SECRET}"},
                "bucketName": BUCKET,
                "path": f"exports/{name}",
                "datasetFileType": "JSON",
                "compression": "GZIP",
            },
            "datasets": [{"name": dataset} for dataset in datasets],
            "scheduleParams": {
                "exportMode": "FIRST_FULL_THEN_INCREMENTAL",
                "interval": 12,
                "timeUnit": "hour",
                # Far away, so that no run of the schedule's comes between those that a test asks for.
                "startTime": (self.adobe_time() + timedelta(days=20)).isoformat(),
            },
            "run": {"trigger": "NOW"},
        }
        return with_fields(config, changes)

    def drop(self, config: dict[str, Any] | bytes, name: str | None = None) -> str:
        """Drop a config and return the ARN of the execution that it starts."""
        body = config if isinstance(config, bytes) else json.dumps(config, indent=2).encode()
        key = name or (f"{config['name']}.yaml" if isinstance(config, dict) else f"{uuid.uuid4().hex}.yaml")
        self._known |= self._running()
        self.installation.drop(key, body)
        return self.started()

    def request(self, **detail: Any) -> str:
        """Ask for a delivery with an event of one's own and return the ARN of the execution that it starts."""
        self._known |= self._running()
        entry = {"Source": "warehouse.loader", "DetailType": "Delivery Requested", "Detail": json.dumps(detail)}
        answer = self.installation.cloud.client("events").put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0
        return self.started()

    def started(self, *, seconds: float = 30) -> str:
        """The ARN of the next execution that nobody has asked about yet."""
        arn = self.installation.next_execution(self._known, seconds=seconds)
        self._known.add(arn)
        return arn

    def nothing_starts(self, *, seconds: float = 1.5) -> None:
        """Fails where an execution starts within the time."""
        time.sleep(seconds)
        assert self._running() - self._known == set()

    def forget(self) -> None:
        """Whatever has started by now is no news any more."""
        self._known |= self._running()

    def deliver(self, config: dict[str, Any] | bytes, name: str | None = None) -> Ended:
        """Drop a config and wait for the end."""
        return self.ended(self.drop(config, name))

    def function_logs(self) -> list[str]:
        """What all functions have written so far, line by line, as CloudWatch keeps it."""
        pages = self.installation.cloud.client("logs").get_paginator("filter_log_events")
        group = f"/aws/lambda/{self.installation.outputs['AdobeSecretName'].partition('/')[0]}"
        return [event["message"] for page in pages.paginate(logGroupName=group) for event in page["events"]]

    def ended(self, arn: str, *, seconds: float = 60) -> Ended:
        """Wait for an execution and check everything that holds of every end."""
        state = self.installation.finished(arn, seconds=seconds)
        name = arn.rpartition(":")[2]
        keys = {key.rpartition("/")[2]: key for key in self.installation.documents() if f"/{name}/" in key}
        receipt = json.loads(self.installation.document(keys["receipt.json"]))
        validate(receipt, "receipt")
        event = self.event(name)
        validate(event, EVENT_SCHEMAS[event["detail-type"]])
        assert event["detail"]["receipt"].endswith(keys["receipt.json"])
        assert event["detail"]["receiptPage"].endswith(keys["receipt.html"])
        return Ended(
            arn=arn,
            status=state["status"],
            error=state.get("error", ""),
            cause=state.get("cause", ""),
            receipt=receipt,
            page=self.installation.document(keys["receipt.html"]),
            event=event,
            history=self.installation.history(arn),
        )

    # ---- what came of it ----

    def event(self, execution: str, *, seconds: float = 10) -> dict[str, Any]:
        """The event that told the world of the end of an execution."""
        end = time.monotonic() + seconds
        while execution not in self._events and time.monotonic() < end:
            for event in self._received(self._told):
                assert event["detail"]["execution"] not in self._events, "an end was told twice"
                self._events[event["detail"]["execution"]] = event
        return self._events[execution]

    def forget_events(self) -> None:
        """What a test has sent by itself tells of no end."""
        self._received(self._told)

    def progress(self, execution: str, kinds: list[str], *, seconds: float = 15) -> list[dict[str, Any]]:
        """What an execution told on its way, in the order in which it happened, once all of `kinds` are here."""
        found: list[dict[str, Any]] = []
        end = time.monotonic() + seconds
        while len(found) < len(kinds) and time.monotonic() < end:
            for event in self._received(self._progress):
                if event["detail"]["execution"] == execution:
                    validate(event, f"event-{event['detail-type'].lower().replace(' ', '-')}")
                    found.append(event)
        return sorted(found, key=lambda event: PROGRESS.index(event["detail-type"]))

    def drifts(self, execution: str, deliveries: set[str], *, seconds: float = 15) -> dict[str, dict[str, Any]]:
        """What an execution told of the drift of these deliveries, by delivery."""
        found: dict[str, dict[str, Any]] = {}
        end = time.monotonic() + seconds
        while set(found) != deliveries and time.monotonic() < end:
            for event in self._received(self._drifts):
                if event["detail"]["execution"] == execution and event["detail"]["deliveryId"] in deliveries:
                    assert event["detail"]["deliveryId"] not in found, "a drift was told twice"
                    validate(event, "event-dataflow-drift-found")
                    found[event["detail"]["deliveryId"]] = event["detail"]
        return found

    def upload_event(self, key: str, *, seconds: float = 10) -> dict[str, Any]:
        """What S3 told of an upload."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for event in self._received(self._uploads):
                if event["detail"]["object"]["key"] == key:
                    return event
        raise TimeoutError(key)

    def entities(self, config: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        """What Adobe has of a delivery, by its kind."""
        marker = f"delivery={config['sandbox']}/{config['name']} "
        sandbox = self.control("GET", f"entities?sandbox={config['sandbox']}")["sandboxes"][config["sandbox"]]
        return {kind: [e for e in sandbox[kind]["items"] if marker in e.get("description", "")] for kind in KINDS}

    def counts(self, config: dict[str, Any]) -> dict[str, int]:
        return {kind: len(found) for kind, found in self.entities(config).items()}

    def runs(self, config: dict[str, Any]) -> list[dict[str, Any]]:
        """Adobe's runs of a delivery's dataflow."""
        flows = {flow["id"] for flow in self.entities(config)["flows"]}
        sandbox = self.control("GET", f"entities?sandbox={config['sandbox']}")["sandboxes"][config["sandbox"]]
        return [run for run in sandbox["runs"]["items"] if run["flowId"] in flows]

    def files(self, config: dict[str, Any]) -> list[str]:
        """The keys of the delivered objects."""
        s3 = self.installation.cloud.client("s3")
        prefix = f"{config['destination']['path']}/"
        listed = s3.list_objects_v2(Bucket=config["destination"]["bucketName"], Prefix=prefix)
        return [item["Key"] for item in listed.get("Contents", [])]

    # ---- Adobe's own buttons ----

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._http.request(method, path, json=body)
        answer.raise_for_status()
        return dict(answer.json()) if answer.content else {}

    @contextmanager
    def fault(self, method: str, path: str, *, times: int | None = 1, nth: int = 1, **action: Any) -> Iterator[None]:
        """Adobe misbehaves at a call as long as the context lasts. Fails where the call never came."""
        self.control("POST", "faults", {"method": method, "path": path, "times": times, "nth": nth, "action": action})
        try:
            yield
            assert self.hits(), f"{method} {path} was never called"
        finally:
            self.control("DELETE", "faults")

    @contextmanager
    def without_rights(self, function: str) -> Iterator[None]:
        """Take all rights that the template gives a function."""
        iam, client = (self.installation.cloud.client(service) for service in ("iam", "lambda"))
        [role] = [
            found["Role"].rpartition("/")[2]
            for page in client.get_paginator("list_functions").paginate()
            for found in page["Functions"]
            if f"{function}Function" in found["FunctionName"]
        ]
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        before = {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}
        for name in names:
            iam.delete_role_policy(RoleName=role, PolicyName=name)
        try:
            yield
        finally:
            for name, document in before.items():
                iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))

    def hits(self) -> int:
        return int(self.control("GET", "faults")["faults"][0]["hits"])

    def adobe_time(self) -> datetime:
        """Adobe's clock, to the second."""
        return datetime.fromisoformat(self.control("GET", "clock")["now"]).replace(microsecond=0)

    # ---- inner works ----

    def _running(self) -> set[str]:
        return {str(execution["executionArn"]) for execution in self.installation.executions()}

    def _queue(self, name: str, pattern: dict[str, Any]) -> str:
        cloud = self.installation.cloud
        url = str(cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"])
        arn = cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        cloud.client("events").put_rule(Name=name, EventPattern=json.dumps(pattern))
        cloud.client("events").put_targets(Rule=name, Targets=[{"Id": name, "Arn": arn["QueueArn"]}])
        return url

    def _received(self, url: str) -> list[dict[str, Any]]:
        sqs = self.installation.cloud.client("sqs")
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]


def with_fields(config: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A copy with fields set: ``destination__compression="NONE"``; None takes a field away."""
    changed = copy.deepcopy(config)
    for dotted, value in changes.items():
        *path, last = dotted.split("__")
        at = changed
        for part in path:
            at = at.setdefault(part, {})
        if value is None:
            del at[last]
        else:
            at[last] = value
    return changed
