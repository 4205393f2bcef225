"""The datasets that may be exported, and finding in them what a config names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Protocol

from aep_delivery.adobe.answers import JsonObject, items_of, json_object, read_model, unreadable
from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.endpoints import FLOW_SERVICE
from aep_delivery.adobe.models import ExportableDataset
from aep_delivery.adobe.paging import MAX_PAGES
from aep_delivery.adobe.transport import AdobeTransport
from aep_delivery.runtime.errors import UserError

_LIMIT = 100


class WantedDataset(Protocol):
    """A dataset as a config names it: by one of the two."""

    @property
    def id(self) -> str | None: ...

    @property
    def name(self) -> str | None: ...


def exportable_datasets(transport: AdobeTransport) -> Iterator[ExportableDataset]:
    """The datasets of the sandbox that Adobe lets be exported, page by page.

    Adobe: Export datasets by using the Flow Service API. The list is always asked of the data lake's specification,
    whatever the destination. A page may be shorter than asked for and yet not the last.

    Args:
        transport: The way to Adobe.

    Yields:
        Each dataset once.
    """
    path = f"/connectionSpecs/{load_catalogue().data_lake_spec_id}/configs"
    place = f"GET {path}"
    start = 0
    seen: set[str] = set()
    for _ in range(MAX_PAGES):
        params = [
            ("outputType", "activationDatasets"),
            ("outputField", "datasets"),
            ("start", str(start)),
            ("limit", str(_LIMIT)),
        ]
        body = json_object(transport.request("GET", FLOW_SERVICE + path, params=params), place=place)
        items = items_of(body, place=place)
        fresh = [
            dataset
            for dataset in (read_model(ExportableDataset, item, place=place) for item in items)
            if dataset.id not in seen
        ]
        yield from fresh
        seen.update(dataset.id for dataset in fresh)
        start += len(items)
        # A page that brings nothing new would be asked for again without end.
        if not fresh or not _has_next(body, len(items)):
            return
    raise unreadable(place, f"it has more than {MAX_PAGES:,} pages")


def _has_next(body: JsonObject, received: int) -> bool:
    info = body.get("pageInfo")
    if isinstance(info, dict) and "hasNext" in info:
        return info["hasNext"] is True
    return received >= _LIMIT


def resolve_datasets(
    available: Iterable[ExportableDataset], wanted: Sequence[WantedDataset]
) -> list[ExportableDataset]:
    """The datasets a config means.

    Args:
        available: What may be exported.
        wanted: What the config names, each by id or by name.

    Returns:
        One dataset for each wanted, in their order.

    Raises:
        UserError: ``dataset.not-exportable``: names or ids that are not in the list, all at once;
            ``dataset.name-ambiguous``: several datasets bear the name; ``dataset.named-twice``: two of `wanted` are the
            same dataset.
    """
    listed = list(available)
    found = [[dataset for dataset in listed if _is_meant(dataset, one)] for one in wanted]
    if unknown := {index: wanted[index] for index, matches in enumerate(found) if not matches}:
        raise _not_exportable(unknown, listed)
    for one, matches in zip(wanted, found, strict=True):
        if len(matches) > 1:
            raise UserError(
                f"{len(matches)} datasets bear the name {one.name!r}.",
                code="dataset.name-ambiguous",
                hint="Name the dataset by its id.",
                place="datasets",
                details=[f"id {dataset.id}" for dataset in matches],
            )
    resolved = [matches[0] for matches in found]
    _refuse_twice(resolved)
    return resolved


def _is_meant(dataset: ExportableDataset, one: WantedDataset) -> bool:
    return dataset.id == one.id if one.id is not None else dataset.name == one.name


def _not_exportable(unknown: Mapping[int, WantedDataset], listed: Sequence[ExportableDataset]) -> UserError:
    details = [_unknown_line(one, listed) for one in unknown.values()]
    names = ", ".join(repr(one.id or one.name) for one in unknown.values())
    count = "This dataset is" if len(unknown) == 1 else f"{len(unknown)} datasets are"
    first, one = next(iter(unknown.items()))
    return UserError(
        f"{count} not among the {len(listed)} that Adobe lets this credential export: {names}."
        if listed
        else f"Adobe lets this credential export no dataset at all in this sandbox; asked for: {names}.",
        code="dataset.not-exportable",
        hint="Check spelling and sandbox. Exportable are datasets that the licence covers; profile datasets must be"
        " enabled for Profile, and the credential needs View Datasets.",
        place=f"datasets[{first}].{'name' if one.id is None else 'id'}",
        details=details,
    )


def _unknown_line(one: WantedDataset, listed: Sequence[ExportableDataset]) -> str:
    asked = one.id or one.name or ""
    by_folded = {(dataset.id if one.id else dataset.name).casefold(): dataset for dataset in listed}
    close = get_close_matches(asked.casefold(), by_folded, n=1, cutoff=0.6)
    line = f"{'id' if one.id else 'name'} {asked!r}"
    if not close:
        return line
    nearest = by_folded[close[0]]
    return f"{line}: did you mean {nearest.name!r} (id {nearest.id})?"


def _refuse_twice(resolved: Sequence[ExportableDataset]) -> None:
    ids = [dataset.id for dataset in resolved]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise UserError(
            "A dataset is named twice.",
            code="dataset.named-twice",
            hint="List every dataset once; an id and a name may mean the same one.",
            place="datasets",
            details=[f"id {one}" for one in twice],
        )
