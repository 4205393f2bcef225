"""The transformation of a dataflow of audiences: where in it everything stands, in both generations."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from aep_delivery.planning.declaring.flows import TRANSFORM


class Transformation(BaseModel):
    """What a dataflow has of it.

    Attributes:
        index: Its place among the dataflow's transformations; None where it is not there.
        count: How many transformations there are; None where the dataflow has no such field.
        first_generation: Whether attributes stand in it, or a mapping set is referred to.
        params: Its parameters, as Adobe answers them.
    """

    model_config = ConfigDict(frozen=True)

    first_generation: bool
    index: int | None = None
    count: int | None = None
    params: dict[str, Any] = {}

    @classmethod
    def of(cls, dataflow: dict[str, Any], *, first_generation: bool) -> Transformation:
        """The transformation of a dataflow."""
        listed = dataflow.get("transformations")
        if not isinstance(listed, list):
            return cls(first_generation=first_generation)
        for index, one in enumerate(listed):
            if isinstance(one, dict) and one.get("name") == TRANSFORM:
                params = one.get("params")
                return cls(
                    first_generation=first_generation,
                    index=index,
                    count=len(listed),
                    params=params if isinstance(params, dict) else {},
                )
        return cls(first_generation=first_generation, count=len(listed))

    @property
    def audiences(self) -> list[Any]:
        """The selectors of audiences."""
        return _list(_object(self.params.get("segmentSelectors")).get("selectors"))

    @property
    def attributes(self) -> list[Any]:
        """The selectors of attributes; first generation."""
        return _list(_object(self.params.get("profileSelectors")).get("selectors"))

    @property
    def fields(self) -> dict[str, Any]:
        """What ``mandatoryFields`` and ``primaryFields`` stand in."""
        return _object(self.params.get("profileSelectors")) if self.first_generation else self.params

    @property
    def mandatory_fields(self) -> list[Any]:
        return _list(self.fields.get("mandatoryFields"))

    @property
    def primary_fields(self) -> list[Any]:
        return _list(self.fields.get("primaryFields"))

    @property
    def mapping(self) -> tuple[str, int] | None:
        """Id and version of the mapping set; current generation. None where there is none yet."""
        found = _object(self.params.get("profileMapping"))
        if not found.get("mappingId"):
            return None
        return str(found["mappingId"]), int(found.get("mappingVersion") or 0)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
