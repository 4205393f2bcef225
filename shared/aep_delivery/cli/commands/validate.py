"""``aep-delivery validate``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from aep_delivery.cli.exits import Exit
from aep_delivery.cli.options import Debug, Json
from aep_delivery.cli.sarif import sarif_log
from aep_delivery.cli.screen import Screen
from aep_delivery.cli.validation import Checked, Validation, check_file
from aep_delivery.config.diagnostics import render
from aep_delivery.runtime.errors import UserError
from aep_delivery.verification.receipt.figures import visible


class Format(StrEnum):
    """How the findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Configs: YAML or JSON; - is standard input.")],
    *,
    output_format: Annotated[
        Format | None,
        typer.Option("--format", help="How to write what is found; sarif is what code hosts annotate lines by."),
    ] = None,
    site: Annotated[
        str | None,
        typer.Option(
            "--docs",
            envvar="AEP_DELIVERY_DOCS",
            metavar="URL",
            help="Where your copy of the documentation is a site; the rules of sarif link to it.",
        ),
    ] = None,
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
      aep-delivery validate - --json < flights.yaml | jq .valid
      aep-delivery validate --format sarif deliveries/*.yaml > aep-delivery.sarif
    """
    if as_json and output_format not in (None, Format.JSON):
        raise UserError(f"--json and --format {output_format} are two answers to one question.", code="cli.usage")
    screen = Screen(as_json=as_json or output_format in (Format.JSON, Format.SARIF), debug=debug)
    checked = []
    for path in files:
        result = check_file(path)
        checked.append(result)
        _show(screen, result)
    validation = Validation(valid=all(result.valid for result in checked), files=checked)
    screen.document(sarif_log(validation, site) if output_format is Format.SARIF else validation)
    if validation.valid:
        return Exit.OK
    screen.text("Explained: aep-delivery explain CODE", style="dim")
    return Exit.ERROR


def _show(screen: Screen, result: Checked) -> None:
    if result.valid:
        screen.text(f"{visible(result.file)}: valid, delivery {result.delivery_id}", style="green")
    elif result.error is not None:
        screen.text(result.error.as_text())
    else:
        screen.text(render(result.diagnostics))
