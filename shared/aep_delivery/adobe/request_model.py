"""What everything sent to Adobe has in common: a strict model whose ``body()`` is the exact JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from aep_delivery.adobe.answers import JsonObject

NonEmpty = Annotated[str, Field(min_length=1)]


class RequestModel(BaseModel):
    """Base of everything sent to Adobe."""

    # The models that a function asks nothing of are never built: that is most of what starting it takes.
    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    def body(self) -> JsonObject:
        """The JSON to send. For a connection with ``auth`` it holds the credentials in clear."""
        return self.public_body()

    def public_body(self) -> JsonObject:
        """The JSON without credentials: for fingerprints, plans and logs."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class SpecReference(RequestModel):
    """Names a specification; Adobe refuses it without a version."""

    id: NonEmpty
    version: str = "1.0"
