"""What holds for all tests."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from hypothesis import settings

from aep_delivery.runtime.log import logger

# A slow machine is not a defect: what takes too long is found by the tests' own time limits.
settings.register_profile("default-without-deadline", deadline=None)
settings.load_profile("default-without-deadline")


LEVEL = logger.level


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by their argument: some hold a time or a random key, and every process must call a test alike."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    """The command line turns the log down, and tests listen to it: neither lasts, whichever fixture did it."""
    streams = [handler.stream for handler in logger.handlers]
    # Some libraries' own configuration of logging turns off every logger that is there.
    logging.disable(logging.NOTSET)
    logging.getLogger(logger.name).disabled = False
    logger.setLevel(LEVEL)
    yield
    logger.setLevel(LEVEL)
    for handler, stream in zip(logger.handlers, streams, strict=True):
        handler.stream = stream
