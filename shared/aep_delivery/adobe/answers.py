"""Reading Adobe's successful answers, tolerantly and without ever quoting them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from aep_delivery.adobe.errors import AdobeInternalError, AdobeProblem
from aep_delivery.adobe.json_body import read_json
from aep_delivery.adobe.redaction import quotable

if TYPE_CHECKING:
    import httpx

M = TypeVar("M", bound=BaseModel)

JsonObject = dict[str, JsonValue]

_MOST_NAMES = 10
_LONGEST_NAME = 80


def json_object(response: httpx.Response, *, place: str) -> JsonObject:
    """The JSON object an answer holds.

    Raises:
        AdobeInternalError: ``adobe.answer-unreadable``: it holds something else.
    """
    try:
        parsed = read_json(response.content)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise unreadable(place, "no JSON object", status=response.status_code)
    return parsed


def holds_json(response: httpx.Response) -> bool:
    """Whether an answer holds JSON at all. A proxy's page, or half a body, does not, whatever its status says."""
    try:
        read_json(response.content)
    except ValueError:
        return False
    return True


def items_of(body: JsonObject, *, place: str) -> list[JsonObject]:
    """The entities of an answer: Flow Service wraps them in ``items``, even a single one.

    Raises:
        AdobeInternalError: ``adobe.answer-unreadable``: there is no such list.
    """
    items = body.get("items")
    if not isinstance(items, list):
        raise unreadable(place, "no list of items")
    return [item for item in items if isinstance(item, dict)]


def read_model(model: type[M], value: JsonValue, *, place: str) -> M:
    """A typed answer.

    Raises:
        AdobeInternalError: ``adobe.answer-unreadable``, naming the fields in the way.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        fields = {".".join(str(part) for part in finding["loc"]) for finding in error.errors(include_input=False)}
    raise unreadable(place, f"unexpected {_listed(fields)} in {model.__name__}")


def _listed(fields: Collection[str]) -> str:
    """Some names of fields, which are Adobe's own words where an answer has fields of any name."""
    shown = ", ".join(quotable(field)[:_LONGEST_NAME] for field in sorted(fields)[:_MOST_NAMES])
    return shown if len(fields) <= _MOST_NAMES else f"{shown} and {len(fields) - _MOST_NAMES} more"


def unreadable(place: str, what: str, *, status: int | None = None) -> AdobeInternalError:
    """The error for an answer that is not what Adobe's documentation says."""
    return AdobeInternalError(
        f"Adobe's answer to {place} can't be read: {what}.",
        code="adobe.answer-unreadable",
        problem=AdobeProblem(shape="H", http_status=status, code=None, message=what),
        hint="Adobe may have changed its interface, or the address does not lead to Adobe.",
        place=place,
    )
