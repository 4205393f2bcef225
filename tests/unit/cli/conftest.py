from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from aep_delivery.cli import connection
from aep_delivery.cli.connection import Connection
from aep_delivery.cli.main import app
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.log import logger
from aep_delivery.runtime.settings import Settings
from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.workflow.documents import MemoryDocuments
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


@pytest.fixture(autouse=True)
def _log_as_it_was():
    level, streams = logger.level, [handler.stream for handler in logger.handlers]
    yield
    logger.setLevel(level)
    for handler, stream in zip(logger.handlers, streams, strict=True):
        handler.stream = stream


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
