from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from .activation import GOLD, READERS, write_profiles
from .conftest import SECRET_KEY, Adobe, token_form

NAME = {"name": "n", "connectionSpec": {"id": "10440537-2a7b-4583-ac39-ed38d4b848e8", "version": "1.0"}}


def plant(adobe: Adobe, **fault: Any) -> None:
    answer = adobe.post("/_emulator/faults", fault)
    assert answer.status_code == 201, answer.text


def connections(adobe: Adobe) -> int:
    return adobe.get("/connections", params={"count": "true"}).json()["count"]


def test_a_lost_answer_leaves_its_effect(adobe: Adobe) -> None:
    plant(adobe, method="POST", path="/connections$", action={"type": "lose-answer"})
    with pytest.raises(httpx.RemoteProtocolError):
        adobe.post("/connections", NAME)
    assert connections(adobe) == 1
    assert adobe.requests()[-2]["status"] is None
    assert adobe.post("/connections", NAME).status_code == 201


def test_a_dropped_request_has_no_effect(adobe: Adobe) -> None:
    plant(adobe, method="POST", path="/connections$", action={"type": "drop"})
    with pytest.raises(httpx.RemoteProtocolError):
        adobe.post("/connections", NAME)
    assert connections(adobe) == 0


def test_t07_a_planted_answer_comes_instead_of_the_service(adobe: Adobe) -> None:
    action = {"type": "respond", "status": 429, "headers": {"Retry-After": "7"}, "body": {"message": "slow down"}}
    plant(adobe, path="flowservice/connections", nth=2, times=2, action=action)
    answers = [adobe.get("/connections") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 429, 429, 200]
    assert answers[1].headers["retry-after"] == "7"


def test_t11_a_planted_answer_may_be_html_or_nothing(adobe: Adobe) -> None:
    actions = [
        {"type": "respond", "status": 502, "body": "<html>Bad gateway</html>"},
        {"type": "pass"},
        {"type": "respond", "status": 503},
    ]
    plant(adobe, path="/flows", times=None, rotate=actions)
    answers = [adobe.get("/flows") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [502, 200, 503, 502]
    assert answers[0].headers["content-type"].startswith("text/html")
    assert answers[2].content == b""


def test_a_delay_is_wall_time(adobe: Adobe) -> None:
    plant(adobe, path="/flows", action={"type": "delay", "seconds": 0.05})
    before = time.monotonic()
    assert adobe.get("/flows").status_code == 200
    assert time.monotonic() - before >= 0.05


def test_the_query_is_part_of_what_matches(adobe: Adobe) -> None:
    plant(adobe, path=r"/runs\?.*flowId==x", action={"type": "respond", "status": 500})
    assert adobe.get("/runs").status_code == 200
    assert adobe.get("/runs", params={"property": "flowId==x"}).status_code == 500


def test_faults_are_shown_and_cleared(adobe: Adobe) -> None:
    plant(adobe, path="/flows", times=None, action={"type": "drop"})
    assert [fault["path"] for fault in adobe.get("/_emulator/faults").json()["faults"]] == ["/flows"]
    assert adobe.call("DELETE", "/_emulator/faults").status_code == 204
    assert adobe.get("/flows").status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        {"action": {"type": "explode"}},
        {"action": {"type": "respond"}},
        {"path": "(", "action": {"type": "drop"}},
        {"nth": 0, "action": {"type": "drop"}},
        {"times": 0, "action": {"type": "drop"}},
        {"rotate": []},
        {"pth": "x", "action": {"type": "drop"}},
        {"action": {"type": "delay", "seconds": 1000}},
        {},
    ],
)
def test_an_impossible_fault_is_refused(adobe: Adobe, fault: dict[str, Any]) -> None:
    answer = adobe.post("/_emulator/faults", fault)
    assert (answer.status_code, set(answer.json())) == (400, {"message"})


def test_the_clock_is_shown_set_advanced_and_paced(adobe: Adobe) -> None:
    assert adobe.get("/_emulator/clock").json() == {"now": "2027-01-01T00:00:00.000Z", "speed": 0.0}
    moved = adobe.post("/_emulator/clock", {"set": "2027-06-01T12:00:00+02:00", "advance": 1.5}).json()
    assert moved["now"] == "2027-06-01T10:00:01.500Z"
    assert adobe.post("/_emulator/clock", {"speed": 2}).json()["speed"] == 2.0
    for wrong in ({"set": "soon"}, {"advance": "x"}, {"speed": -1}, {"sped": 1}, {"advance": 1e30}):
        assert adobe.post("/_emulator/clock", wrong).status_code == 400


def test_t02_the_request_log_holds_no_secret(adobe: Adobe) -> None:
    base = adobe.base()
    value = {"s3AccessKey": "A" * 20, "s3SecretKey": SECRET_KEY}
    adobe.patch(f"/connections/{base}", [{"op": "replace", "path": "/auth/params", "value": value}], '"x"')
    adobe.post("/connections", "not an object with " + SECRET_KEY[:0])
    text = adobe.get("/_emulator/requests").text
    assert SECRET_KEY not in text
    assert token_form()["client_secret"] not in text
    assert adobe.headers["Authorization"].removeprefix("Bearer ") not in text
    first, second, *_ = adobe.requests()
    assert (first["path"], first["status"], first["sandbox"]) == ("/ims/token/v3", 200, None)
    assert (second["method"], second["status"], second["sandbox"]) == ("POST", 201, "prod")
    assert second["body"]["auth"] == {"specName": "Access Key", "params": "<redacted>"}
    assert second["time"] == "2027-01-01T00:00:00.000Z"
    assert adobe.call("DELETE", "/_emulator/requests").status_code == 204
    assert adobe.requests() == []


def test_entities_are_shown_by_sandbox_without_secrets(adobe: Adobe) -> None:
    adobe.base()
    answer = adobe.get("/_emulator/entities")
    assert SECRET_KEY not in answer.text
    shown = answer.json()["sandboxes"]
    assert shown["prod"]["connections"]["count"] == 1
    assert shown["dev"]["connections"] == {"count": 0, "items": []}
    assert list(adobe.get("/_emulator/entities?sandbox=dev").json()["sandboxes"]) == ["dev"]


def test_a_person_can_change_something_behind_the_clients_back(adobe: Adobe) -> None:
    base = adobe.base()
    etag = adobe.item(f"/connections/{base}")["etag"]
    patch = [{"op": "replace", "path": "/name", "value": "renamed"}]
    edit = {"sandbox": "prod", "kind": "connections", "id": base, "patch": patch}
    assert adobe.post("/_emulator/entities/edit", edit).json()["name"] == "renamed"
    item = adobe.item(f"/connections/{base}")
    assert (item["name"], item["updatedBy"]) == ("renamed", "a.person@example.com")
    assert item["etag"] != etag
    assert adobe.post("/_emulator/entities/edit", {**edit, "sandbox": "dev"}).status_code == 404
    del edit["patch"]
    assert adobe.post("/_emulator/entities/edit", {**edit, "state": "disabled"}).json()["state"] == "disabled"
    assert adobe.post("/_emulator/entities/edit", {**edit, "delete": True}).status_code == 204
    assert adobe.get(f"/connections/{base}").status_code == 404
    assert adobe.post("/_emulator/entities/edit", {**edit, "kind": "runs"}).status_code == 400


def test_unknown_control_calls_are_refused(adobe: Adobe) -> None:
    assert adobe.get("/_emulator/health").json() == {"status": "ok"}
    assert adobe.get("/_emulator/nothing").status_code == 404
    assert adobe.call("POST", "/_emulator/clock", content=b"{").status_code == 400
    assert adobe.post("/_emulator/clock", []).status_code == 400
    assert adobe.post("/_emulator/run-faults", {"outcome": "x"}).status_code == 400
    assert adobe.call("DELETE", "/_emulator/run-faults").status_code == 204


def test_memberships_change_by_hand(adobe: Adobe) -> None:
    write_profiles(adobe.lake)
    adobe.get("/runs")
    change = {"identity": {"CRMID": "C-4"}, "set": {"loyalty.tier": "gold"}}
    assert adobe.post("/_emulator/profiles", change).json() == {"changed": 1}
    memberships = adobe.get("/_emulator/memberships", params={"audience": GOLD})
    assert memberships.json() == {"memberships": {GOLD: {"realized": 3}}}
    adobe.advance(1)
    job = adobe.post("/_emulator/segmentation")
    assert (job.status_code, job.json()["source"]) == (201, "scheduler")
    adobe.post("/_emulator/profiles", {"identity": {"CRMID": "C-1"}, "set": {"loyalty.tier": None}})
    adobe.post("/_emulator/segmentation")
    found = adobe.get("/_emulator/memberships").json()["memberships"]
    assert found[GOLD] == {"existing": 3, "exited": 1}
    assert found[READERS] == {"existing": 2}


@pytest.mark.parametrize(
    "body", [{}, {"identity": {"Email": "x"}}, {"identity": {}, "set": {}}, {"identity": {"Email": "x"}, "set": "gold"}]
)
def test_a_change_by_hand_must_be_whole(adobe: Adobe, body: object) -> None:
    assert adobe.post("/_emulator/profiles", body).status_code == 400
