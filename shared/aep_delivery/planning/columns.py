"""The columns of the current generation: a mapping set in Data Prep, compared by what it maps."""

from __future__ import annotations

from typing import Protocol

from aep_delivery.adobe.data_prep import MappingSet
from aep_delivery.adobe.errors import EntityNotFoundError
from aep_delivery.planning.attributes import AttributeToExport
from aep_delivery.planning.transformation import Transformation


class MappingSets(Protocol):
    """Where mapping sets are read: Data Prep."""

    def mapping_set(self, mapping_set_id: str, version: int) -> MappingSet: ...


def live_columns(live: Transformation, mapping_sets: MappingSets | None) -> list[AttributeToExport]:
    """What a dataflow's mapping set maps; nothing where there is none, or where Adobe does not know it any more.

    Args:
        live: The dataflow's transformation.
        mapping_sets: Data Prep; None where it is not asked, as for the first generation.
    """
    if live.first_generation or live.mapping is None or mapping_sets is None:
        return []
    return columns_of(mapping_sets, *live.mapping)


def columns_of(mapping_sets: MappingSets, mapping_set_id: str, version: int) -> list[AttributeToExport]:
    """What a mapping set maps; nothing where Adobe does not know it."""
    try:
        found = mapping_sets.mapping_set(mapping_set_id, version)
    except EntityNotFoundError:
        return []
    return [AttributeToExport(source=one.source, column=one.column) for one in found.mappings]
