"""The transformation of an audience dataflow: its skeleton, into which audiences and attributes are patched.

Adobe's samples call it ``GeneralTransform``, its OpenAPI description "General Transform"; stored dataflows have the
former. A dataflow without the skeleton has nothing that a patch could add to.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from aep_delivery.adobe.request_model import RequestModel


class Selectors(RequestModel):
    """Audiences, or the attributes of the first generation."""

    selectors: list[JsonValue] = Field(default_factory=list)


class FirstGenerationTransformParams(RequestModel):
    """Audiences and attributes of a first-generation dataflow."""

    segment_selectors: Selectors = Selectors()
    profile_selectors: Selectors = Selectors()


class TransformParams(RequestModel):
    """Audiences, keys and the mapping of a dataflow of the current generation."""

    mandatory_fields: list[JsonValue] = Field(default_factory=list)
    primary_fields: list[JsonValue] = Field(default_factory=list)
    profile_mapping: dict[str, JsonValue] = Field(default_factory=dict)
    segment_selectors: Selectors = Selectors()


class GeneralTransform(RequestModel):
    """The one transformation there is."""

    name: Literal["GeneralTransform"] = "GeneralTransform"
    params: Annotated[TransformParams | FirstGenerationTransformParams, Field(union_mode="smart")]


def transform_skeleton(generation: Literal["current", "first"]) -> GeneralTransform:
    """The transformation of a new dataflow, with nothing in it yet."""
    return GeneralTransform(params=TransformParams() if generation == "current" else FirstGenerationTransformParams())
