"""Declared bodies as the requests of Adobe's two generations."""

from __future__ import annotations

from typing import Any

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.requests import (
    NewBaseConnection,
    NewDataflow,
    NewFirstGenerationBaseConnection,
    NewFirstGenerationProfileSource,
    NewFirstGenerationTargetConnection,
    NewProfileSource,
    NewSourceConnection,
    NewTargetConnection,
)


def new_base_connection(
    body: dict[str, Any], auth: dict[str, Any] | None
) -> NewBaseConnection | NewFirstGenerationBaseConnection:
    """The request that creates a base connection.

    Args:
        body: As declared.
        auth: The credentials; None where Adobe needs none, as for a landing zone and the profile store.
    """
    row = load_catalogue().by_connection_spec(body["connectionSpec"]["id"])
    whole = {**_present(body), **({} if auth is None else {"auth": auth})}
    # The profile store is no destination, and only the first generation connects to it.
    if row is None or row.generation == "first":
        return NewFirstGenerationBaseConnection.model_validate(whole)
    return NewBaseConnection.model_validate(whole)


def new_source_connection(
    body: dict[str, Any],
) -> NewSourceConnection | NewProfileSource | NewFirstGenerationProfileSource:
    """The request that creates a source connection."""
    if "data" in body:
        return NewFirstGenerationProfileSource.model_validate(_present(body))
    if "params" in body:
        return NewSourceConnection.model_validate(_present(body))
    return NewProfileSource.model_validate(_present(body))


def new_target_connection(body: dict[str, Any]) -> NewTargetConnection | NewFirstGenerationTargetConnection:
    """The request that creates a target connection."""
    if "data" in body:
        return NewFirstGenerationTargetConnection.model_validate(_present(body))
    return NewTargetConnection.model_validate(_present(body))


def new_dataflow(body: dict[str, Any]) -> NewDataflow:
    """The request that creates a dataflow."""
    return NewDataflow.model_validate(_present(body))


def _present(body: dict[str, Any]) -> dict[str, Any]:
    """The body without what is declared as not to be there."""
    present = {name: value for name, value in body.items() if value is not None}
    if isinstance(params := present.get("params"), dict):
        present["params"] = {name: value for name, value in params.items() if value is not None}
    return present
