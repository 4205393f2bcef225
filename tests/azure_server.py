"""One local Azure for all tests of a process."""

from __future__ import annotations

import atexit
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from emulator.storage.azure import Azure, start_azure
from emulator.storage.node import AzuriteUnavailableError


@cache
def _start() -> Azure | str:
    running = ExitStack()
    try:
        azure = running.enter_context(start_azure())
    except AzuriteUnavailableError as error:
        return str(error)
    atexit.register(running.close)
    return azure


def shared_azure() -> Azure:
    """The Azure, started with the first test that asks; skips that test where it can't be had."""
    azure = _start()
    if isinstance(azure, str):
        pytest.skip(azure)
    return azure


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Azure:
    """The Azure, which clients of this process trust."""
    running = shared_azure()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(running.ca_file))
    return running


@pytest.fixture
def container(azure: Azure) -> Iterator[str]:
    """The name of an empty container."""
    name = f"c-{uuid.uuid4()}"
    azure.create_container(name)
    yield name
    azure.client.delete_container(name)
