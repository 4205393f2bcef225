"""What shells offer beside commands, options and choices. Nothing is asked over the network for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from aep_delivery.cli.config_file import read_config
from aep_delivery.events.inbound import BASE_SUFFIXES, CONFIG_SUFFIXES
from aep_delivery.runtime.errors import UserError

MAX_CONFIGS = 50
"""Configs read for one completion: whoever presses the key waits."""


def delivery_names(incomplete: str) -> list[str]:
    """The names of the deliveries whose configs lie in the current folder."""
    return sorted(name for name, _ in _deliveries() if name.startswith(incomplete))


def deliveries(incomplete: str) -> list[str]:
    """The names of the deliveries whose configs lie in the current folder, and the configs."""
    found = [*_deliveries()]
    return sorted(
        one for one in {*(name for name, _ in found), *(file for _, file in found)} if one.startswith(incomplete)
    )


def _deliveries() -> Iterator[tuple[str, str]]:
    """Name and file of each valid config here."""
    try:
        here = sorted(path for path in Path().iterdir() if path.name.lower().endswith(CONFIG_SUFFIXES))
    except OSError:
        return
    for path in [path for path in here if not path.name.lower().endswith(BASE_SUFFIXES)][:MAX_CONFIGS]:
        try:
            yield read_config(path).delivery().delivery_id, path.name
        except UserError:
            continue
