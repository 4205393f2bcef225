from __future__ import annotations

from dataclasses import dataclass

import httpx
import pytest

from aep_delivery.adobe.audiences import AudienceRef, audiences, resolve_audiences
from aep_delivery.adobe.errors import AdobeInternalError
from aep_delivery.adobe.paging import MAX_PAGES
from aep_delivery.adobe.transport import AdobeTransport
from aep_delivery.runtime.errors import UserError
from tests.unit.adobe.scripted import ScriptedAdobe


@dataclass
class Wanted:
    id: str | None = None
    name: str | None = None


def listed(audience_id: str, name: str | None = None, **more: object) -> dict[str, object]:
    usual = {
        "id": audience_id,
        "audienceId": audience_id,
        "name": name or f"Audience {audience_id}",
        "mergePolicyId": "m1",
        "type": "SegmentDefinition",
        "lifecycleState": "published",
        "namespace": "AEPSegments",
    }
    return {**usual, **more}


def page(*children: dict[str, object], total: int | None = None, following: bool = False) -> httpx.Response:
    # As Adobe's documentation prints it: texts for numbers, and a next offset that is none.
    info: dict[str, object] = {"pageSize": len(children), "start": "0"}
    if total is not None:
        info |= {"totalCount": total, "next": "1"}
    links = {"next": {"href": "@/audiences?start=1&limit=2&totalCount=111"}} if following else {}
    return httpx.Response(200, json={"children": list(children), "_page": info, "_links": links})


def test_all_pages_are_read_by_what_was_received(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [
        page(listed("a"), listed("b"), total=3, following=True),
        page(listed("c"), total=3, following=True),
    ]

    assert [audience.id for audience in audiences(transport)] == ["a", "b", "c"]
    assert [call.url.params["start"] for call in adobe.calls] == ["0", "2"]
    assert {call.url.path for call in adobe.calls} == {"/data/core/ups/audiences"}


def test_without_a_total_a_link_says_that_there_is_more(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [page(listed("a"), following=True), page(listed("b"))]

    assert [audience.id for audience in audiences(transport)] == ["a", "b"]


@pytest.mark.parametrize("last", [page(total=9, following=True), page(listed("a"), total=9, following=True)])
def test_a_page_that_brings_nothing_new_is_the_last(
    transport: AdobeTransport, adobe: ScriptedAdobe, last: httpx.Response
) -> None:
    adobe.script = [page(listed("a"), total=9, following=True), last]

    assert [audience.id for audience in audiences(transport)] == ["a"]


def test_an_answer_without_children_is_unreadable(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(200, json={"segments": []})]

    with pytest.raises(AdobeInternalError) as caught:
        list(audiences(transport))

    assert caught.value.code == "adobe.answer-unreadable"


def test_names_and_ids_are_resolved_in_their_order(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    imported = listed("c", "From elsewhere", type="ExternalSegment", audienceId="crm-7", mergePolicyId=None)
    adobe.script = [page(listed("a"), listed("b", "Loyalty gold", mergePolicyId="m2"), imported, total=3)]

    found = resolve_audiences(transport, [Wanted(name="Loyalty gold"), Wanted(id="crm-7"), Wanted(id="a")])

    assert [audience.id for audience in found] == ["b", "c", "a"]
    assert found[0] == AudienceRef(
        id="b", name="Loyalty gold", merge_policy_id="m2", lifecycle_state="published", namespace="AEPSegments"
    )
    assert (found[1].imported, found[1].external_id, found[1].merge_policy_id) == (True, "crm-7", None)


def test_an_ambiguous_name_is_refused_with_the_ids(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [page(listed("a", "Gold"), listed("b", "Gold", lifecycleState="draft"), total=2)]

    with pytest.raises(UserError) as caught:
        resolve_audiences(transport, [Wanted(name="Gold")])

    assert caught.value.code == "audience.ambiguous"
    assert caught.value.place == "audiences[0]"
    assert caught.value.details == ["id a: published", "id b: draft"]


def test_all_that_is_not_there_is_told_at_once(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [page(listed("9f7d37fd", "Loyalty gold"), total=1)]

    with pytest.raises(UserError) as caught:
        resolve_audiences(
            transport, [Wanted(id="9f7d37fd"), Wanted(name="loyalty Gold"), Wanted(id="9f7d37fe"), Wanted(name="xyz")]
        )

    assert caught.value.code == "audience.not-found"
    assert caught.value.place == "audiences[1].name"
    assert caught.value.details == [
        "name 'loyalty Gold': did you mean 'Loyalty gold' (id 9f7d37fd)?",
        "id '9f7d37fe': did you mean 'Loyalty gold' (id 9f7d37fd)?",
        "name 'xyz'",
    ]


def test_a_sandbox_without_audiences_is_told_apart(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [page(total=0)]

    with pytest.raises(UserError, match="no audience at all"):
        resolve_audiences(transport, [Wanted(name="Gold")])


def test_an_id_and_a_name_of_the_same_audience_are_one_too_many(
    transport: AdobeTransport, adobe: ScriptedAdobe
) -> None:
    adobe.script = [page(listed("a", "Gold"), total=1)]

    with pytest.raises(UserError) as caught:
        resolve_audiences(transport, [Wanted(name="Gold"), Wanted(id="a")])

    assert caught.value.code == "audience.named-twice"


@pytest.mark.parametrize("state", ["draft", "Inactive"])
def test_what_adobe_does_not_evaluate_is_refused(transport: AdobeTransport, adobe: ScriptedAdobe, state: str) -> None:
    adobe.script = [page(listed("a"), listed("b", "Gold", lifecycleState=state), total=2)]

    with pytest.raises(UserError) as caught:
        resolve_audiences(transport, [Wanted(id="a"), Wanted(id="b")])

    assert caught.value.code == "audience.not-evaluated"
    assert caught.value.place == "audiences[1]"
    assert caught.value.details == [f"'Gold' is {state}"]


def test_pages_without_end_end(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [page(listed(f"a{number}"), total=10**9) for number in range(MAX_PAGES + 1)]

    with pytest.raises(AdobeInternalError, match="more than 1,000 pages"):
        list(audiences(transport))
