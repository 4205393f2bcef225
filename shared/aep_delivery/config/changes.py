"""What a config says of changes: names of entities, which to take over, what may change, and what drift leads to."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from aep_delivery.config.base import ConfigModel, Violation, refuse
from aep_delivery.config.naming import EntityId, EntityName


class EntityNames(ConfigModel):
    """The names of the entities in Experience Platform. Each has a default that is derived from the delivery's name."""

    base_connection: Annotated[EntityName | None, Field(examples=["Flights bucket"])] = None
    """The name of the base connection."""
    source_connection: Annotated[EntityName | None, Field(examples=["Flights datasets"])] = None
    """The name of the source connection."""
    target_connection: Annotated[EntityName | None, Field(examples=["Flights folder"])] = None
    """The name of the target connection."""
    dataflow: Annotated[EntityName | None, Field(examples=["Flights to the warehouse"])] = None
    """The name of the dataflow."""


class Adoption(ConfigModel):
    """An existing dataflow that this delivery takes over, with its source and target connection."""

    dataflow: Annotated[EntityId, Field(examples=["0dc05d5c-6e1a-4cd9-9b27-a0f3ab4d8a3e"])]
    """The id of the dataflow, in the delivery's sandbox."""


class Allowance(StrEnum):
    """``schedule-change``: the schedule of a dataflow with several datasets, which all of them share, may change."""

    SCHEDULE_CHANGE = "schedule-change"


class DriftPolicy(StrEnum):
    """``report``: an edit by somebody else is told; ``repair``: it is undone as well."""

    REPORT = "report"
    REPAIR = "repair"


def _no_duplicates(allowances: tuple[Allowance, ...]) -> tuple[Allowance, ...]:
    duplicates = [
        Violation("config.allow-duplicate", "allows the same thing again", "Keep one of the two.", (index,))
        for index, allowance in enumerate(allowances)
        if allowance in allowances[:index]
    ]
    if duplicates:
        refuse(*duplicates)
    return allowances


Allowances = Annotated[
    tuple[Annotated[Allowance, Field(strict=False)], ...],
    Field(strict=False, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_no_duplicates),
]
