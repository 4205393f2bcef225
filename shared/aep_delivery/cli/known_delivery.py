"""Which delivery a command line means: ``sandbox/name``, or the config's file."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from aep_delivery.cli.completing import deliveries
from aep_delivery.cli.config_file import read_config
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.store import StateStore

Delivery = Annotated[
    str,
    typer.Argument(metavar="DELIVERY", help="sandbox/name, or the config's file.", autocompletion=deliveries),
]


def delivery_id_of(delivery: str) -> str:
    """The id that is meant.

    Raises:
        ConfigError: The file has mistakes.
    """
    path = Path(delivery)
    return read_config(path).delivery().delivery_id if path.is_file() else delivery


def unknown_delivery(store: StateStore, delivery_id: str) -> UserError:
    """The error for a delivery that nobody ever heard of, with the name that comes nearest."""
    close = get_close_matches(delivery_id, list(store.deliveries()), n=1)
    return UserError(
        f"Nothing is known of a delivery {delivery_id}.",
        code="cli.delivery-unknown",
        hint=f"Did you mean {close[0]}?" if close else "`aep-delivery status` lists all that are known.",
    )
