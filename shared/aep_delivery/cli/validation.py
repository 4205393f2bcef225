"""What checking configs found, file by file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from aep_delivery.cli.config_file import read_config
from aep_delivery.config.diagnostics import Diagnostic
from aep_delivery.config.errors import ConfigError
from aep_delivery.config.load import load_config
from aep_delivery.config.source import MAX_BYTES
from aep_delivery.runtime.errors import ErrorDocument, UserError

STDIN = Path("-")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class Checked(_Model):
    """One file, as it was found."""

    file: str
    valid: bool
    delivery_id: str | None = None
    diagnostics: list[Diagnostic] = []
    error: ErrorDocument | None = None
    """Where the file could not even be read."""


class Validation(_Model):
    """What ``--json`` prints."""

    valid: bool
    files: list[Checked]


def check_file(path: Path) -> Checked:
    """Read one config; ``-`` is standard input. What is wrong with it is in the answer; nothing is raised."""
    if path == STDIN:
        text = sys.stdin.buffer.read(MAX_BYTES + 1)
        # Only the name of a file says that it is JSON, which may be indented with tabs.
        name = "<stdin>.json" if text.lstrip().startswith(b"{") else "<stdin>"
        return _checked(name, lambda: load_config(text, name).delivery_id)
    return _checked(str(path), lambda: read_config(path).delivery().delivery_id)


def _checked(file: str, read: Callable[[], str]) -> Checked:
    try:
        delivery_id = read()
    except ConfigError as error:
        return Checked(file=file, valid=False, diagnostics=error.diagnostics)
    except UserError as error:
        return Checked(file=file, valid=False, error=error.document())
    return Checked(file=file, valid=True, delivery_id=delivery_id)
