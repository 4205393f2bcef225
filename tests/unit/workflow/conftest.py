from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from moto import mock_aws

from aep_delivery.runtime import aws
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.secrets import MemorySecrets
from aep_delivery.runtime.settings import Settings
from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.workflow.documents import MemoryDocuments
from aep_delivery.workflow.services import Services

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Announcements:
    """A publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.events = []

    def publish(self, event):
        self.events.append(event)


@pytest.fixture
def services():
    """Services without AWS and without Adobe."""
    settings = Settings.from_environment(
        {
            "OWNER": "stack",
            "STATE_TABLE": "table",
            "WORK_BUCKET": "work",
            "CONFIG_BUCKET": "configs",
            "DESTINATION_SECRET_PREFIX": "stack/destinations/",
            "DELIVER_STATE_MACHINE": "arn:aws:states:us-east-1:123456789012:stateMachine:deliver",
        }
    )
    made = Services(settings, FixedClock(NOW))
    made.documents = MemoryDocuments()
    made.store = MemoryStateStore(made.clock)
    made.secrets = MemorySecrets()
    made.publisher = Announcements()
    return made


@pytest.fixture
def aws_account(monkeypatch):
    """An AWS account in this process; clients of other tests are forgotten."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    aws.aws_client.cache_clear()
    with mock_aws():
        yield aws.aws_client
    aws.aws_client.cache_clear()


@pytest.fixture
def context():
    """What Lambda tells a handler of its invocation."""
    return SimpleNamespace(
        function_name="stack-Function",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:stack-Function",
        aws_request_id="r-1",
        get_remaining_time_in_millis=lambda: 60_000,
    )


CONFIG = b"""\
version: 1
name: nyc-flights
sandbox: prod
destination:
  type: amazon-s3
  auth:
    type: access-key
    secret: secret://warehouse
  bucketName: warehouse
  path: exports
  datasetFileType: PARQUET
  compression: GZIP
datasets:
  - name: Flights
scheduleParams:
  exportMode: FIRST_FULL_THEN_INCREMENTAL
  interval: 3
  timeUnit: hour
"""


@pytest.fixture
def config_text():
    return CONFIG
