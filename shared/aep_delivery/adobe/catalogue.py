"""The destinations Adobe offers, as data: ``catalogue.json`` beside this module, typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, SecretStr
from pydantic.alias_generators import to_camel

from aep_delivery.runtime.errors import UserError


class CatalogueModel(BaseModel):
    """Base of the catalogue's rows; ``source`` says where Adobe publishes the fact."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class SpecId(CatalogueModel):
    """A specification of Adobe's."""

    id: str
    version: str = "1.0"
    source: str


class Param(CatalogueModel):
    """A parameter of an authentication or of a target connection."""

    name: str
    required: bool = True
    secret: bool = False
    pattern: str | None = None
    values: list[str] | None = None
    source: str

    def accepts(self, value: str) -> bool:
        """Whether Adobe would take this value."""
        if self.values is not None and value not in self.values:
            return False
        return self.pattern is None or re.fullmatch(self.pattern, value) is not None


class AuthSpec(CatalogueModel):
    """A way for Adobe to get into the storage."""

    name: str
    """Adobe's ``specName``."""
    params: list[Param]
    source: str

    def findings(self, params: Mapping[str, SecretStr]) -> list[str]:
        """What is wrong with these parameters, a line each, no value among them; empty when all is well."""
        known = {param.name: param for param in self.params}
        unknown = [f"{name}: not a parameter of {self.name!r}" for name in params if name not in known]
        missing = [f"{name}: missing" for name, param in known.items() if param.required and name not in params]
        wrong = [
            f"{name}: not of the form Adobe accepts ({known[name].pattern})"
            for name, value in params.items()
            if name in known and not known[name].accepts(value.get_secret_value())
        ]
        return [*unknown, *missing, *wrong]


class FlowSpecs(CatalogueModel):
    """The flow specifications of a destination, by what is exported."""

    datasets: SpecId
    audiences: SpecId


class SourceRow(CatalogueModel):
    """Where Adobe exports from."""

    connection_spec: SpecId


class DestinationRow(CatalogueModel):
    """Where Adobe exports to."""

    name: str
    title: str
    generation: Literal["current"]
    connection_spec: SpecId
    flow_specs: FlowSpecs
    auth_specs: list[AuthSpec]
    target_params: list[Param]

    @property
    def connection_spec_id(self) -> str:
        """Id of the connection specification."""
        return self.connection_spec.id

    @property
    def dataset_flow_spec_id(self) -> str:
        """Id of the flow specification that exports datasets."""
        return self.flow_specs.datasets.id

    def auth_spec(self, name: str) -> AuthSpec:
        """The authentication of this name of Adobe's. Raises ``KeyError`` for any other."""
        return {spec.name: spec for spec in self.auth_specs}[name]

    def target_param(self, name: str) -> Param:
        """The target parameter of this name of Adobe's. Raises ``KeyError`` for any other."""
        return {param.name: param for param in self.target_params}[name]


class Catalogue(CatalogueModel):
    """All of it."""

    data_lake: SourceRow
    profile_store: SourceRow
    destinations: list[DestinationRow]

    @property
    def data_lake_spec_id(self) -> str:
        """Id of the connection specification datasets come from."""
        return self.data_lake.connection_spec.id

    def destination(self, name: str) -> DestinationRow:
        """The row of a destination.

        Raises:
            UserError: ``destination.unknown``.
        """
        rows = {row.name: row for row in self.destinations}
        if name in rows:
            return rows[name]
        close = get_close_matches(name, rows, n=1)
        raise UserError(
            f"{name!r} is not a destination of the catalogue.",
            code="destination.unknown",
            hint=f"Did you mean {close[0]!r}?" if close else f"Known destinations: {', '.join(sorted(rows))}.",
            place="destination.type",
        )


@cache
def load_catalogue() -> Catalogue:
    """The catalogue, read once."""
    return Catalogue.model_validate_json(files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8"))
