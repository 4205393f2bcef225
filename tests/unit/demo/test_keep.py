from __future__ import annotations

import io
import os
import signal
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from demo.keep import environment, keep_running, tell_datasets
from emulator.destinations import Storages


def _installation(storages: Storages) -> Any:
    return SimpleNamespace(
        cloud=SimpleNamespace(endpoint="http://127.0.0.1:1"),
        adobe=SimpleNamespace(base_url="http://127.0.0.1:2"),
        storages=storages,
    )


AZURE: Any = SimpleNamespace(ca_file=Path("/tmp/an azure/ca.pem"))


@pytest.mark.parametrize("storages", [Storages(), Storages(azure=AZURE)], ids=["alone", "azure"])
def test_a_shell_trusts_what_the_functions_trust(storages: Storages) -> None:
    found = environment(_installation(storages))
    assert storages.environment.items() <= found.items()
    assert set(found) - set(storages.environment) == {
        *("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "ADOBE")
    }


def _said(capsys: pytest.CaptureFixture[str], config: Path | None) -> str:
    ended = threading.Event()

    def end() -> None:
        while not ended.wait(0.02):
            os.kill(os.getpid(), signal.SIGTERM)

    # Until it listens, and once it has ended, the signal means nothing.
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    ending = threading.Thread(target=end)
    ending.start()
    try:
        keep_running(_installation(Storages(azure=AZURE)), config, Console(file=io.StringIO()))
    finally:
        ended.set()
        ending.join()
        signal.signal(signal.SIGTERM, before)
    return capsys.readouterr().out


def test_every_variable_is_printed_for_a_shell_to_take(capsys: pytest.CaptureFixture[str]) -> None:
    said = _said(capsys, Path("a b.yaml"))
    exports = dict(line[7:].split("=", 1) for line in said.splitlines() if line.startswith("export "))
    assert set(exports) == set(environment(_installation(Storages(azure=AZURE))))
    assert exports["REQUESTS_CA_BUNDLE"] == "'/tmp/an azure/ca.pem'"
    assert "bin/aep-delivery plan 'a b.yaml'" in said


def test_without_a_config_nothing_is_suggested_that_would_fail(capsys: pytest.CaptureFixture[str]) -> None:
    assert "aep-delivery plan" not in _said(capsys, None)


def test_the_datasets_of_a_lake_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    told = io.StringIO()
    tell_datasets(["Sales Orders", "people"], Console(file=told))
    assert capsys.readouterr().out.split("\n")[:2] == ["  Sales Orders", "  people"]
    assert "Give CONFIG=my.yaml to have its destination set up." in told.getvalue()
