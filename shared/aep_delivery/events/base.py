"""What all events that go out have in common: a version, an id that a repetition keeps, and their bounds."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, overload

from pydantic import BaseModel, ConfigDict, Field, computed_field
from pydantic.alias_generators import to_camel

from aep_delivery.runtime.errors import ErrorDocument

LONGEST_TEXT = 2000
"""Characters of a sentence. A config may have a hundred mistakes; an event names them, and the receipt has them all."""
MOST_RUNS = 100
"""Runs that an event names. One slot has a run for each merge policy, rarely more than a few."""

_NAMESPACE = uuid.UUID("6f1f5cf2-5d0c-5a30-9a0b-4b8f4c1f3f57")

RunIds = Annotated[list[str], Field(max_length=MOST_RUNS)]


class Sent(BaseModel):
    """Base of what is sent: camel case on the wire, strict, immutable."""

    model_config = ConfigDict(
        # A function sends one or two of these; the others are not built.
        defer_build=True,
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
    )


class Announcement(Sent):
    """Base of ``detail``: one fact that the world is told of."""

    DETAIL_TYPE: ClassVar[str]
    FACT: ClassVar[tuple[str, ...]] = ("delivery_id", "execution")
    """The fields that tell two facts of a kind apart. An event that is sent again, by a step that was repeated or an
    execution that was redriven, has the same."""
    MOMENT: ClassVar[str] = "finished_at"
    """The field that says when it happened."""

    schema_version: Literal["1"] = "1"
    """The version of this schema. New fields may come within a version; none goes or changes."""
    execution: str
    """The name of the workflow's execution that tells of it."""
    reason: str
    """What happened, in one sentence."""

    @computed_field(description="The same for the same fact however often it is told: EventBridge's own `id` is not.")  # type: ignore[prop-decorator]
    @property
    def event_id(self) -> str:
        """A UUID made of the fact itself."""
        values = self.model_dump(mode="json", include=set(self.FACT))
        # A JSON list, because joined texts are ambiguous.
        fact: list[Any] = [self.DETAIL_TYPE, *(values[name] for name in self.FACT)]
        return str(uuid.uuid5(_NAMESPACE, json.dumps(fact)))

    @property
    def moment(self) -> datetime:
        """When it happened."""
        moment: datetime = getattr(self, self.MOMENT)
        return moment


class OfDelivery(Announcement):
    """Base of ``detail`` of an event about one delivery that is known."""

    delivery_id: str
    """`sandbox/delivery`."""
    delivery: str
    """The delivery's name."""
    sandbox: str
    """The Experience Platform sandbox."""


class EventError(Sent):
    """Why something failed. Holds no secret and no row content."""

    code: str
    """Stable dotted code, as in the reference of errors: `config.unknown-field`."""
    message: str
    """One sentence for the person who must act."""
    hint: str | None = None
    """What to do about it."""
    place: str | None = None
    """Where: `flights.yaml:12:9`, an object key."""

    @classmethod
    def of(cls, error: ErrorDocument) -> EventError:
        """An error as an event tells it, each text within bounds."""
        return cls(code=error.code, message=within(error.message), hint=within(error.hint), place=within(error.place))


def named(delivery_id: str) -> dict[str, str]:
    """The three fields that name a delivery, of its id ``sandbox/name``."""
    sandbox, _, name = delivery_id.partition("/")
    return {"delivery_id": delivery_id, "delivery": name, "sandbox": sandbox}


@overload
def within(text: str) -> str: ...
@overload
def within(text: None) -> None: ...
@overload
def within(text: str | None) -> str | None: ...
def within(text: str | None) -> str | None:
    """A text that an event has room for: cut, and seen to be cut, where it is longer."""
    if text is None or len(text) <= LONGEST_TEXT:
        return text
    return text[: LONGEST_TEXT - 1] + "…"
