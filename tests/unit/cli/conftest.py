from __future__ import annotations

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from aep_delivery.cli import connection, kept_receipts
from aep_delivery.cli.connection import Connection
from aep_delivery.cli.main import app
from aep_delivery.running.models import RunOutcome
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.errors import ErrorDocument
from aep_delivery.runtime.settings import Settings
from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.verification.receipt.models import Delivery, Receipt, Request
from aep_delivery.verification.receipt.page import render_page
from aep_delivery.workflow.documents import MemoryDocuments, folder_of
from aep_delivery.workflow.services import Services
from tests.faults.conftest import adobe, running_adobe  # noqa: F401 - fixtures
from tests.faults.harness import CONFIG, START, LocalServices

SETTINGS = Settings(
    owner="the-stack",
    state_table="state",
    work_bucket="papers",
    config_bucket="configs",
    deliver_state_machine="arn:aws:states:us-east-1:123456789012:stateMachine:deliver",
)


class Cli:
    """The command line with an installation that lives in this process."""

    def __init__(self, services, settings=SETTINGS) -> None:
        self.services = services
        self.connection = Connection(settings, outputs={}, parameters={"ConfigPrefix": "deliveries/"})
        self.connection.__dict__["services"] = services

    def __call__(self, *arguments, answer=None):
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=answer)

    def json(self, *arguments):
        """The exit code, and the one document on standard output; standard error must be silent."""
        result = self(*arguments, "--json")
        assert result.stderr == ""
        return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def offline(monkeypatch):
    """An installation without Adobe."""
    services = Services(SETTINGS, FixedClock(START))
    services.store = MemoryStateStore(services.clock)
    services.documents = MemoryDocuments()
    cli = Cli(services)
    monkeypatch.setattr(connection, "connect", lambda stack: cli.connection)
    return cli


@pytest.fixture
def cli(adobe, monkeypatch):  # noqa: F811 - the fixture
    """An installation beside the emulated Adobe."""
    services = LocalServices(adobe)
    cli = Cli(services, services.settings)
    monkeypatch.setattr(connection, "connect", lambda stack: cli.connection)
    return cli


@pytest.fixture
def config_file(tmp_path):
    """Writes a config, with changes, and gives its path."""

    def write(file="planes.yaml", /, **changes):
        merged = {
            key: {**value, **changes[key]} if isinstance(changes.get(key), dict) else changes.get(key, value)
            for key, value in CONFIG.items()
        }
        path = tmp_path / file
        path.write_text(json.dumps(merged, indent=2))
        return path

    return write


class WorkBucket:
    """S3's listing of the documents in memory; each was written an hour after the one before."""

    def __init__(self, documents) -> None:
        self._documents = documents

    def get_paginator(self, operation):
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket, Prefix):  # noqa: N803 - boto3's
        keys = [key for key in self._documents.kept if key.startswith(Prefix)]
        found = [
            {"Key": key, "LastModified": START + timedelta(hours=number)}
            for number, key in enumerate(self._documents.kept)
            if key in keys
        ]
        # S3 lists by name, and a page may be empty.
        yield {}
        for item in sorted(found, key=lambda item: item["Key"]):
            yield {"Contents": [item]}


def receipt_of(execution, *, run_ids=(), verdict="VERIFIED", delivery="prod/planes"):
    sandbox, _, name = delivery.partition("/")
    failed = verdict == "FAILED"
    return Receipt(
        delivery=Delivery(id=delivery, name=name, sandbox=sandbox),
        request=Request(trigger="cli", execution=execution, requested_at=START),
        verdict=verdict,
        reason="As it is.",
        finished_at=START,
        run=RunOutcome(status="SUCCESS", flow_id="f", slot=START, run_ids=list(run_ids)) if run_ids else None,
        failure=ErrorDocument(error="UserError", code="x.y", message="No.") if failed else None,
    )


def keep_receipt(services, receipt):
    """As the workflow does it: the receipt and its page."""
    folder = folder_of(receipt.delivery.id, receipt.request.execution)
    services.documents.put(f"{folder}/receipt.json", receipt.to_json())
    services.documents.put(f"{folder}/receipt.html", render_page(receipt), "text/html")


@pytest.fixture
def listed(monkeypatch):
    """Lets the receipts of an installation in this process be listed."""

    def use(services):
        monkeypatch.setattr(kept_receipts, "aws_client", lambda service: WorkBucket(services.documents))

    return use
