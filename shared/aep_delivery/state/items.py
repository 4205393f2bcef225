"""How records lie in the table: keys, and records as DynamoDB items and back.

One table with the string keys ``pk`` and ``sk``. A delivery's items share ``pk = delivery#<sandbox>/<name>``; ``sk`` is
``lock``, ``state`` (the serial), ``journal#<key>``, ``applied``, ``outcome#latest``, or of the watches ``run#<id>``,
``cursor``, ``freshness`` and ``announcements``. Only the claims of runs vanish by themselves: no other item has the
attribute ``expires_at`` that the table's TTL looks at; a lock's expiry lies inside of ``holder``, as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from pydantic import BaseModel, ValidationError

from aep_delivery.runtime.errors import InternalError
from aep_delivery.state.records import JournalEntry, Record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item = dict[str, Any]
"""An item in the low-level form: attribute name to ``{"S": …}``."""

M = TypeVar("M", bound=BaseModel)

PARTITION = "delivery#"
LOCK = "lock"
STATE = "state"
JOURNAL = "journal#"
APPLIED = "applied"
OUTCOME = "outcome#latest"
RUN = "run#"
CURSOR = "cursor"
FRESHNESS = "freshness"
ANNOUNCEMENTS = "announcements"

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


class StateRecord(Record):
    """The delivery's serial as stored."""

    serial: int = 0


def key_of(delivery_id: str, sort_key: str) -> Item:
    """The key of one item."""
    return {"pk": value_of(PARTITION + delivery_id), "sk": value_of(sort_key)}


def delivery_of(item: Item) -> str:
    """The delivery an item belongs to."""
    return str(item["pk"]["S"]).removeprefix(PARTITION)


def value_of(value: object) -> AttributeValueTypeDef:
    """One attribute in the low-level form."""
    return _serializer.serialize(value)


def to_item(key: Item, record: BaseModel) -> Item:
    """A record as an item; what is None is left out."""
    attributes = record.model_dump(mode="json", exclude_none=True)
    return key | {name: value_of(value) for name, value in attributes.items()}


def from_item(item: Item, model: type[M]) -> M:
    """The record in an item.

    Raises:
        InternalError: ``state.corrupt``; names the item's key and the fields, never their content.
    """
    attributes = {name: _deserializer.deserialize(value) for name, value in item.items()}
    place = f"{attributes.pop('pk')} {attributes.pop('sk')}"
    try:
        return model.model_validate(attributes)
    except ValidationError as error:
        raise InternalError(
            f"The state table holds an item that is not a {model.__name__}.",
            code="state.corrupt",
            place=place,
            hint="It was edited by hand or written by another version of this product.",
            details=[f"{'.'.join(map(str, found['loc']))}: {found['type']}" for found in error.errors()],
        ) from None


def entry_to_item(key: Item, entry: JournalEntry) -> Item:
    """A journal entry as an item; which entry it is says the sort key alone."""
    item = to_item(key, entry)
    del item["key"]
    return item


def entry_from_item(item: Item) -> JournalEntry:
    """The journal entry in an item. Raises as :func:`from_item` does, also for an entry of an unknown kind."""
    kind = str(item["sk"]["S"]).removeprefix(JOURNAL)
    return from_item(item | {"key": value_of(kind)}, JournalEntry)
