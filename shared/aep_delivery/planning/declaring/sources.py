"""Source connections: datasets of the data lake, or the profile store.

Sources: Adobe: Export datasets by using the Flow Service API; Connect to batch destinations and activate audiences by
API; Activate audiences to file-based destinations by API.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.planning.declaring.connections import spec


class Named(Protocol):
    """A dataset."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


def data_lake_source(datasets: Sequence[Named]) -> dict[str, Any]:
    """Datasets. Adobe lets no one change them afterwards."""
    return {
        "connectionSpec": spec(load_catalogue().data_lake.connection_spec),
        "params": {"datasets": [{"dataSetId": dataset.id, "name": dataset.name} for dataset in datasets]},
    }


def profile_source() -> dict[str, Any]:
    """The profile store, for the current generation."""
    return {"connectionSpec": spec(load_catalogue().profile_store.connection_spec)}


def first_generation_profile_source(base_connection_id: str) -> dict[str, Any]:
    """The profile store, for the first generation: through a base connection of its own."""
    return {
        "connectionSpec": spec(load_catalogue().profile_store.connection_spec),
        "baseConnectionId": base_connection_id,
        "data": {"format": "CSV", "schema": None},
        "params": {},
    }
