"""The product installed in the embedded cloud, beside an emulated Adobe."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

from emulator.adobe import server
from emulator.adobe.server import Emulator
from emulator.adobe.settings import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_ORG, Options
from emulator.cloud.deploy import deploy
from emulator.cloud.engine import ROOT, Cloud, start
from emulator.destinations import Destination, Provider, Storages, storages_for
from emulator.shelves import Shelf

STACK = "aep-delivery"
_READERS = ("PlanChangesFunction", "VerifyDeliveryFunction", "CheckFilesFunction", "JudgeFilesFunction")
"""The functions that read destinations."""


@dataclass(frozen=True)
class Installation:
    """Everything of one installation.

    Attributes:
        cloud: The embedded cloud, with the stack in it.
        adobe: The emulated Adobe.
        outputs: Of the stack.
        storages: The servers for what is not in S3.
    """

    cloud: Cloud
    adobe: Emulator
    outputs: dict[str, str]
    storages: Storages

    @property
    def state_machine(self) -> str:
        return self.outputs["DeliverStateMachineArn"]

    def provide(self, destination: Destination) -> None:
        """Make what the ``destination`` section of a config names, and the secret with its credentials."""
        self._provider.provide(destination)

    def shelf(self, destination: Destination) -> Shelf:
        """What lies in the place that the ``destination`` section of a config names."""
        return self._provider.shelf(destination)

    def add_destination(self, bucket: str, secret: str) -> None:
        """Make a bucket, a key of Adobe's that may write there, and the secret with it."""
        auth = {"type": "access-key", "secret": f"secret://{secret}"}
        self.provide({"type": "amazon-s3", "auth": auth, "bucketName": bucket})

    def put_secret(self, name: str, value: dict[str, str]) -> None:
        """Set the secret that a config calls ``secret://name``."""
        secrets = self.cloud.client("secretsmanager")
        full = self.outputs["DestinationSecretPrefix"] + name
        try:
            secrets.create_secret(Name=full, SecretString=json.dumps(value))
        except secrets.exceptions.ResourceExistsException:
            secrets.put_secret_value(SecretId=full, SecretString=json.dumps(value))

    def drop(self, name: str, body: bytes) -> str:
        """Drop a config into the config bucket, as a user does. Returns the version of the object."""
        answer = self.cloud.client("s3").put_object(
            Bucket=self.outputs["ConfigBucketName"], Key=f"deliveries/{name}", Body=body
        )
        return str(answer["VersionId"])

    def executions(self) -> list[dict[str, Any]]:
        """All executions of ``deliver``, newest first."""
        found: list[dict[str, Any]] = self.cloud.client("stepfunctions").list_executions(
            stateMachineArn=self.state_machine
        )["executions"]
        return found

    def next_execution(self, known: set[str], *, seconds: float = 30) -> str:
        """The ARN of an execution that is not in `known`. Raises ``TimeoutError``."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for execution in self.executions():
                if execution["executionArn"] not in known:
                    return str(execution["executionArn"])
            time.sleep(0.1)
        raise TimeoutError(f"no execution started within {seconds} s; the cloud's log is {self.cloud.log}")

    def execution_of(self, name: str, *, seconds: float = 30) -> str:
        """The ARN of the newest execution that a dropped config has started. Raises ``TimeoutError``."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for execution in self.executions():
                arn = str(execution["executionArn"])
                if json.loads(self.describe(arn)["input"]).get("key") == f"deliveries/{name}":
                    return arn
            time.sleep(0.2)
        raise TimeoutError(f"no execution started within {seconds} s; the cloud's log is {self.cloud.log}")

    def describe(self, execution: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.cloud.client("stepfunctions").describe_execution(executionArn=execution)
        return answer

    def history(self, execution: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.cloud.client("stepfunctions").get_execution_history(
            executionArn=execution, maxResults=1000
        )["events"]
        return events

    def finished(self, execution: str, *, seconds: float = 120) -> dict[str, Any]:
        """The execution once it has ended. Raises ``TimeoutError``."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            state = self.describe(execution)
            if state["status"] != "RUNNING":
                return state
            time.sleep(0.1)
        raise TimeoutError(f"{execution} still runs after {seconds} s; the cloud's log is {self.cloud.log}")

    def document(self, key: str) -> str:
        """A document of the work bucket."""
        body = self.cloud.client("s3").get_object(Bucket=self.outputs["WorkBucketName"], Key=key)["Body"]
        return str(body.read().decode())

    def documents(self, prefix: str = "") -> list[str]:
        """The keys of the work bucket below a prefix."""
        s3 = self.cloud.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=self.outputs["WorkBucketName"], Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def queue_depth(self, output: str) -> int:
        """How many messages wait in, or are being taken from, the queue whose URL is an output of the stack."""
        counts = self.cloud.client("sqs").get_queue_attributes(
            QueueUrl=self.outputs[output],
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        return sum(map(int, counts.values()))

    @property
    def _provider(self) -> Provider:
        return Provider(self.cloud, self.storages, self.put_secret, self._roles(_READERS))

    def _roles(self, functions: tuple[str, ...]) -> list[str]:
        """The ARNs of the roles of functions, by their logical ids in the template."""
        found = self.cloud.client("lambda").list_functions(MaxItems=100)["Functions"]
        return [item["Role"] for item in found if any(name in item["FunctionName"] for name in functions)]


@contextlib.contextmanager
def install(
    lake: Path,
    *,
    destinations: Iterable[Destination] = (),
    zone_form: str = "azure",
    wait_scale: float = 1.0,
    parameters: dict[str, str] | None = None,
    template: Path = ROOT / "template.yaml",
    **adobe: Unpack[Options],
) -> Iterator[Installation]:
    """Start the emulators and deploy the template.

    Args:
        lake: The folder of datasets.
        destinations: The ``destination`` sections of the configs that will be delivered: what they need is started.
        zone_form: The form of the Data Landing Zone, ``azure`` or ``s3``, where one of the destinations is it.
        wait_scale: What the workflow's waits are multiplied with. Adobe's clock runs faster by as much, so that a wait
            of a minute still is one to Adobe.
        parameters: Of the stack, beyond those that point it at the emulated Adobe.
        template: The SAM template.
        adobe: Further settings of the emulated Adobe.
    """
    with (
        storages_for(destinations, zone_form=zone_form) as storages,
        start(wait_scale=wait_scale, environment=storages.environment) as cloud,
    ):
        # An audience would take no ad-hoc run for an hour after its activation: five minutes show the same.
        options = storages.options(cloud)
        options.update(Options(speed=1 / wait_scale, s3_endpoint=cloud.endpoint, adhoc_audience_ready_after=300.0))
        options.update(adobe)
        with server.start(lake, **options) as emulator:
            yield _deployed(cloud, emulator, template, storages, parameters or {})


def _deployed(
    cloud: Cloud, emulator: Emulator, template: Path, storages: Storages, parameters: dict[str, str]
) -> Installation:
    to_emulator = {
        "AdobeApiUrl": emulator.base_url,
        "AdobeImsUrl": emulator.base_url,
        "GoogleStorageUrl": cloud.endpoint,
        "AllowLoopbackHttp": "true",
        # The workflow's waits are short here, and so is the time a lost request can take.
        "SettlingSeconds": "2",
        # This Adobe is nobody else's, and its outages are short.
        "AdobeRequestsPerSecond": "1000",
        "AdobeBurst": "1000",
        "AdobeRampSeconds": "0",
        "AdobeCircuitSeconds": "0.2",
        # Each is a process on this machine.
        "VerifyConcurrency": "2",
    }
    outputs = deploy(cloud, template, STACK, to_emulator | storages.parameters | parameters)
    cloud.client("secretsmanager").put_secret_value(
        SecretId=outputs["AdobeSecretName"],
        SecretString=json.dumps(
            {"client_id": DEFAULT_CLIENT_ID, "client_secret": DEFAULT_CLIENT_SECRET, "org_id": DEFAULT_ORG}
        ),
    )
    return Installation(cloud, emulator, outputs, storages)
