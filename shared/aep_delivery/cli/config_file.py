"""Reads a config from the user's disk, with the files it extends."""

from __future__ import annotations

import json
from pathlib import Path

from aep_delivery.config.load import read_config_files
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.runtime.errors import UserError
from aep_delivery.workflow.config_document import ConfigDocument


def read_config(path: Path) -> ConfigDocument:
    """Read and check a config; its places begin with the path as it was given.

    Raises:
        ConfigError: With a diagnostic for every mistake.
        UserError: ``config.not-found``.
    """
    return ConfigDocument.of(*read_config_files(path))


def config_to_send(path: Path) -> tuple[DeliveryConfig, bytes]:
    """A config as the installation can read it: the file as it is, wherever that says everything.

    Returns:
        The config, and its text: of the file, or as JSON where the file extends others.

    Raises:
        ConfigError: With a diagnostic for every mistake.
        UserError: ``config.not-found``.
    """
    composed, config = read_config_files(path)
    if len(composed.sources) > 1:
        return config, json.dumps(config.document(), indent=2, ensure_ascii=False).encode()
    try:
        return config, path.read_bytes()
    except OSError as error:
        raise UserError(
            f"This file cannot be read: {error.strerror}.", code="cli.file-unreadable", place=str(path)
        ) from None
