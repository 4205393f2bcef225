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

from aep_delivery.runtime.errors import InternalError, UserError

Exports = Literal["datasets", "audiences"]
Storage = Literal["s3", "gcs", "azure", "adls", "landing-zone", "sftp"]
"""What kind of storage the files land in, whatever the destination is called."""
CURRENT_MODE = "Server-to-server"
"""The one ``mode`` of the current generation."""


class CatalogueModel(BaseModel):
    """Base of the catalogue's rows; ``source`` says where Adobe publishes the fact."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class SpecId(CatalogueModel):
    """A specification of Adobe's."""

    id: str
    version: str = "1.0"
    source: str


class FlowSpec(CatalogueModel):
    """A flow specification: by its id, or by its name where Adobe publishes nothing else."""

    id: str | None = None
    name: str | None = None
    version: str = "1.0"
    source: str


class Param(CatalogueModel):
    """A parameter of an authentication or of a target connection."""

    name: str
    required: bool = True
    secret: bool = False
    reading: bool = False
    """Kept beside Adobe's own for reading back; never sent."""
    modes: list[str] | None = None
    """The modes of a target it goes with; None for all."""
    exports: Exports | None = None
    """What must be exported for it; None for both."""
    pattern: str | None = None
    values: list[str] | None = None
    source: str

    def accepts(self, value: str) -> bool:
        """Whether Adobe would take this value."""
        if self.values is not None and value not in self.values:
            return False
        return self.pattern is None or re.fullmatch(self.pattern, value) is not None

    def belongs(self, mode: str, exports: Exports) -> bool:
        """Whether a target of this mode, for such an export, has it."""
        return (self.modes is None or mode in self.modes) and self.exports in (None, exports)


class AuthSpec(CatalogueModel):
    """A way for Adobe to get into the storage."""

    type: str
    """Its name in a config."""
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
            f"{name}: not of the form {'expected' if known[name].reading else 'Adobe accepts'} ({known[name].pattern})"
            for name, value in params.items()
            if name in known and not known[name].accepts(value.get_secret_value())
        ]
        return [*unknown, *missing, *wrong]

    def sent(self, params: Mapping[str, SecretStr]) -> dict[str, SecretStr]:
        """Of a secret's fields those that Adobe gets; the others are for reading back."""
        reading = {param.name for param in self.params if param.reading}
        return {name: value for name, value in params.items() if name not in reading}


class FlowSpecs(CatalogueModel):
    """The flow specifications of a destination, by what is exported."""

    datasets: SpecId | None = None
    """None where audiences alone can be exported."""
    audiences: FlowSpec


class SourceRow(CatalogueModel):
    """Where Adobe exports from."""

    connection_spec: SpecId


class DestinationRow(CatalogueModel):
    """Where Adobe exports to."""

    name: str
    title: str
    generation: Literal["current", "first"]
    connection_spec: SpecId
    flow_specs: FlowSpecs
    auth_specs: list[AuthSpec]
    """Empty where Adobe needs no credential."""
    target_params: list[Param]
    storage: dict[str, Storage]
    """By Adobe's ``mode``."""

    @property
    def connection_spec_id(self) -> str:
        """Id of the connection specification."""
        return self.connection_spec.id

    @property
    def dataset_flow_spec_id(self) -> str:
        """Id of the flow specification that exports datasets."""
        if self.flow_specs.datasets is None:
            raise InternalError(f"{self.title} takes no datasets.", code="catalogue.audiences-only")
        return self.flow_specs.datasets.id

    def auth_spec(self, name: str) -> AuthSpec:
        """The authentication of this name of Adobe's. Raises ``KeyError`` for any other."""
        return {spec.name: spec for spec in self.auth_specs}[name]

    def auth_spec_for(self, auth_type: str) -> AuthSpec:
        """The authentication that a config calls so. Raises ``KeyError`` for any other."""
        return {spec.type: spec for spec in self.auth_specs}[auth_type]

    def auth_spec_holding(self, params: Mapping[str, SecretStr]) -> AuthSpec | None:
        """The authentication these parameters are of, by their names: for a secret that is for reading alone."""
        return next((spec for spec in self.auth_specs if _names(spec) <= params.keys()), None)

    def target_param(self, name: str, exports: Exports = "datasets") -> Param:
        """The target parameter of this name of Adobe's. Raises ``KeyError`` for any other."""
        return {param.name: param for param in self.target_params if param.exports in (None, exports)}[name]

    def target_params_for(self, mode: str, exports: Exports) -> list[Param]:
        """The target parameters that go with a mode and an export."""
        return [param for param in self.target_params if param.belongs(mode, exports)]

    def storage_for(self, mode: str = CURRENT_MODE) -> Storage:
        """The kind of storage behind a mode. Raises ``KeyError`` for a mode the destination does not have."""
        return self.storage[mode]


class Catalogue(CatalogueModel):
    """All of it."""

    data_lake: SourceRow
    profile_store: SourceRow
    destinations: list[DestinationRow]

    @property
    def data_lake_spec_id(self) -> str:
        """Id of the connection specification datasets come from."""
        return self.data_lake.connection_spec.id

    def by_connection_spec(self, spec_id: str) -> DestinationRow | None:
        """The destination of a connection specification; None for one that is not of the catalogue."""
        return next((row for row in self.destinations if row.connection_spec.id == spec_id), None)

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


def _names(spec: AuthSpec) -> set[str]:
    return {param.name for param in spec.params if param.required and not param.reading}


@cache
def load_catalogue() -> Catalogue:
    """The catalogue, read once."""
    return Catalogue.model_validate_json(files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8"))
