"""What checking configs found, file by file."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from aep_delivery.cli.config_file import read_config
from aep_delivery.config.diagnostics import Diagnostic
from aep_delivery.config.errors import ConfigError
from aep_delivery.runtime.errors import ErrorDocument, UserError


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
    """Read one config. What is wrong with it is in the answer; nothing is raised."""
    try:
        delivery_id = read_config(path).delivery().delivery_id
    except ConfigError as error:
        return Checked(file=str(path), valid=False, diagnostics=error.diagnostics)
    except UserError as error:
        return Checked(file=str(path), valid=False, error=error.document())
    return Checked(file=str(path), valid=True, delivery_id=delivery_id)
