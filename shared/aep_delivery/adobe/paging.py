"""Flow Service's lists, page after page by continuation token."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from aep_delivery.adobe.answers import JsonObject, items_of, json_object, unreadable
from aep_delivery.adobe.endpoints import FLOW_SERVICE
from aep_delivery.adobe.transport import AdobeTransport, QueryParams

PAGE_SIZE = 100
"""The most Adobe accepts; a page may hold fewer and still not be the last."""
MAX_PAGES = 1_000
"""Of any list: a hundred thousand entities are more than a sandbox may have."""


def pages(transport: AdobeTransport, path: str, filters: QueryParams = ()) -> Iterator[list[JsonObject]]:
    """All pages of a list, read as they are asked for.

    Args:
        transport: The way to Adobe.
        path: Below Flow Service: ``/flows``.
        filters: Query parameters; Adobe wants them again on every page.

    Yields:
        The items of one page.

    Raises:
        AdobeInternalError: ``adobe.answer-unreadable``, also where a token comes back that was followed before, or the
            pages do not end.
    """
    place = f"GET {path}"
    first: QueryParams = [*filters, ("limit", str(PAGE_SIZE))]
    token: str | None = None
    followed: set[str] = set()
    for _ in range(MAX_PAGES):
        params = first if token is None else [*first, ("continuationToken", token)]
        body = json_object(transport.request("GET", FLOW_SERVICE + path, params=params), place=place)
        yield items_of(body, place=place)
        token = continuation_token(body, place=place)
        if token is None:
            return
        if token in followed:
            raise unreadable(place, "its pages go round in a circle")
        followed.add(token)
    raise unreadable(place, f"it has more than {MAX_PAGES:,} pages")


def continuation_token(body: JsonObject, *, place: str) -> str | None:
    """The token of the next page, out of ``_links.next.href``; it may hold equals signs. None on the last page.

    Raises:
        AdobeInternalError: ``adobe.answer-unreadable``: the address is none.
    """
    links = body.get("_links")
    following = links.get("next") if isinstance(links, dict) else None
    href = following.get("href") if isinstance(following, dict) else following
    if not isinstance(href, str):
        return None
    try:
        query = urlsplit(href).query
    except ValueError:  # [ and ] in a host
        raise unreadable(place, "no address of a next page") from None
    return parse_qs(query).get("continuationToken", [None])[0]
