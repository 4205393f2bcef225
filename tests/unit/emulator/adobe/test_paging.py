from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.adobe import paging
from emulator.adobe.http import Call
from emulator.adobe.problems import Problem

from .conftest import Adobe


def call(**params: object) -> Call:
    return Call("GET", "/x", tuple((name, str(value)) for name, value in params.items()))


@given(count=st.integers(0, 250), limit=st.integers(1, 100))
def test_following_the_tokens_finds_every_item_once(count: int, limit: int) -> None:
    items = [{"id": f"id-{number}"} for number in range(count)]
    found, token = [], None
    while True:
        wanted = call(limit=limit) if token is None else call(limit=limit, continuationToken=token)
        body = paging.listing("flows", items, wanted).body
        found += body["items"]
        if not body["_links"]:
            break
        href = body["_links"]["next"]["href"]
        assert href.startswith("/flows?continuationToken=")
        token = parse_qs(urlsplit(href).query)["continuationToken"][0]
        assert token.endswith("=")
    assert found == items


def test_a_token_survives_a_removal_before_it() -> None:
    items = [{"id": str(number)} for number in range(10)]
    token = paging.make_token("flows", 5, "4")
    assert paging.listing("flows", items[2:], call(continuationToken=token)).body["items"] == items[5:]


@pytest.mark.parametrize("token", ["nonsense", "bm9uc2Vuc2U=", "\N{SNOWMAN}", paging.make_token("runs", 1, "x")])
def test_a_foreign_token_is_refused(token: str) -> None:
    with pytest.raises(Problem) as raised:
        paging.listing("flows", [], call(continuationToken=token))
    assert raised.value.status == 400


@pytest.mark.parametrize("limit", [0, 101, -1, "x", "1.5"])
def test_the_limit_is_between_1_and_100(limit: object) -> None:
    with pytest.raises(Problem) as raised:
        paging.listing("flows", [], call(limit=limit))
    assert raised.value.status == 400


def test_count_alone_counts_after_filters_and_with_limit_it_is_refused() -> None:
    items = [{"id": "a"}, {"id": "b"}]
    assert paging.listing("flows", items, call(count="true", property="id==a")).body == {"count": 1}
    with pytest.raises(Problem) as raised:
        paging.listing("flows", items, call(count="true", limit=5))
    assert raised.value.reply.body["type"].endswith("FLOW-1401-400")


@given(count=st.integers(0, 300), limit=st.integers(1, 100))
def test_t21_offset_pages_hold_all_items_though_some_are_short(count: int, limit: int) -> None:
    items = [{"id": number} for number in range(count)]
    found: list[object] = []
    while True:
        body = paging.configs(items, call(start=len(found), limit=limit)).body
        info = body["pageInfo"]
        assert len(body["items"]) <= limit
        assert (info["start"], info["total"]) == (len(found), count)
        found += body["items"]
        if not info["hasNext"]:
            break
        assert info["end"] + 1 == len(found)
    assert found == items


def test_a_page_shorter_than_its_limit_may_have_a_next() -> None:
    body = paging.configs([{"id": number} for number in range(149)], call(start=0, limit=20)).body
    assert len(body["items"]) < 20
    assert body["pageInfo"]["hasNext"]


def test_t22_configs_need_the_lakes_spec_and_both_outputs(adobe: Adobe) -> None:
    path = "/connectionSpecs/23598e46-f560-407b-88d5-ea6207e49db0/configs"
    params = {"outputType": "activationDatasets", "outputField": "datasets"}
    assert [item["name"] for item in adobe.get(path, params=params).json()["items"]] == ["Planes"]
    assert adobe.get(path, params={"outputType": "activationDatasets"}).status_code == 400
    landing_zone = "/connectionSpecs/10440537-2a7b-4583-ac39-ed38d4b848e8/configs"
    assert adobe.get(landing_zone, params=params).status_code == 400
    assert adobe.get(path, params={**params, "limit": 101}).status_code == 400


def test_filters_are_not_part_of_the_next_address(adobe: Adobe) -> None:
    for number in range(3):
        adobe.base(f"name-{number % 2}")
    body = adobe.get("/connections", params={"property": "name==name-0", "limit": 1}).json()
    assert len(body["items"]) == 1
    following = adobe.get(body["_links"]["next"]["href"]).json()
    assert [item["name"] for item in following["items"]] == ["name-1", "name-0"]
