from __future__ import annotations

from typing import Any

import pytest

from .activation import (
    DAY,
    GOLD,
    HOUR,
    READERS,
    SPENDERS,
    activate,
    files,
    full,
    rows,
    schedule,
    selector,
    write_profiles,
)
from .conftest import Adobe

PATH = "/data/core/activation/disflowprovider/adhocrun"
VERSION_2 = "application/vnd.adobe.adhoc.activation+json; version=2"
VERSION_1 = "application/vnd.adobe.adhoc.activation+json; version=1"
LATE = schedule(startTime="23:00")


def export_now(adobe: Adobe, flow: str, *audiences: str, accept: str = VERSION_2, **body: Any) -> Any:
    return adobe.post(PATH, {"activationInfo": {flow: list(audiences)}, **body}, headers={"Accept": accept})


@pytest.fixture
def adobe(adobe: Adobe) -> Adobe:
    write_profiles(adobe.lake)
    return adobe


def test_audiences_are_exported_now(adobe: Adobe, s3: Any) -> None:
    flow = activate(
        adobe, selector(GOLD, times=LATE), full(READERS, schedule(triggerType="SCHEDULED", startTime="23:00"))
    )
    adobe.advance(HOUR)
    answer = export_now(adobe, flow, GOLD, READERS)
    assert answer.status_code == 200, answer.text
    (run,) = adobe.finished_runs(flow)
    url = f"{adobe.emulator.base_url}/data/foundation/flowservice/runs/{run['id']}"
    orders = [{"segment": audience, "order": flow, "statusURL": url} for audience in (GOLD, READERS)]
    assert answer.json() == {"order": orders}
    assert [len(rows(s3, key)) for key in files(s3)] == [3, 2]


def test_a_snapshot_leaves_the_schedule_alone(adobe: Adobe, s3: Any) -> None:
    flow = activate(adobe, selector(GOLD, times=LATE))
    adobe.advance(HOUR)
    export_now(adobe, flow, GOLD)
    adobe.finished_runs(flow)
    adobe.advance(DAY)
    runs = adobe.finished_runs(flow, 2)
    assert [run["metrics"]["recordSummary"]["outputRecordCount"] for run in runs] == [3, 3]


def test_audiences_of_two_merge_policies_make_two_runs(adobe: Adobe, s3: Any) -> None:
    flow = activate(adobe, selector(GOLD, times=LATE), selector(SPENDERS, times=LATE))
    adobe.advance(HOUR)
    orders = export_now(adobe, flow, GOLD, SPENDERS).json()["order"]
    assert len({order["statusURL"] for order in orders}) == 2
    assert len(adobe.finished_runs(flow, 2)) == 2


def test_t80_one_run_at_a_time_for_an_audience(adobe: Adobe, s3: Any) -> None:
    flow = activate(adobe, selector(GOLD, times=LATE), selector(READERS, times=LATE))
    adobe.advance(HOUR)
    adobe.post("/_emulator/run-faults", {"outcome": "stall"})
    assert export_now(adobe, flow, GOLD).status_code == 200
    (run,) = adobe.get("/runs").json()["items"]
    answer = export_now(adobe, flow, GOLD, READERS)
    expected = f"Run already going on for audience {GOLD} for order {flow} with run id {run['id']}"
    assert (answer.status_code, answer.json()) == (400, {"message": expected})
    assert export_now(adobe, flow, READERS).status_code == 200


def test_t80_audiences_outside_of_the_schedule(adobe: Adobe, s3: Any) -> None:
    refusal = {"message": "Segments Loyalty Gold are not part of this dataflow or out of schedule range!"}
    flow = activate(adobe, selector(GOLD, times=LATE))
    assert export_now(adobe, flow, GOLD).json() == refusal  # an hour must pass first
    adobe.advance(HOUR)
    assert "Segments Readers/US, nobody are not" in export_now(adobe, flow, READERS, "nobody").json()["message"]
    adobe.post(f"/flows/{flow}/action?op=disable")
    adobe.advance(10)
    assert export_now(adobe, flow, GOLD).json() == refusal
    adobe.post(f"/flows/{flow}/action?op=enable")
    adobe.advance(10)
    assert export_now(adobe, flow, GOLD).status_code == 200
    adobe.advance(10 * DAY)
    adobe.finished_runs(flow, 11)
    assert export_now(adobe, flow, GOLD).json() == refusal


def test_a_schedule_that_begins_tomorrow_is_out_of_range(adobe: Adobe) -> None:
    flow = activate(adobe, selector(GOLD, times=schedule(startDate="2027-01-02")))
    adobe.advance(HOUR)
    assert "out of schedule range" in export_now(adobe, flow, GOLD).json()["message"]


@pytest.mark.parametrize("accept", [VERSION_1, "application/json", "*/*"])
def test_version_1_needs_the_latest_export_job(adobe: Adobe, s3: Any, accept: str) -> None:
    flow = activate(adobe, selector(GOLD, times=LATE))
    adobe.advance(HOUR)
    assert export_now(adobe, flow, GOLD, accept=accept).status_code == 400
    assert export_now(adobe, flow, GOLD, accept=accept, exportIds=["nobody"]).status_code == 400
    jobs = adobe.get("/data/core/ups/export/jobs").json()["records"]
    assert export_now(adobe, flow, GOLD, accept=accept, exportIds=[jobs[0]["id"]]).status_code == 200


def test_eighty_audiences_are_the_most(adobe: Adobe) -> None:
    flow = activate(adobe, selector(GOLD, times=LATE))
    assert "up to 80" in export_now(adobe, flow, *map(str, range(81))).json()["message"]
    assert "out of schedule range" in export_now(adobe, flow, *map(str, range(80))).json()["message"]


@pytest.mark.parametrize("info", [None, {}, [], {"flow": []}, {"flow": "all"}, {"flow": [1]}])
def test_other_bodies_are_refused_in_the_plain_shape(adobe: Adobe, info: object) -> None:
    answer = adobe.post(PATH, {"activationInfo": info}, headers={"Accept": VERSION_2})
    assert answer.status_code == 400
    assert set(answer.json()) == {"message"}


def test_strangers_and_dataset_flows_are_refused(adobe: Adobe) -> None:
    assert export_now(adobe, "nobody", GOLD).status_code == 404
    assert "does not export audiences" in export_now(adobe, adobe.flow(), GOLD).json()["message"]
