"""``aep-delivery explain``."""

from __future__ import annotations

from typing import Annotated

import typer

from aep_delivery.cli.exits import Exit
from aep_delivery.cli.explanations import codes as known_codes
from aep_delivery.cli.explanations import explanation
from aep_delivery.cli.options import Json
from aep_delivery.cli.screen import Screen


def explain(
    codes: Annotated[
        list[str],
        typer.Argument(metavar="CODE", help="What stands in brackets at the end.", autocompletion=known_codes),
    ],
    *,
    as_json: Json = False,
) -> int:
    """Explain the code of an error, a warning or a finding. Needs no connection.

    What it means, an example of what is printed, and what to do: the section of the reference.

    Exit codes:
      0  explained
      2  there is no such code

    Examples:
      aep-delivery explain config.unknown-field
      aep-delivery explain gzip.truncated set.files-missing
      aep-delivery explain adobe.throttled --json | jq -r .codes[].advice
    """
    screen = Screen(as_json=as_json)
    found = [explanation(code) for code in codes]
    screen.document({"codes": [{**each.model_dump(), "page": f"docs/{each.page}"} for each in found]})
    for number, each in enumerate(found):
        if number:
            screen.text("")
        for line in each.lines():
            screen.text(line, style="bold" if line == each.code else "")
    return Exit.OK
