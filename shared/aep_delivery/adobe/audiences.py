"""The audiences of a sandbox, and finding in them what a config names.

Source: Adobe: Segmentation Service API, audiences endpoint. It lists what Adobe evaluates (older words: segments) and
what was imported; an audience's ``id`` is what dataflows know it by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from aep_delivery.adobe.answers import JsonObject, json_object, read_model, unreadable
from aep_delivery.adobe.endpoints import AUDIENCES
from aep_delivery.adobe.models import Answer
from aep_delivery.adobe.paging import MAX_PAGES
from aep_delivery.adobe.transport import AdobeTransport
from aep_delivery.runtime.errors import UserError

_LIMIT = 100
_PLACE = f"GET {AUDIENCES}"
_IMPORTED = "ExternalSegment"
_NOT_EXPORTED = frozenset({"draft", "inactive", "deleted"})
"""Lifecycle states in which an audience is not evaluated."""


class WantedAudience(Protocol):
    """An audience as a config names it: by one of the two."""

    @property
    def id(self) -> str | None: ...

    @property
    def name(self) -> str | None: ...


class _Listed(Answer):
    id: str
    name: str = ""
    audience_id: str | None = None
    merge_policy_id: str | None = None
    lifecycle_state: str | None = None
    type: str | None = None
    namespace: str | None = None


class AudienceRef(BaseModel):
    """An audience as Adobe lists it."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    merge_policy_id: str | None = None
    """Audiences of different merge policies are exported by different runs; None for imported ones."""
    lifecycle_state: str | None = None
    imported: bool = False
    """Made outside of Experience Platform."""
    external_id: str | None = None
    """The id it has where it comes from; for imported ones."""
    namespace: str | None = None

    @property
    def evaluated(self) -> bool:
        """Whether Adobe keeps its members up to date; drafts and inactive ones it does not."""
        return (self.lifecycle_state or "").lower() not in _NOT_EXPORTED


def audiences(transport: AdobeTransport) -> Iterator[AudienceRef]:
    """The audiences of the sandbox, page by page.

    Args:
        transport: The way to Adobe.

    Yields:
        Each audience once, by name.

    Raises:
        AdobeInternalError: ``adobe.answer-unreadable``.
    """
    start = 0
    seen: set[str] = set()
    for _ in range(MAX_PAGES):
        params = [("sort", "name:asc"), ("start", str(start)), ("limit", str(_LIMIT))]
        body = json_object(transport.request("GET", AUDIENCES, params=params), place=_PLACE)
        children = body.get("children")
        if not isinstance(children, list):
            raise unreadable(_PLACE, "no list of children")
        found = [_reference(read_model(_Listed, child, place=_PLACE)) for child in children]
        fresh = [audience for audience in found if audience.id not in seen]
        yield from fresh
        seen.update(audience.id for audience in fresh)
        start += len(children)
        # Adobe's samples print offsets for the next page that can't be right: what was received is counted instead.
        if not fresh or not _has_next(body, start, len(children)):
            return
    raise unreadable(_PLACE, f"it has more than {MAX_PAGES:,} pages")


def _reference(listed: _Listed) -> AudienceRef:
    imported = listed.type == _IMPORTED
    return AudienceRef(
        id=listed.id,
        name=listed.name,
        merge_policy_id=listed.merge_policy_id,
        lifecycle_state=listed.lifecycle_state,
        imported=imported,
        external_id=listed.audience_id if imported else None,
        namespace=listed.namespace,
    )


def _has_next(body: JsonObject, start: int, received: int) -> bool:
    page, links = body.get("_page"), body.get("_links")
    total = page.get("totalCount") if isinstance(page, dict) else None
    if isinstance(total, int) and not isinstance(total, bool):
        return start < total
    return received >= _LIMIT or (isinstance(links, dict) and "next" in links)


def resolve_audiences(transport: AdobeTransport, wanted: Sequence[WantedAudience]) -> list[AudienceRef]:
    """The audiences a config means.

    Args:
        transport: The way to Adobe. All audiences are listed: a suggestion for a misspelt name needs them.
        wanted: What the config names, each by id or by name. An imported audience may be named by either of its ids.

    Returns:
        One audience for each wanted, in their order.

    Raises:
        UserError: ``audience.not-found``: names or ids that are not in the list, all at once; ``audience.ambiguous``:
            several audiences bear the name; ``audience.named-twice``: two of `wanted` are the same audience;
            ``audience.not-evaluated``: drafts and inactive ones.
    """
    listed = list(audiences(transport))
    found = [[audience for audience in listed if _is_meant(audience, one)] for one in wanted]
    if unknown := [index for index, matches in enumerate(found) if not matches]:
        raise _not_found(unknown, wanted, listed)
    for index, (one, matches) in enumerate(zip(wanted, found, strict=True)):
        if len(matches) > 1:
            raise UserError(
                f"{len(matches)} audiences bear the name {one.name!r}." if one.name else "Several audiences fit an id.",
                code="audience.ambiguous",
                hint="Name the audience by its id.",
                place=f"audiences[{index}]",
                details=[f"id {audience.id}: {audience.lifecycle_state or 'no state'}" for audience in matches],
            )
    resolved = [matches[0] for matches in found]
    _refuse_twice(resolved)
    _refuse_unevaluated(resolved)
    return resolved


def _is_meant(audience: AudienceRef, one: WantedAudience) -> bool:
    return one.id in (audience.id, audience.external_id) if one.id is not None else audience.name == one.name


def _not_found(unknown: Sequence[int], wanted: Sequence[WantedAudience], listed: Sequence[AudienceRef]) -> UserError:
    names = ", ".join(repr(wanted[index].id or wanted[index].name) for index in unknown)
    count = "This audience is" if len(unknown) == 1 else f"{len(unknown)} audiences are"
    first = unknown[0]
    return UserError(
        f"{count} not among the {len(listed)} that this credential sees: {names}."
        if listed
        else f"This credential sees no audience at all in this sandbox; asked for: {names}.",
        code="audience.not-found",
        hint="Check spelling and sandbox. The credential needs View Segments, and access labels may hide an audience.",
        place=f"audiences[{first}].{'name' if wanted[first].id is None else 'id'}",
        details=[_unknown_line(wanted[index], listed) for index in unknown],
    )


def _unknown_line(one: WantedAudience, listed: Sequence[AudienceRef]) -> str:
    asked = one.id or one.name or ""
    line = f"{'id' if one.id else 'name'} {asked!r}"
    by_folded = {(audience.id if one.id else audience.name).casefold(): audience for audience in listed}
    close = get_close_matches(asked.casefold(), by_folded, n=1, cutoff=0.6)
    if not close:
        return line
    nearest = by_folded[close[0]]
    return f"{line}: did you mean {nearest.name!r} (id {nearest.id})?"


def _refuse_twice(resolved: Sequence[AudienceRef]) -> None:
    ids = [audience.id for audience in resolved]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise UserError(
            "An audience is named twice.",
            code="audience.named-twice",
            hint="List every audience once; an id and a name may mean the same one.",
            place="audiences",
            details=[f"id {one}" for one in twice],
        )


def _refuse_unevaluated(resolved: Sequence[AudienceRef]) -> None:
    if idle := [index for index, audience in enumerate(resolved) if not audience.evaluated]:
        raise UserError(
            "Adobe does not evaluate an audience that is to be exported: its members are not kept up to date.",
            code="audience.not-evaluated",
            hint="Publish it in Experience Platform, or take it out of the delivery.",
            place=f"audiences[{idle[0]}]",
            details=[f"{resolved[index].name!r} is {resolved[index].lifecycle_state}" for index in idle],
        )
