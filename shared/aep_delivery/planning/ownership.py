"""The owner marker: the tag in an entity's description that says which delivery owns it.

It is what makes exactly-once possible: Flow Service accepts any number of entities of one name and has no idempotency
key, but a description comes back as it was sent. So what a lost answer created can be found again, and what lacks the
marker is somebody else's.
"""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict

from aep_delivery.state.records import ResourceKind

_MARKER = re.compile(
    r"\[aep-delivery owner=(?P<owner>[A-Za-z0-9-]+) delivery=(?P<delivery>[^\s\]]+) kind=(?P<kind>[a-z-]+)\]"
)

_OPENING = re.compile(r"\[aep-delivery")


class OwnerMarker(BaseModel):
    """Who owns an entity."""

    model_config = ConfigDict(frozen=True)

    owner: str
    """The installation: the stack's name."""
    delivery_id: str
    """``sandbox/name``."""
    kind: ResourceKind

    @property
    def text(self) -> str:
        return f"[aep-delivery owner={self.owner} delivery={self.delivery_id} kind={self.kind}]"

    def describe(self, description: str) -> str:
        """A description for people with the marker at its end.

        What looks like a marker in the description itself is made harmless: nobody claims another delivery's entities
        by the text of a config.
        """
        return f"{_OPENING.sub('(aep-delivery', description)} {self.text}"

    def marks(self, description: str | None) -> bool:
        """Whether a description carries exactly this marker."""
        return read_marker(description) == self


def read_marker(description: str | None) -> OwnerMarker | None:
    """The marker in a description, wherever in it a person may have moved it; None where there is none."""
    match = _MARKER.search(description or "")
    if match is None or match["kind"] not in set(ResourceKind):
        return None
    return OwnerMarker(owner=match["owner"], delivery_id=match["delivery"], kind=ResourceKind(match["kind"]))
