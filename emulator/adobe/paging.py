"""The two ways lists are cut into pages: a continuation token for entities and runs, an offset for ``configs``."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from emulator.adobe import filters, problems
from emulator.adobe.http import Call, Json, Reply

MAX_LIMIT = 100
DEFAULT_LIMIT = 20


def listing(kind: str, items: Sequence[Json], call: Call) -> Reply:
    """One page of `items` after the call's filters and order.

    The next page's address carries the token alone: whoever follows it without repeating the filters gets unfiltered
    entities, as with Adobe.
    """
    count = (call.param("count") or "").lower() == "true"
    if count and call.param("limit") is not None:
        raise problems.flow("1401-400", "Invalid request", "limit and count cannot be used together")
    limit = _number(call, "limit", DEFAULT_LIMIT, minimum=1, maximum=MAX_LIMIT)
    found = filters.sort(filters.select(kind, items, call.params("property")), call.param("orderby"))
    if count:
        return Reply(200, {"count": len(found)})
    token = call.param("continuationToken")
    start = 0 if token is None else _position(kind, found, token)
    page = found[start : start + limit]
    body: Json = {"items": page, "_links": {}}
    if start + limit < len(found):
        following = make_token(kind, start + limit, str(page[-1]["id"]))
        body["_links"] = {"next": {"href": f"/{kind}?continuationToken={following}"}}
    return Reply(200, body)


def make_token(kind: str, offset: int, last_id: str) -> str:
    """An opaque token; the text is padded so that it always ends with ``=``, as Adobe's may."""
    text = f"{kind}|{offset}|{last_id}"
    text += "|" * (1 + (1 - len(text)) % 3)
    return base64.urlsafe_b64encode(text.encode()).decode()


def _position(kind: str, found: Sequence[Json], token: str) -> int:
    try:
        token_kind, offset, last_id = base64.urlsafe_b64decode(token.encode()).decode().rstrip("|").split("|")
        fallback = int(offset)
    except (ValueError, binascii.Error):
        raise problems.flow("1450-400", "Invalid token", "The continuationToken is not valid") from None
    if token_kind != kind:
        raise problems.flow("1450-400", "Invalid token", f"The continuationToken is not one of {kind}")
    return next((index + 1 for index, item in enumerate(found) if item["id"] == last_id), fallback)


def configs(items: Sequence[Json], call: Call) -> Reply:
    """One page of the data lake's datasets. It may hold fewer than `limit` though more follow; `end` is inclusive."""
    start = _number(call, "start", 0, minimum=0, maximum=None)
    limit = _number(call, "limit", DEFAULT_LIMIT, minimum=1, maximum=MAX_LIMIT)
    # Adobe's sample asks for 20 and gets 5 of 149: the limit is a ceiling, not a promise.
    size = limit if start % 2 else max(1, limit * 3 // 4)
    page = items[start : start + size]
    end = start + len(page) - 1 if page else start
    info = {"start": start, "end": end, "total": len(items), "hasNext": start + len(page) < len(items) and bool(page)}
    return Reply(200, {"items": page, "pageInfo": info})


def _number(call: Call, name: str, default: int, *, minimum: int, maximum: int | None) -> int:
    text = call.param(name)
    if text is None:
        return default
    bounds = f"at least {minimum}" if maximum is None else f"between {minimum} and {maximum}"
    if not text.isascii() or not text.isdigit() or int(text) < minimum or (maximum is not None and int(text) > maximum):
        raise problems.framework(f"{name} must be {bounds}")
    return int(text)
