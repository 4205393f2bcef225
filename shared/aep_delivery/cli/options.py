"""The options that commands share. Each command lists those it takes: its signature is its documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_STACK = "aep-delivery"
FLAG = ""
"""The metavar of an option without a value; Typer's help would show ``<bool>``."""

ConfigFile = Annotated[Path, typer.Argument(metavar="FILE", help="The config of a delivery: YAML or JSON.")]
Stack = Annotated[
    str,
    typer.Option(
        "--stack",
        envvar="AEP_DELIVERY_STACK",
        metavar="NAME",
        help="The CloudFormation stack, in the account and region of your AWS credentials.",
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json", metavar=FLAG, help="Print one JSON document on standard output, errors too, and nothing else."
    ),
]
Debug = Annotated[
    bool, typer.Option("--debug", metavar=FLAG, help="Show the log and, where a command fails, the stack trace.")
]
