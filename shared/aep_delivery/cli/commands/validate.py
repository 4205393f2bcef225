"""``aep-delivery validate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from aep_delivery.cli.config_file import read_config
from aep_delivery.cli.exits import Exit
from aep_delivery.cli.options import Debug, Json
from aep_delivery.cli.screen import Screen
from aep_delivery.config.diagnostics import Diagnostic, render
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


def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Configs: YAML or JSON.")],
    *,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Check configs. Needs no connection.

    All mistakes of all files are shown at once, as a compiler shows them.

    Exit codes:
      0  all files are valid
      1  at least one is not

    Examples:
      aep-delivery validate flights.yaml
      aep-delivery validate deliveries/*.yaml
      aep-delivery validate --json flights.yaml | jq '.files[].diagnostics[].code'
    """
    screen = Screen(as_json=as_json, debug=debug)
    checked = []
    for path in files:
        result = _check(path)
        checked.append(result)
        _show(screen, result)
    validation = Validation(valid=all(result.valid for result in checked), files=checked)
    screen.document(validation)
    return Exit.OK if validation.valid else Exit.ERROR


def _check(path: Path) -> Checked:
    try:
        delivery_id = read_config(path).delivery().delivery_id
    except ConfigError as error:
        return Checked(file=str(path), valid=False, diagnostics=error.diagnostics)
    except UserError as error:
        return Checked(file=str(path), valid=False, error=error.document())
    return Checked(file=str(path), valid=True, delivery_id=delivery_id)


def _show(screen: Screen, result: Checked) -> None:
    if result.valid:
        screen.text(f"{result.file}: valid, delivery {result.delivery_id}", style="green")
    elif result.error is not None:
        screen.text(result.error.as_text())
    else:
        screen.text(render(result.diagnostics))
