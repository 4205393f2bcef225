from __future__ import annotations

from typing import Any

import pytest

from emulator.adobe.audiences import DEFAULT_MERGE_POLICY

from .activation import DAY, GOLD, OTHER_POLICY, READERS, SPENDERS, change, write_profiles
from .conftest import Adobe

UPS = "/data/core/ups"


@pytest.fixture
def adobe(adobe: Adobe) -> Adobe:
    write_profiles(adobe.lake, changes=[change(4, "+1h", loyalty__tier="gold")])
    return adobe


def ids(adobe: Adobe, **params: Any) -> list[str]:
    return [item["id"] for item in adobe.get(f"{UPS}/audiences", params=params).json()["children"]]


def test_an_audience_is_shown_as_adobe_documents_it(adobe: Adobe) -> None:
    body = adobe.get(f"{UPS}/audiences/{SPENDERS}").json()
    assert (body["id"], body["audienceId"], body["name"]) == (SPENDERS, SPENDERS, "Spenders")
    assert (body["type"], body["namespace"], body["lifecycleState"]) == (
        "SegmentDefinition",
        "AEPSegments",
        "published",
    )
    assert body["mergePolicyId"] == OTHER_POLICY
    assert body["expression"] == {"type": "PQL", "format": "pql/text", "value": "loyalty.points >= 1000"}
    assert body["sandbox"]["sandboxName"] == "prod"


def test_a_definition_is_the_same_in_the_older_form(adobe: Adobe) -> None:
    body = adobe.get(f"{UPS}/segment/definitions/{GOLD}").json()
    assert (body["id"], body["mergePolicyId"]) == (GOLD, DEFAULT_MERGE_POLICY)
    assert body["evaluationInfo"]["batch"] == {"enabled": True}
    assert "audienceId" not in body


@pytest.mark.parametrize("path", ["audiences/nobody", "segment/definitions/nobody", "segment/jobs/nobody", "nothing"])
def test_strangers_are_not_found(adobe: Adobe, path: str) -> None:
    assert adobe.get(f"{UPS}/{path}").status_code == 404


def test_audiences_are_found_by_name(adobe: Adobe) -> None:
    assert ids(adobe, property="name==Loyalty Gold") == [GOLD]
    assert ids(adobe, property="name==loyalty gold") == []
    assert ids(adobe, name="LOYALTY") == [GOLD]
    assert ids(adobe, name="e") == [READERS, SPENDERS]
    assert ids(adobe, description="who") == [READERS]
    assert ids(adobe, property=["name==Spenders", f"mergePolicyId=={DEFAULT_MERGE_POLICY}"]) == []
    assert adobe.get(f"{UPS}/audiences", params={"property": "colour==red"}).status_code == 400
    assert adobe.get(f"{UPS}/audiences", params={"property": "name"}).status_code == 400


def test_audiences_come_in_pages(adobe: Adobe) -> None:
    body = adobe.get(f"{UPS}/audiences", params={"limit": 2, "sort": "name:asc"}).json()
    assert [item["name"] for item in body["children"]] == ["Loyalty Gold", "Readers/US"]
    assert body["_page"] == {"totalCount": 3, "pageSize": 2, "next": "2"}
    assert body["_links"]["next"]["href"] == "@/audiences?start=2&limit=2&totalCount=3"
    last = adobe.get(f"{UPS}/audiences", params={"limit": 2, "start": 2, "sort": "name:asc"}).json()
    assert [item["name"] for item in last["children"]] == ["Spenders"]
    assert (last["_page"], last["_links"]) == ({"totalCount": 3, "pageSize": 1}, {})


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 101}, {"start": "x"}, {"sort": "name"}, {"sort": "x:asc"}])
def test_pages_that_do_not_exist_are_refused(adobe: Adobe, params: dict[str, Any]) -> None:
    assert adobe.get(f"{UPS}/audiences", params=params).status_code == 400


def test_definitions_come_in_pages(adobe: Adobe) -> None:
    first = adobe.get(f"{UPS}/segment/definitions", params={"limit": 2, "sort": "name:asc"}).json()
    assert [item["name"] for item in first["segments"]] == ["Loyalty Gold", "Readers/US"]
    assert (first["page"]["totalCount"], first["page"]["totalPages"]) == (3, 2)
    assert first["link"] == {"next": "@/segment/definitions?start=2&limit=2"}
    for more in ({"page": 1}, {"start": 2}):
        last = adobe.get(f"{UPS}/segment/definitions", params={"limit": 2, "sort": "name:asc", **more}).json()
        assert [item["name"] for item in last["segments"]] == ["Spenders"]
        assert last["link"] == {}
    found = adobe.get(f"{UPS}/segment/definitions", params={"property": "name==Spenders"}).json()
    assert [item["id"] for item in found["segments"]] == [SPENDERS]


def test_the_daily_job_is_listed_with_its_counts(adobe: Adobe) -> None:
    adobe.advance(DAY)
    newest, oldest = adobe.get(f"{UPS}/segment/jobs").json()["children"]
    assert [job["status"] for job in (newest, oldest)] == ["SUCCEEDED"] * 2
    counts = newest["metrics"]["segmentedProfileByStatusCounter"][GOLD]
    assert counts == {"realized": 1, "existing": 3, "exited": 0}
    assert newest["metrics"]["segmentedProfileCounter"][GOLD] == 4
    assert adobe.get(f"{UPS}/segment/jobs/{newest['id']}").json() == newest
    exports = adobe.get(f"{UPS}/export/jobs").json()["records"]
    assert [job["properties"]["evaluationJobId"] for job in exports] == [newest["id"], oldest["id"]]


def test_a_job_can_be_asked_for(adobe: Adobe) -> None:
    adobe.advance(7200)
    answer = adobe.post(f"{UPS}/segment/jobs", [{"segmentId": GOLD}])
    assert (answer.status_code, answer.json()["status"]) == (200, "PROCESSING")
    job = adobe.get(f"{UPS}/segment/jobs/{answer.json()['id']}").json()
    assert (job["status"], job["source"]) == ("SUCCEEDED", "api")
    assert [item["segmentId"] for item in job["segments"]] == [GOLD]
    assert len(adobe.get(f"{UPS}/export/jobs").json()["records"]) == 1
    assert adobe.post(f"{UPS}/segment/jobs", [{"segmentId": "nobody"}]).status_code == 404
    assert adobe.post(f"{UPS}/segment/jobs", {}).status_code == 400


def test_a_failed_job_says_why(adobe: Adobe) -> None:
    assert len(adobe.get(f"{UPS}/segment/jobs").json()["children"]) == 1
    (adobe.lake / "_profiles" / "broken.ndjson").write_text("{")
    adobe.advance(DAY)
    job = adobe.get(f"{UPS}/segment/jobs").json()["children"][0]
    assert job["status"] == "FAILED"
    assert "broken.ndjson:1" in job["errors"][0]["message"]
