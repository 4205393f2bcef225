from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from aep_delivery.config.errors import ConfigError
from aep_delivery.config.load import load_config
from aep_delivery.config.models import DeliveryConfig

_VALID: dict[str, Any] = {
    "version": 1,
    "name": "nyc-flights",
    "sandbox": "prod",
    "destination": {
        "type": "amazon-s3",
        "auth": {"type": "access-key", "secret": "secret://flights-destination"},
        "bucketName": "my-bucket",
        "path": "exports/flights",
        "datasetFileType": "PARQUET",
        "compression": "GZIP",
    },
    "datasets": [{"name": "Flights 2013"}],
    "scheduleParams": {"exportMode": "FIRST_FULL_THEN_INCREMENTAL", "interval": 3, "timeUnit": "hour"},
}


def make_config(**changes: Any) -> dict[str, Any]:
    """A valid config as data; ``destination__path="x"`` sets a field of a section, None removes it."""
    config = copy.deepcopy(_VALID)
    for name, value in changes.items():
        section, _, field = name.rpartition("__")
        target = config.setdefault(section, {}) if section else config
        if value is None:
            del target[field]
        else:
            target[field] = value
    return config


@pytest.fixture(scope="session")
def valid() -> Callable[..., dict[str, Any]]:
    return make_config


@pytest.fixture(scope="session")
def load() -> Callable[..., DeliveryConfig]:
    """Loads a valid config with changes."""
    return lambda **changes: load_config(json.dumps(make_config(**changes)).encode(), "test.json")


@pytest.fixture(scope="session")
def codes() -> Callable[..., list[str]]:
    """The codes of all findings for a valid config with changes; none where it is accepted."""

    def find(**changes: Any) -> list[str]:
        try:
            load_config(json.dumps(make_config(**changes)).encode(), "test.json")
        except ConfigError as error:
            return [diagnostic.code for diagnostic in error.diagnostics]
        return []

    return find
