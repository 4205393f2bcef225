"""``aep-delivery init``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from aep_delivery.cli.adopted_file import SCHEMA_FILE
from aep_delivery.cli.asking import Asker
from aep_delivery.cli.exits import Exit
from aep_delivery.cli.init_questions import Given, ask
from aep_delivery.cli.new_config import ADOBES_ACCOUNT, NewDelivery, config_text, sample_of
from aep_delivery.cli.new_file import write_new
from aep_delivery.cli.options import DEFAULT_STACK, FLAG, Debug, Json, Stack
from aep_delivery.cli.screen import Screen
from aep_delivery.config.load import load_config
from aep_delivery.config.naming import check_delivery_name
from aep_delivery.events.inbound import CONFIG_SUFFIXES
from aep_delivery.runtime.errors import UserError


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class WantedSecret(_Model):
    """The secret that the config names."""

    name: str
    """In AWS Secrets Manager."""
    fields: list[str]
    """Required in its JSON object."""
    optional_fields: list[str]


class NextStep(_Model):
    """What to do next."""

    why: str
    command: str


class InitDocument(_Model):
    """What ``--json`` prints."""

    file: str
    delivery_id: str
    secret: WantedSecret | None
    next_steps: list[NextStep]
