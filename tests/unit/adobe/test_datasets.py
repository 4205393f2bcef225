from __future__ import annotations

from dataclasses import dataclass

import httpx
import pytest

from aep_delivery.adobe.datasets import exportable_datasets, resolve_datasets
from aep_delivery.adobe.errors import AdobeInternalError
from aep_delivery.adobe.models import ExportableDataset
from aep_delivery.adobe.paging import MAX_PAGES
from aep_delivery.adobe.transport import AdobeTransport
from aep_delivery.runtime.errors import UserError
from tests.unit.adobe.scripted import ScriptedAdobe


def listing(ids: range, *, has_next: bool | None = None, total: int = 149) -> httpx.Response:
    items = [{"id": f"d{number}", "name": f"Dataset {number}"} for number in ids]
    info = (
        {}
        if has_next is None
        else {"pageInfo": {"start": ids.start, "end": ids.stop - 1, "total": total, "hasNext": has_next}}
    )
    return httpx.Response(200, json={"items": items} | info)


def starts(adobe: ScriptedAdobe) -> list[str]:
    return [call.url.params["start"] for call in adobe.calls]


def test_t21_start_grows_by_what_was_received(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [
        listing(range(5), has_next=True),
        listing(range(5, 25), has_next=True),
        listing(range(25, 30), has_next=False),
    ]

    found = list(exportable_datasets(transport))

    assert [dataset.id for dataset in found] == [f"d{number}" for number in range(30)]
    assert starts(adobe) == ["0", "5", "25"]


def test_t21_an_empty_page_ends_the_list(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [listing(range(5), has_next=True), listing(range(0), has_next=True)]

    assert len(list(exportable_datasets(transport))) == 5


def test_t21_a_page_that_repeats_itself_ends_the_list(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [listing(range(5), has_next=True) for _ in range(9)]

    assert len(list(exportable_datasets(transport))) == 5
    assert len(adobe.calls) == 2


def test_t21_without_page_info_a_short_page_is_the_last(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [listing(range(100)), listing(range(100, 103))]

    assert len(list(exportable_datasets(transport))) == 103


def test_t22_the_data_lake_is_asked_and_both_output_parameters_are_set(
    transport: AdobeTransport, adobe: ScriptedAdobe
) -> None:
    adobe.script = [listing(range(1), has_next=False)]

    list(exportable_datasets(transport))

    url = adobe.calls[0].url
    assert url.path == "/data/foundation/flowservice/connectionSpecs/23598e46-f560-407b-88d5-ea6207e49db0/configs"
    assert url.params["outputType"] == "activationDatasets"
    assert url.params["outputField"] == "datasets"
    assert int(url.params["limit"]) <= 100


@dataclass(frozen=True)
class Wanted:
    id: str | None = None
    name: str | None = None


AVAILABLE = [
    ExportableDataset(id="d1", name="Flights 2013"),
    ExportableDataset(id="d2", name="Profiles"),
    ExportableDataset(id="d3", name="Twin"),
    ExportableDataset(id="d4", name="Twin"),
]


def test_datasets_are_found_by_id_or_name_in_the_order_asked() -> None:
    found = resolve_datasets(iter(AVAILABLE), [Wanted(id="d4"), Wanted(name="Flights 2013")])

    assert [dataset.id for dataset in found] == ["d4", "d1"]


@pytest.mark.parametrize(
    ("wanted", "suggestion"),
    [
        (Wanted(name="flights 2013"), "did you mean 'Flights 2013' (id d1)?"),
        (Wanted(name="Flihgts 2013"), "did you mean 'Flights 2013' (id d1)?"),
        (Wanted(id="D2"), "did you mean 'Profiles' (id d2)?"),
        (Wanted(name="entirely different"), None),
    ],
)
def test_t64_an_unknown_dataset_is_named_with_a_suggestion(wanted: Wanted, suggestion: str | None) -> None:
    with pytest.raises(UserError) as caught:
        resolve_datasets(AVAILABLE, [Wanted(id="d1"), wanted])

    error = caught.value
    assert error.code == "dataset.not-exportable"
    assert repr(wanted.id or wanted.name) in error.message
    assert len(error.details) == 1
    assert error.details[0].endswith(suggestion) if suggestion else "did you mean" not in error.details[0]


def test_all_unknown_datasets_are_named_at_once() -> None:
    with pytest.raises(UserError) as caught:
        resolve_datasets(AVAILABLE, [Wanted(id="nope"), Wanted(name="Nothing")])

    assert len(caught.value.details) == 2


def test_an_ambiguous_name_lists_the_ids() -> None:
    with pytest.raises(UserError) as caught:
        resolve_datasets(AVAILABLE, [Wanted(name="Twin")])

    assert caught.value.code == "dataset.name-ambiguous"
    assert caught.value.details == ["id d3", "id d4"]


def test_an_id_and_a_name_of_the_same_dataset_are_refused() -> None:
    with pytest.raises(UserError) as caught:
        resolve_datasets(AVAILABLE, [Wanted(id="d1"), Wanted(name="Flights 2013")])

    assert caught.value.code == "dataset.named-twice"


def test_pages_without_end_end(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [listing(range(number, number + 1), has_next=True) for number in range(MAX_PAGES + 1)]

    with pytest.raises(AdobeInternalError, match="more than 1,000 pages"):
        list(exportable_datasets(transport))
