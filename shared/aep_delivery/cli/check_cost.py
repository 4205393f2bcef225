"""What a check will take, told before it starts, and a question where that is a lot."""

from __future__ import annotations

from datetime import timedelta

import typer

from aep_delivery.cli.exits import MisuseError
from aep_delivery.cli.screen import Screen
from aep_delivery.verification.loose_files.foreseen import Foreseen
from aep_delivery.verification.receipt.figures import duration, plural, size

_WORTH_TELLING = 10.0
_WORTH_ASKING = 300.0
"""Seconds."""


def tell_cost(foreseen: Foreseen, screen: Screen, *, yes: bool) -> None:
    """Write on standard error what a check will take, where that is worth a line. On a terminal, ask whether to go on
    where it takes minutes.

    Args:
        foreseen: What it takes.
        screen: Where to write.
        yes: True where nobody is to be asked.

    Raises:
        MisuseError: ``cli.not-confirmed``: the answer was no.
    """
    if foreseen.seconds < _WORTH_TELLING:
        return
    asked = f", {plural(foreseen.requests, 'request')}" if foreseen.requests else ""
    screen.note(
        f"{plural(foreseen.files, 'file')}, {size(foreseen.bytes)} to read{asked}: "
        f"about {duration(timedelta(seconds=foreseen.seconds))} and at most {foreseen.memory_mb:,} MB of memory."
    )
    if foreseen.seconds >= _WORTH_ASKING and not yes and screen.asks and not typer.confirm("Go on?", err=True):
        raise MisuseError("Not checked: you said no.", code="cli.not-confirmed", hint="--level structure reads less.")
