"""``aep-delivery schema``."""

from __future__ import annotations

from typing import Annotated

import typer

from aep_delivery.cli.exits import Exit
from aep_delivery.cli.options import Json
from aep_delivery.runtime.errors import UserError
from aep_delivery.schema_files import SCHEMAS, render_schema

_SUFFIX = ".schema.json"


def schema(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which schema.")] = "delivery-config",
    *,
    as_json: Json = False,
) -> int:
    """Print a JSON Schema, for editors and CI.

    Exit codes:
      0  printed
      1  there is no schema of this name

    Examples:
      aep-delivery schema > delivery-config.schema.json
      aep-delivery schema event-delivery-verified
    """
    del as_json  # A schema is JSON either way.
    known = [file.removesuffix(_SUFFIX) for file in SCHEMAS]
    if name not in known:
        raise UserError(f"There is no schema {name}.", code="cli.schema-unknown", hint=f"Known: {', '.join(known)}.")
    typer.echo(render_schema(name + _SUFFIX), nl=False)
    return Exit.OK
