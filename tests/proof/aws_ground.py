"""A stack whose journal, documents, secrets and events are in an emulated AWS, as they are once it is deployed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from moto import mock_aws
from pydantic import SecretStr

from aep_delivery.events.outbound import EventBridgePublisher
from aep_delivery.runtime.aws import aws_client
from aep_delivery.runtime.secrets import SecretsManagerSecrets
from aep_delivery.state.dynamodb import DynamoDBStateStore
from aep_delivery.storage.s3 import S3Reader
from aep_delivery.storage.s3_client import s3_client
from aep_delivery.workflow.documents import S3Documents
from emulator.adobe.settings import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_ORG, DEFAULT_SCOPES
from tests.faults.harness import Adobe, Installation, LocalServices
from tests.proof.aws_faults import Wire

DESTINATION = "delivered"
_numbers = count(1)
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}
_DOCUMENTS = {
    "adobe": {
        "client_id": DEFAULT_CLIENT_ID,
        "client_secret": DEFAULT_CLIENT_SECRET,
        "org_id": DEFAULT_ORG,
        "scopes": ",".join(DEFAULT_SCOPES),
    },
    "planes-destination": {"s3AccessKey": "AKIAIOSFODNN7EXAMPLE", "s3SecretKey": "Aa" * 20},
}


@contextmanager
def emulated_aws(wire: Wire) -> Iterator[dict[str, Any]]:
    """The clients of an empty AWS, by service; botocore's waits between its tries take no time."""
    asleep = SimpleNamespace(sleep=lambda _: None)
    with patch.dict("os.environ", _ENVIRONMENT), mock_aws(), patch("botocore.endpoint.time", asleep):
        make = aws_client.__wrapped__
        clients = {name: wire.watch(make(name), name) for name in ("dynamodb", "secretsmanager", "events")}
        clients["work"] = wire.watch(make("s3"), "work")
        clients["destination"] = wire.watch(s3_client("key", SecretStr("secret"), "us-east-1"), "destination")
        yield clients


def furnish(clients: dict[str, Any]) -> str:
    """What the template makes, empty, and the two secrets; returns the name of the table and of the work bucket."""
    name = f"stack-{next(_numbers)}"
    clients["dynamodb"].create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    for bucket in (name, DESTINATION):
        clients["work"].create_bucket(Bucket=bucket)
    known = {secret["Name"] for secret in clients["secretsmanager"].list_secrets()["SecretList"]}
    for secret, value in _DOCUMENTS.items():
        if secret not in known:
            clients["secretsmanager"].create_secret(Name=secret, SecretString=json.dumps(value))
    return name


class AwsServices(LocalServices):
    """The services of the steps with everything but Adobe in the emulated AWS."""

    def __init__(self, adobe: Adobe, clients: dict[str, Any], name: str) -> None:
        super().__init__(adobe)
        self.clients, self.name = clients, name
        vars(self).update(
            documents=S3Documents(clients["work"], name),
            store=DynamoDBStateStore(clients["dynamodb"], name, adobe.clock),
            secrets=SecretsManagerSecrets(clients["secretsmanager"]),
            publisher=EventBridgePublisher(clients["events"], "default"),
        )

    def reader(self, config: object) -> Any:
        return S3Reader(self.clients["destination"], DESTINATION)


class AwsInstallation(Installation):
    """A stack that a new process finds as the one before has left it, in AWS."""

    services: AwsServices

    def restart(self) -> None:
        self.services = AwsServices(self.adobe, self.services.clients, self.services.name)
